//! What can be typed. Every word here is documentation: `waybill help COMMAND` prints it.
#![expect(clippy::doc_markdown, reason = "these texts are printed as they are")]

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const AFTER: &str = "\
Exit codes: 0 ok · 2 usage · 3 refused (no right, not logged in) · 4 not found · 5 invalid input · 6 unknown outcome \
(ask before sending again) · 1 other
Errors go to stderr as `error: what happened; what to do`, or under --json as one object with code, message, hint, fields.
An ID may be shortened to its first characters (4 or more) as long as only one begins with them; a parcel may also be \
named by its waybill number or as #SEQ.

Environment:
  WAYBILL_DATA        the data folder, if --data is not given
  WAYBILL_PASSWORD    the password for setup, login and people add, instead of a prompt
  WAYBILL_PASSPHRASE  seals the data where the system has no key store
  WAYBILL_KEY_STORE   `off`: do not use the system's key store (servers)
  WAYBILL_PRACTICE    a practice market, if --practice is not given
  WAYBILL_LOG         what the program tells about itself on stderr: warn, info, debug …";

/// Waybill Desk on the command line: authorise a shop, submit an order, the label comes out.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, after_help = AFTER, after_long_help = AFTER)]
pub struct Args {
    /// The data folder [default: WAYBILL_DATA, else the system's usual place]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Answers as JSON, one value a line; errors as one JSON object
    #[arg(long, global = true)]
    pub json: bool,
    /// The folder belongs to the practice market at this address (remembered; a live folder refuses it)
    #[arg(long, global = true, value_name = "URL")]
    pub practice: Option<String>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// First run: makes the owner and logs in
    Setup {
        /// The owner's name; it cannot be changed later
        #[arg(long, value_name = "NAME")]
        owner: String,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
    },
    /// Logs in for later commands (12 hours)
    Login {
        name: String,
        /// The one-time code, for who needs one beside the password; without it, one that comes by text message is sent
        #[arg(long, default_value = "")]
        code: String,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
    },
    /// Certifies your account with the code of its authenticator app
    Certify {
        code: String,
        /// Number of the identity card, where the owner asks for it; it is not kept
        #[arg(long, default_value = "")]
        id_number: String,
    },
    /// Changes your own password; the old one, then the new one are read as for login
    Password,
    /// Ends the session, here and at other terminals
    Logout,
    /// Who is logged in
    Whoami,
    /// People who may log in
    #[command(subcommand)]
    People(People),
    /// Shops' grants and their couriers
    #[command(subcommand)]
    Accounts(Accounts),
    /// Orders: a number is taken and the label printed
    #[command(subcommand)]
    Order(Order),
    /// Gives a waybill number back
    Cancel {
        /// The parcel
        id: String,
    },
    /// Labels sent, or to be sent
    #[command(subcommand)]
    Print(Print),
    /// Label printers
    #[command(subcommand)]
    Printers(Printers),
    /// Which printer an order goes to that names none
    #[command(subcommand)]
    Rules(Rules),
    /// Labels that carriers made: PDF, PNG, GIF, ZPL
    #[command(subcommand)]
    CarrierLabels(CarrierLabels),
    /// Label templates: the program's and the shop's own
    #[command(subcommand)]
    Templates(Templates),
    /// Labels without a desk: a function of their data
    #[command(subcommand)]
    Label(Label),
    /// The action log
    #[command(subcommand)]
    Log(Log),
    /// How long people's data stays, one person's data, an export of everything
    #[command(subcommand)]
    Data(Data),
    /// Backups, the recovery card, restoring on another computer
    #[command(subcommand)]
    Backup(Backup),
    /// The practice market and its printer
    #[command(subcommand)]
    Sandbox(Sandbox),
    /// The whole job on the practice market, from authorization to the label
    Trial(Trial),
}

#[derive(Debug, Subcommand)]
pub enum People {
    /// A new person; the password is read as for login
    Add {
        name: String,
        /// A post of `waybill people posts`: clerk, staff, customer_service … Without one, only the rights ticked
        #[arg(long, visible_alias = "role", default_value = "")]
        post: String,
        /// A right beside those of the post; may be repeated
        #[arg(long = "right", value_name = "RIGHT")]
        rights: Vec<String>,
        /// True name of the person
        #[arg(long, default_value = "")]
        real_name: String,
        #[arg(long, default_value = "")]
        phone: String,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
    },
    /// Proves once, at the first use of people, who you are: with a code, or else the owner's password (read as for login).
    /// Without anything it says which ways are open
    FirstUse {
        /// Sends a code to this phone; it must be the one of your account
        #[arg(long, default_value = "", conflicts_with_all = ["code", "owner"])]
        phone: String,
        /// The code of the text message or of the authenticator app
        #[arg(long, default_value = "", conflicts_with = "owner")]
        code: String,
        /// With the owner's password, where no code is possible
        #[arg(long)]
        owner: bool,
        /// Read the password from the first line of stdin
        #[arg(long, requires = "owner")]
        password_stdin: bool,
    },
    /// How a person logs in: password, totp (and a code of the authenticator app), sms (and a code by text message)
    Method {
        /// Id or login name
        person: String,
        method: String,
    },
    /// A person's badge: prints a new one, takes one that is scanned in, or takes it away
    Badge {
        /// Id or login name
        person: String,
        /// The printer; without it, the default one
        #[arg(long, default_value = "")]
        printer: String,
        /// Read the code of the shop's own badge from the first line of stdin
        #[arg(long, conflicts_with = "remove")]
        own_stdin: bool,
        #[arg(long)]
        remove: bool,
    },
    /// The service that sends codes by text message
    Sms {
        /// Where messages are handed in; the key is the first line of stdin
        #[arg(long, default_value = "")]
        address: String,
        /// No service any more
        #[arg(long, conflicts_with = "address")]
        remove: bool,
    },
    /// Everybody, those who left too
    List,
    /// Posts and what they may do; with a POST and rights, changes it
    Posts {
        /// The post's id; `new` for another one
        post: Option<String>,
        /// Its name, for posts of the shop's own
        #[arg(long, default_value = "", requires = "post")]
        name: String,
        /// What it may do from now on; may be repeated, none = nothing
        #[arg(long = "right", value_name = "RIGHT", requires = "post")]
        rights: Vec<String>,
    },
    /// Says that a person is who the account was made for, in person
    Vouch {
        /// Id or login name
        person: String,
        /// Number of the identity card, where the owner asks for it; it is not kept
        #[arg(long, default_value = "")]
        id_number: String,
    },
    /// Makes a new secret for the person's authenticator app and prints its link, once
    Enrol {
        /// Id or login name
        person: String,
    },
    /// Sets another password; it is read as for login
    Password {
        /// Id or login name
        person: String,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lets a person go: no login any more, the name stays taken, the history stays
    Depart {
        /// Id or login name
        person: String,
        /// Who takes over what is open: id or login name
        #[arg(long, default_value = "")]
        to: String,
    },
    /// Takes a person back; the new password is read as for login
    Restore {
        /// Id or login name
        person: String,
        /// Read the password from the first line of stdin
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Accounts {
    /// Platforms that can be granted, and how answers come home
    Platforms,
    /// Enters the shop's own app of a platform (once, by the owner)
    App {
        platform: String,
        /// App key
        #[arg(long)]
        key: String,
        /// Read the app secret from stdin; without this it is asked for, or (no terminal) the sealed one is kept
        #[arg(long)]
        secret_stdin: bool,
        /// The callback address registered with the platform
        #[arg(long, value_name = "URL", default_value = "")]
        callback: String,
    },
    /// Starts an authorization, prints its link and waits until the shop is known
    Add {
        platform: String,
        /// Finishes an open authorization with the browser's address (or `-`: read it from stdin)
        #[arg(long, value_name = "URL|TEXT")]
        paste: Option<String>,
        /// Which open authorization --paste finishes [default: the newest one of the platform]
        #[arg(long, value_name = "ID", requires = "paste")]
        attempt: Option<String>,
        /// How long to wait; 0 prints the link and leaves
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        wait: u64,
        /// Renews this grant
        #[arg(long, value_name = "GRANT", conflicts_with = "paste")]
        renew: Option<String>,
    },
    /// One authorization
    Attempt { id: String },
    /// Calls an authorization off
    Cancel { id: String },
    /// Says that the shop is the right one: the grant works from then on
    Confirm {
        id: String,
        /// It is not: the grant is given back
        #[arg(long)]
        wrong_shop: bool,
    },
    /// Grants
    List,
    /// Couriers of a grant, read again from the platform
    Couriers { grant: String },
    /// Settlement details of a courier: shows them, or saves a JSON file
    Details {
        /// Courier id or code
        courier: String,
        /// JSON: sender_name, sender_phone, sender_address (number in the courier's list, from 0), payer, payer_contact,
        /// payer_phone, customer_code; `-` = stdin
        file: Option<PathBuf>,
    },
    /// Makes a courier the default: it is charged unless an order names another
    Default { courier: String },
    /// Renews a grant now, where the platform lets it renew itself
    Renew { id: String },
    /// Stops a grant at once; can be undone
    Suspend { id: String },
    /// Undoes suspend
    Resume { id: String },
    /// Ends a suspended grant for good
    Revoke {
        id: String,
        /// The shop's name, typed
        #[arg(long, value_name = "NAME")]
        shop_name: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Order {
    /// Submits one order or many: takes the number, prints the label; one result line each
    Submit(Submit),
    List {
        #[arg(long, value_parser = ["all", "attention", "today"], default_value = "all")]
        filter: String,
        /// Beginning of a waybill number or parcel id
        #[arg(long, default_value = "")]
        search: String,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Only those before this SEQ
        #[arg(long, value_name = "SEQ")]
        before: Option<i64>,
    },
    /// Keeps orders to print later: no number is taken, nothing is charged; one result line each
    Add {
        /// As for submit, with `reference` (the shop's own order number) if wanted, and without sender, courier, printer
        /// and template: those are chosen when they are printed
        file: PathBuf,
        /// Makes adding again safe: the line's number is put behind it
        #[arg(long, value_name = "KEY")]
        submit_key: Option<String>,
    },
    /// Orders that wait to be printed, in the order in which they would be
    Ready,
    /// The buyer wants the money back: the parcel must not leave
    Stop { id: String },
    /// No refund after all
    GoAgain { id: String },
    /// Throws an order that waits away
    Discard { id: String },
    /// One parcel with its numbers, labels and story
    Show { id: String },
    /// Another try after a refusal or a cancelled number
    Retry {
        id: String,
        /// Courier id or code
        #[arg(long)]
        courier: Option<String>,
        /// As for submit
        #[arg(long)]
        submit_key: Option<String>,
    },
    /// Asks the platform about a number nobody knows of
    Ask { id: String },
    /// A person decides that an unknown number does not exist
    Decide {
        /// The attempt (see `order show`), or its parcel
        waybill: String,
        /// Why: with whom it was settled
        #[arg(long)]
        note: String,
    },
}

#[derive(Debug, clap::Args)]
pub struct Submit {
    /// One JSON object, an array, or one object a line; `-` = stdin. Fields: recipient {name, phone, address {province,
    /// city, district, town, detail}}, goods [{name, count}], and if wanted sender, remark, weight_g, courier, printer,
    /// template, submit_key
    pub file: PathBuf,
    /// For orders that name none: courier id or code
    #[arg(long)]
    pub courier: Option<String>,
    /// For orders that name none: printer id or name
    #[arg(long)]
    pub printer: Option<String>,
    /// For orders that name none
    #[arg(long)]
    pub template: Option<String>,
    /// Makes sending again safe: the same key twice is one parcel. Without one, each line of each run is a new parcel.
    /// With several orders, the line's number is put behind it
    #[arg(long, value_name = "KEY")]
    pub submit_key: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Print {
    /// Labels of a parcel, or the newest of all
    List { parcel: Option<String> },
    /// One label
    Show { id: String },
    /// Prints a label once more, marked 补打
    Reprint {
        /// The parcel
        id: String,
        #[arg(long, value_parser = ["jam", "blurred", "lost", "wrong_paper", "doubtful", "other"])]
        reason: String,
        /// Needed for `other`
        #[arg(long, default_value = "")]
        note: String,
        /// Printer id or name
        #[arg(long)]
        printer: Option<String>,
    },
    /// Prints the orders that wait as one batch, and waits until it is through or stops
    Batch {
        /// Only these (parcel id or order number), in this order; none = all that wait
        orders: Vec<String>,
        /// Courier id or code
        #[arg(long)]
        courier: Option<String>,
        /// Printer id or name
        #[arg(long)]
        printer: Option<String>,
        #[arg(long, default_value = "")]
        template: String,
        /// Of these somebody says that they go although there is a twin
        #[arg(long, value_name = "ORDER")]
        despite_twin: Vec<String>,
        /// Only checks: what would be put aside and why
        #[arg(long)]
        check: bool,
        /// Makes starting again safe: the same key twice is one batch
        #[arg(long, value_name = "KEY")]
        submit_key: Option<String>,
    },
    /// Batches, open ones first; or one with its parcels
    Batches { id: Option<String> },
    /// Pauses a batch between two labels
    Pause { id: Option<String> },
    /// Goes on with a batch, and waits until it is through or stops
    Resume {
        id: Option<String>,
        /// The last good label: its number or stamp, or `none`; later ones are printed again
        #[arg(long, value_name = "LABEL", default_value = "")]
        last_good: String,
    },
    /// Ends a batch: what was not printed waits again
    Close { id: Option<String> },
    /// All labels of a batch came out
    AllOut { id: Option<String> },
    /// A person saw the label
    Confirm { id: String },
    /// The label's picture (PNG)
    Picture {
        parcel: String,
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum Printers {
    List,
    /// Sets a printer up
    Add {
        #[arg(long)]
        name: String,
        /// tcp://HOST:9100, cups://QUEUE, ipp://HOST:631/PATH, usb:VID:PID, lp:/dev/usb/lp0, serial:/dev/ttyUSB0?baud=9600,
        /// winspool:NAME, cainiao://127.0.0.1:13528/PRINTER (sealed labels) or file:///FOLDER; `waybill printers find` says
        /// which
        #[arg(long)]
        address: String,
        /// tspl, zpl, epl, cpcl or escpos
        #[arg(long, default_value = "tspl")]
        language: String,
        /// 203 or 300
        #[arg(long, default_value_t = 203)]
        dpi: u32,
        /// Label size in mm
        #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "100x180", value_parser = size)]
        size: (f64, f64),
        /// Gap between labels, or height of the black mark, mm; 0 = continuous
        #[arg(long, value_name = "MM", default_value_t = 2.0)]
        gap: f64,
        /// What tells it where a label ends: gap, mark or continuous
        #[arg(long, default_value = "gap")]
        media: String,
        /// Moves labels to the right and down, tenths of a millimetre
        #[arg(long, value_name = "X,Y", default_value = "0,0", value_parser = offset, allow_hyphen_values = true)]
        offset: (i16, i16),
        /// One of `printers families`; nothing = only the language is known
        #[arg(long, default_value = "")]
        family: String,
        /// Inch per second
        #[arg(long, default_value_t = 4)]
        speed: u8,
        /// 0–15
        #[arg(long, default_value_t = 8)]
        darkness: u8,
        /// Labels go here unless an order names another
        #[arg(long)]
        default: bool,
    },
    Remove {
        id: String,
    },
    /// Prints the test label
    Test {
        id: String,
    },
    /// What the device says of itself
    Status {
        id: String,
    },
    /// Looks at a printer: what is known of it, and what to do
    Doctor {
        id: String,
    },
    /// Moves labels to the right and down, tenths of a millimetre; print the test label after it
    Offset {
        id: String,
        #[arg(value_name = "X,Y", value_parser = offset, allow_hyphen_values = true)]
        offset: (i16, i16),
    },
    /// How dark labels are, 0–15
    Darkness {
        id: String,
        darkness: u8,
    },
    /// Has the printer feed a few labels and measure them
    Calibrate {
        id: String,
    },
    /// The last labels that are, or may be, on paper
    Labels {
        id: String,
    },
    /// Queues of the system's spooler, and printers of the print component
    Queues,
    /// Families that the program knows more of than the language
    Families,
    /// Look for printers at USB, in the spooler, in the network and at the print component
    Find {
        /// How long to look, 1 to 30; a printer plugged in meanwhile is found, too
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=30))]
        seconds: u32,
    },
}

/// `waybill carrier-labels …`
#[derive(Debug, Subcommand)]
pub enum CarrierLabels {
    /// Reads a page for a printer and says what its bars say; prints and keeps nothing
    Look {
        /// PDF, PNG, GIF or ZPL; `-` = stdin
        file: PathBuf,
        #[arg(long, default_value_t = 1)]
        page: u32,
        /// Printer id or name
        #[arg(long)]
        printer: Option<String>,
        /// What the tracking number should be
        #[arg(long, default_value = "")]
        tracking: String,
        /// Where to put a PNG of the dots
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// Prints a page, once; its bars must say the tracking number, if one is given
    Print {
        /// PDF, PNG, GIF or ZPL; `-` = stdin
        file: PathBuf,
        #[arg(long, default_value_t = 1)]
        page: u32,
        /// Printer id or name
        #[arg(long)]
        printer: Option<String>,
        /// What the tracking number should be
        #[arg(long, default_value = "")]
        tracking: String,
        /// Somebody looked at it: it may go though no bars can be read
        #[arg(long)]
        unread: bool,
        /// The same key twice is one label
        #[arg(long)]
        submit_key: Option<String>,
    },
    /// The newest
    List,
    /// One more of a label that was printed
    Reprint {
        /// Its id, or its tracking number
        id: String,
        #[arg(long, value_parser = ["jam", "blurred", "lost", "wrong_paper", "doubtful", "other"])]
        reason: String,
        /// Needed for `other`
        #[arg(long, default_value = "")]
        note: String,
        /// Printer id or name; none = where it was printed last
        #[arg(long)]
        printer: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Templates {
    List,
    /// Its text, to change or to carry elsewhere
    Show {
        /// Template, or TEMPLATE@VERSION
        id: String,
    },
    /// What would be wrong with a text; nothing is kept
    Check {
        /// A file, or - for standard input
        file: PathBuf,
        /// plain, long, goods, rare or reprint
        #[arg(long, default_value = "plain")]
        sample: String,
    },
    /// Keeps a text as a new template, or as the next version of one
    Save {
        /// A file, or - for standard input
        file: PathBuf,
        /// The template that this is the next version of
        #[arg(long, default_value = "")]
        of: String,
    },
    /// Not offered any more; what was printed with it stays
    Remove {
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Rules {
    List,
    /// Adds a rule at the end; what is not given fits any
    Add {
        /// Where its labels go
        printer: String,
        /// Courier's code, as in `couriers`: ZTO, SF …
        #[arg(long, default_value = "")]
        courier: String,
        /// Template, as in `label templates`
        #[arg(long, default_value = "")]
        template: String,
        /// Where the person stands
        #[arg(long, default_value = "")]
        station: String,
        /// May take the printer's place when it certainly cannot print
        #[arg(long, value_name = "PRINTER", default_value = "")]
        stand_in: String,
    },
    /// Takes a rule out
    Remove {
        /// From 1, as listed
        rule: usize,
    },
    /// Gives a rule another place
    Move {
        rule: usize,
        to: usize,
    },
    /// Which printer would it be, and why; nothing is printed
    Try {
        #[arg(long, default_value = "")]
        courier: String,
        #[arg(long, default_value = "")]
        template: String,
        #[arg(long, default_value = "")]
        station: String,
    },
}

/// `100x180`, also with `×`.
fn size(text: &str) -> Result<(f64, f64), String> {
    let wrong = || "write width and height in mm, as in 100x180".to_owned();
    let (w, h) = text.split_once(['x', 'X', '×', '*']).ok_or_else(wrong)?;
    match (w.trim().parse::<f64>(), h.trim().parse::<f64>()) {
        (Ok(w), Ok(h)) if w.is_finite() && h.is_finite() => Ok((w, h)),
        _ => Err(wrong()),
    }
}

fn offset(text: &str) -> Result<(i16, i16), String> {
    let wrong = || "write two whole numbers, as in 5,-12".to_owned();
    let (x, y) = text.split_once(',').ok_or_else(wrong)?;
    x.trim().parse().ok().zip(y.trim().parse().ok()).ok_or_else(wrong)
}

#[derive(Debug, Subcommand)]
pub enum Label {
    /// Draws a label
    Render(Render),
    /// Names and sizes
    Templates,
    /// JSON Schema of the data
    Schema,
}

#[derive(Debug, clap::Args)]
pub struct Render {
    /// See `label templates`
    #[arg(long)]
    pub template: String,
    /// JSON as `label schema` says; `-` = stdin
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    #[arg(long, default_value = "203", value_parser = ["203", "300", "600"])]
    pub dpi: String,
    #[arg(long)]
    pub to: To,
    /// `-` = stdout, if that is not a terminal
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum To {
    /// A picture of the printer's dots
    Png,
    /// The label's exact size
    Pdf,
    /// TSC, Gprinter, Xprinter, HPRT …
    Tspl,
    /// Zebra and emulations
    Zpl,
    /// EPL2: Eltron, older Zebra desktop printers
    Epl,
    /// Mobile printers: Zebra QLn and ZQ, HPRT …
    Cpcl,
    /// ESC/POS raster on label and receipt printers
    Escpos,
}

#[derive(Debug, Subcommand)]
pub enum Log {
    /// Newest first
    List {
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Only rows before this SEQ
        #[arg(long, value_name = "SEQ")]
        before: Option<i64>,
        /// By this person only: id or login name, or `desk`
        #[arg(long, default_value = "")]
        person: String,
        /// About this only: the whole id
        #[arg(long, default_value = "")]
        object: String,
        /// Actions that begin so: `people.`, `print.doubtful`
        #[arg(long, default_value = "")]
        action: String,
    },
    /// Recomputes the chain over all rows, and compares it with the heads that were kept
    Verify {
        /// What the QR code of a closing slip says
        #[arg(long, default_value = "")]
        anchor: String,
    },
    /// Closes the day: keeps the log's head and prints it as a slip
    CloseDay {
        /// Printer id [default: the default printer]
        #[arg(long, default_value = "")]
        printer: String,
        /// No paper
        #[arg(long, conflicts_with = "printer")]
        no_print: bool,
    },
    /// Writes the log as JSON Lines into the data folder
    Export,
}

#[derive(Debug, Subcommand)]
pub enum Data {
    /// How long people's data stays, and how much is over that
    Show,
    /// Sets how many days it stays after an order was made
    Keep {
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        days: u32,
    },
    /// Takes out now what is over its time
    Purge,
    /// Parcels to a phone, masked
    Find { phone: String },
    /// Everything of one recipient into a file, in clear; logged
    ExportPerson {
        phone: String,
        /// Where the export's folder is made [default: beside the data folder]
        #[arg(long)]
        folder: Option<PathBuf>,
    },
    /// Takes one recipient's data out of every parcel that is through
    ErasePerson {
        phone: String,
        /// The same phone again
        #[arg(long, value_name = "PHONE")]
        yes: String,
    },
    /// Everything as JSON Lines with a README, masked
    Export {
        /// Where the export's folder is made [default: beside the data folder]
        #[arg(long)]
        folder: Option<PathBuf>,
        /// Names, phones and addresses in clear; logged
        #[arg(long)]
        unmasked: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Backup {
    /// Makes one now: copied, sealed, opened again and compared
    Create,
    /// Backups of this computer, and what is wrong if something is
    List,
    /// Opens a backup once more and compares it with what was put in
    Verify { file: PathBuf },
    /// Where backups go; nothing = beside the data folder
    Folder { folder: Option<PathBuf> },
    /// Makes the recovery card: shows 24 words once, then reads four of them, one a line
    Card {
        #[arg(long, default_value = "en")]
        words: Words,
        /// There is one already; older backups still need the old one
        #[arg(long)]
        replace: bool,
    },
    /// Backups that lie in a folder; only before this desk is set up
    Files { folder: Option<PathBuf> },
    /// What is inside a backup; only before this desk is set up
    Look {
        file: PathBuf,
        /// Read the card's 24 words from stdin
        #[arg(long)]
        words_stdin: bool,
    },
    /// Takes a backup in, into an empty data folder
    Restore {
        file: PathBuf,
        /// Read the card's 24 words from stdin
        #[arg(long)]
        words_stdin: bool,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Words {
    /// Chinese characters
    Zh,
    /// English words
    En,
}

#[derive(Debug, Subcommand)]
pub enum Sandbox {
    /// Runs the practice market, a practice printer and a practice print component until it is stopped (Ctrl-C)
    Serve {
        /// The market's port on 127.0.0.1; 0 = any free one
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Fixes numbers and chance faults
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Keeps the ledger and the labels here
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub struct Trial {
    /// Where the label that came out is written [default: label.png in the trial folder]
    #[arg(long, value_name = "FILE")]
    pub png: Option<PathBuf>,
}
