//! Plain data on the wire between the desk and its faces. Ids and state words are texts, times are ms since epoch UTC.
//! Personal data in here is masked unless the command's right says otherwise.

use super::FieldError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! wire {
    ($($(#[$m:meta])* pub struct $name:ident { $($(#[$fm:meta])* $field:ident : $ty:ty),* $(,)? })*) => {$(
        $(#[$m])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export))]
        pub struct $name { $($(#[$fm])* pub $field: $ty),* }
    )*};
}

wire! {
// ---- session and people -------------------------------------------------------------------------------------------
/// What a face needs before anybody is logged in.
pub struct AppState {
    /// Program version.
    version: String,
    /// This folder belongs to the practice market.
    trial: bool,
    /// The trial's password, for its login page; empty in a live folder.
    trial_password: String,
    /// No owner yet.
    first_run: bool,
    /// Who is logged in here.
    me: Option<Me>,
    /// Names to choose from on the login page.
    people: Vec<String>,
    /// Those of them who can come in by PIN.
    pins: Vec<String>,
    /// Minutes without a key, a click or a scan, after which a window locks itself.
    lock_minutes: u32,
    /// Where the key that seals the data lives: `os_store` or `passphrase`.
    key_place: String,
    /// Folder of this desk.
    folder: String,
    /// What stands in the way of backups (as in [`BackupState`]), for whoever may do something about it; else empty.
    backup_trouble: String,
    /// Days until the first of the grants ends that do not renew themselves, from 14 days before, for whoever may see
    /// grants; else none.
    grants_end_in: Option<i64>,
}
/// The person at this place.
pub struct Me {
    id: String,
    name: String,
    /// `owner`, the id of a post, or empty.
    post: String,
    /// The name of an own post; empty for built-in ones.
    post_name: String,
    /// Words of [`crate::rights::Permission`]: what there is of them at this moment.
    rights: Vec<String>,
    /// `certified`, `until` (`certify_by`), `overdue`.
    standing: String,
    /// Until when to certify; 0 = nothing to do, or too late.
    certify_by: i64,
    /// The password must be changed before anything else.
    password_due: bool,
    has_pin: bool,
    /// Has one-time codes.
    has_totp: bool,
}
/// First run: makes the owner and logs in.
pub struct SetupOwner { name: String, password: String }
/// Login, or unlock.
pub struct Login { name: String, password: String }
/// The session token for a later command line call; only for terminals.
pub struct LoginDone {
    me: Me,
    /// Empty for windows.
    token: String,
    /// When the token ends.
    expires_at: i64,
}
/// Login with a one-time code as well.
pub struct LoginWithCode { name: String, password: String, code: String }
/// Another person at a shared window, by PIN.
pub struct SwitchPerson { name: String, pin: String }
/// One's own password; `old` proves who asks.
pub struct OwnPassword { old: String, password: String, again: String }
/// A PIN for the window: 6 to 12 digits, empty = none.
pub struct SetPin { pin: String, password: String }
/// Proves with a one-time code that the account is used by whom it was made for. The number of the identity card only where
/// the owner asks for it; it is not kept.
pub struct Certify { code: String, id_number: String }
/// The owner vouches in person.
pub struct Vouch { id: String, id_number: String }
/// A QR code for an authenticator app, shown once. Never for a webview's scripts.
pub struct Enrolment {
    svg: String,
    /// `otpauth://…`
    uri: String,
}
/// How a person may prove who it is at the first use of people (R126).
pub struct FirstUse {
    /// It was done: nothing is asked any more.
    done: bool,
    /// Each way there is, the first open one first.
    ways: Vec<ProofWay>,
    /// The phone that codes go to, masked; empty = none is known.
    phone: String,
}
/// One way to prove it.
pub struct ProofWay {
    /// `sms`: a code to the phone; `totp`: one of the authenticator app; `owner`: the owner's password, where there is no code.
    way: String,
    /// Why it is not open: `no_provider`, `no_phone`, `no_totp`, `has_code`; empty = it is.
    why_not: String,
}
/// Asks for a code at the phone tied to the account (R127).
pub struct SendCode { phone: String }
/// A code is on its way.
pub struct CodeSent {
    /// Masked.
    phone: String,
    /// Seconds that it is good for.
    lives_s: u64,
    /// Seconds until another may be asked for.
    again_s: u64,
}
/// Proves it: the code, or the owner's password.
pub struct ProveFirstUse { way: String, proof: String }
/// The service that sends text messages.
pub struct SmsState {
    set: bool,
    /// Its host; the rest of the address and the key are sealed.
    host: String,
    entered_at: Option<i64>,
    /// How many people log in by its codes.
    people: u32,
}
/// Enters it; an empty key with the same address keeps the sealed one, both empty take it away.
pub struct SaveSms { address: String, key: String }
/// A badge of the shop's own, scanned in.
pub struct SetBadge { id: String, code: String }
/// Prints a new badge; an empty printer is the default one.
pub struct PrintBadge { id: String, printer: String }
/// A badge was printed, or was not: then the one before it is still good.
pub struct BadgePrinted {
    person: PersonView,
    /// `sent`, `nothing_sent`, `doubtful`.
    printed: String,
    /// Why, in the link's words; empty if it went.
    reason: String,
}
/// A badge at the locked screen; the PIN where it is asked for.
pub struct UseBadge { code: String, pin: String }
/// What the owner decided for everybody at this desk.
pub struct DeskRules {
    /// 1 to 60.
    lock_minutes: u32,
    /// How old a password of a post with money or grant rights may grow, days; 0 = as old as it likes.
    rotation_days: u32,
    /// Certification asks for the number of an identity card.
    id_card: bool,
}
/// A right of a person.
pub struct PersonRight {
    word: String,
    /// Why there: `owner`, `post`, `extra`.
    from: String,
    used_at: Option<i64>,
    /// Not used for 30 days.
    unused: bool,
}
/// A span in which a person may log in; see [`crate::store::Hours`].
pub struct HoursView { days: [bool; 7], from: u16, to: u16 }
/// One person.
pub struct PersonView {
    id: String,
    name: String,
    real_name: String,
    /// Masked.
    phone: String,
    /// `owner`, the id of a post, or empty: own ticks only.
    post: String,
    /// The name of an own post.
    post_name: String,
    /// Ticked beside the post's.
    extra: Vec<String>,
    rights: Vec<PersonRight>,
    /// `certified`, `until`, `overdue`.
    standing: String,
    certify_by: i64,
    /// `totp`, `vouched`, `before`, `owner`; empty while uncertified.
    certified_how: String,
    /// Left since.
    departed_at: Option<i64>,
    created_at: i64,
    last_login_at: Option<i64>,
    last_act_at: Option<i64>,
    /// A log action.
    last_act: String,
    hours: Vec<HoursView>,
    /// `password`, `totp`, `sms`.
    login_method: String,
    /// Why codes by text message are not offered: `no_provider`, `no_phone`, `not_for_owner`; empty = they are.
    sms_why_not: String,
    has_totp: bool,
    has_pin: bool,
    /// Since when there is a badge.
    badge_at: Option<i64>,
    /// It was not made here: a PIN is asked for with it.
    badge_own: bool,
    /// Wrong passwords since the last login.
    wrong_logins: u32,
    /// Seconds that the next try has to wait.
    waits_s: u64,
}
/// New person. The name cannot be changed later (R81).
pub struct AddPerson {
    name: String,
    real_name: String,
    phone: String,
    /// The id of a post; empty = own ticks only.
    post: String,
    extra: Vec<String>,
    password: String,
    again: String,
}
/// By a login name.
pub struct ByName { name: String }
/// Whose a name is.
pub struct NameFound {
    /// `free`, `employee`, `departed`.
    state: String,
    id: String,
    name: String,
}
/// What a person may do, when, how, and who it is.
pub struct ConfigurePerson {
    id: String,
    real_name: String,
    /// Empty = as it is, because it is shown masked.
    phone: String,
    post: String,
    extra: Vec<String>,
    hours: Vec<HoursView>,
    login_method: String,
}
/// A new password for somebody.
pub struct SetPassword { id: String, password: String, again: String }
/// What somebody still has in hand.
pub struct Holdings {
    /// Open authorisation attempts.
    attempts: u32,
    /// Numbers of open batches.
    batches: Vec<String>,
    /// Shops whose grants this person made: to be looked at.
    grants: Vec<String>,
    /// A typed order that was not submitted.
    draft: bool,
}
/// Lets a person go; `to` takes over what is open.
pub struct DepartPerson { id: String, to: String }
/// A post.
pub struct PostView {
    id: String,
    /// Empty for built-in ones: the face has words for them.
    name: String,
    rights: Vec<String>,
    built_in: bool,
    /// A built-in one that is not as it came.
    changed: bool,
    /// How many have it.
    people: u32,
}
/// A right that can be given.
pub struct RightView {
    word: String,
    /// `official`, `services`, `back_office`.
    group: String,
    /// Asks for a password of twelve characters.
    weighty: bool,
    /// To be set up on the platform too; here it is only noted.
    elsewhere: bool,
}
/// Posts and rights.
pub struct PostsPage { posts: Vec<PostView>, rights: Vec<RightView> }
/// A new post (`id` empty), or another set of rights.
pub struct SavePost { id: String, name: String, rights: Vec<String> }

// ---- accounts -----------------------------------------------------------------------------------------------------
/// A platform that can be granted.
pub struct PlatformView {
    id: String,
    trial_only: bool,
    /// `own_app` or `native`.
    secret_mode: String,
    /// The owner has entered key and secret (always true for `native`).
    app_set: bool,
    /// App key, shown (it is not secret).
    app_key: String,
    /// Callback address registered with the platform; empty = not entered.
    callback: String,
    /// Doors offered with that callback: `loopback`, `scheme`, `paste`.
    doors: Vec<String>,
    /// Keys of scope words.
    scopes: Vec<String>,
    /// Brings couriers.
    couriers: bool,
    /// The page where a person ends the grant, for platforms without a call; empty else.
    revoke_page: String,
}
/// The owner's own app (R41). The secret is sealed and never shown again.
pub struct SetApp { platform: String, key: String, secret: String, callback: String }
/// Starts an attempt.
pub struct StartAttempt {
    platform: String,
    /// `browser`: opened here, 10 minutes; `link`: copied and opened elsewhere, 24 hours.
    way: String,
    /// Renews this grant; empty = a new one.
    renew: String,
}
/// One attempt as the waiting page shows it. Holds no link, state or code.
pub struct AttemptView {
    id: String,
    platform: String,
    way: String,
    /// Words of [`domain::attempt::AttemptState`].
    state: String,
    /// Why it ended, a code: `access_denied`, `exchange_refused`, `exchange_lost`, `wrong_shop` …; empty while it runs.
    reason: String,
    /// The platform's own words; empty if none.
    hint: String,
    asked_by: String,
    created_at: i64,
    expires_at: i64,
    seconds_left: i64,
    doors: Vec<String>,
    /// The shop the platform named, once held.
    shop_name: String,
    shop_id: String,
    /// This shop already has a grant here: confirming renews it.
    renews: bool,
    /// The grant, once active.
    grant: String,
    /// The browser was told to open.
    browser_opened: bool,
}
/// By id.
pub struct ById { id: String }
/// QR of the link as an SVG picture; not for a webview's scripts.
pub struct AttemptQr { svg: String }
/// The link itself; not for a webview.
pub struct AttemptLink { link: String }
/// The address bar, or the code.
pub struct PasteAnswer { id: String, text: String }
/// `held` → `active`, or not.
pub struct ConfirmShop { id: String, right_shop: bool }
/// A grant with its couriers.
pub struct GrantView {
    id: String,
    platform: String,
    shop_id: String,
    shop_name: String,
    /// `active`, `suspended`, `needs_renewal`, `revoked`.
    state: String,
    /// Why it needs renewal; a code.
    reason: String,
    scopes: Vec<String>,
    expires_at: Option<i64>,
    /// How it goes on at its end: `automatic` (renews itself), `by_hand` (a person authorises again), `endless`; or why it
    /// does not renew itself any more: `lost` (the answer to a renewal was lost), `refused`, `app` (the app key is wrong).
    renewal: String,
    /// When it renews itself next.
    renews_at: Option<i64>,
    /// When it was renewed last without a person.
    renewed_at: Option<i64>,
    /// Whole days until its end.
    days_left: Option<i64>,
    /// The reminder that stands: 14, 7, 3, 1 days; 0 = none.
    remind: u8,
    granted_by: String,
    granted_at: i64,
    last_used_at: Option<i64>,
    couriers: Vec<CourierView>,
    couriers_loaded_at: Option<i64>,
    /// The platform's revoke page, for platforms without a call.
    revoke_page: String,
}
/// A courier of a grant.
pub struct CourierView {
    id: String,
    grant: String,
    shop_name: String,
    code: String,
    /// In Chinese, as on the label; the code if unknown.
    name: String,
    branch_name: String,
    branch_code: String,
    /// Numbers left; none = billed monthly.
    balance: Option<i64>,
    senders: Vec<WireAddress>,
    customer_codes: Vec<String>,
    /// Settlement details complete.
    details_done: bool,
    /// Where the wizard was left: 1, 2, 3.
    details_step: u8,
    default: bool,
    /// Usable now (grant active).
    usable: bool,
}
/// An address.
pub struct WireAddress { province: String, city: String, district: String, town: String, detail: String }
/// Settlement details of a courier (R13–R15), three steps.
pub struct CourierDetails {
    courier: String,
    /// Next step to fill: 1 sender, 2 settlement, 3 review.
    step: u8,
    /// Step 1: who sends.
    sender_name: String,
    sender_phone: String,
    /// Step 1: which of the courier's addresses, from 0.
    sender_address: u32,
    /// Step 2: 结算主体.
    payer: String,
    payer_contact: String,
    payer_phone: String,
    /// Step 2: 结算客户编码, where the courier lists some; empty else.
    customer_code: String,
    /// Step 3 was confirmed.
    done: bool,
}
/// Ends a grant for good: the shop's name typed by hand.
pub struct RevokeGrant { id: String, typed_name: String }
/// How a revoke ended.
pub struct RevokeDone {
    /// The platform acknowledged.
    acknowledged: bool,
    /// The call could not be made now; erased here, queued there.
    queued: bool,
    /// The platform's page, if a person must finish there.
    page: String,
}

// ---- orders -------------------------------------------------------------------------------------------------------
/// A person or firm, as typed.
pub struct WireContact { name: String, phone: String, address: WireAddress }
/// One kind of goods.
pub struct WireGoods { name: String, count: u32 }
/// What the order form starts from.
pub struct OrderForm {
    sender: WireContact,
    couriers: Vec<CourierView>,
    /// Default courier's id; empty = none set.
    default_courier: String,
    templates: Vec<TemplateView>,
    printers: Vec<PrinterView>,
    default_printer: String,
    /// There are printer rules: an order that names no printer may go to another one than the default.
    rules: bool,
    /// What was typed and not submitted, as the window saved it (JSON text); empty = nothing.
    draft: String,
}
/// A label template.
pub struct TemplateView { id: String, name: String, width_mm: f64, height_mm: f64 }
/// One in the list of label templates.
pub struct TemplateRow {
    id: String,
    name: String,
    width_mm: f64,
    height_mm: f64,
    /// Newest version; 0 = one of the program's.
    version: u32,
    /// What it was made from; empty = nothing, or one of the program's.
    made_from: String,
    saved_at: i64,
    saved_by: String,
}
/// The text of a template.
pub struct TemplateText { id: String, version: u32, own: bool, name: String, text: String }
/// What would this text print? `sample`: `plain`, `long`, `goods`, `rare`, `reprint`.
pub struct PreviewTemplate { text: String, sample: String, dpi: u32 }
/// The label, or what is wrong.
pub struct TemplatePreview { picture: Option<Picture>, fault: Option<TemplateFault> }
/// What is wrong with a template, or with a datum on it. Line, column and item count from 1; 0 = not known.
pub struct TemplateFault {
    line: u32,
    column: u32,
    item: u32,
    key: String,
    /// The datum that is in the way; empty = the text itself.
    field: String,
    /// One of [`label::FLAWS`]: the window has a sentence for each.
    code: String,
    /// What that sentence needs, by name.
    values: BTreeMap<String, String>,
    /// The sentence in English.
    reason: String,
}
/// Keeps a text as a new template (`id` empty) or as the version behind `after`.
pub struct SaveTemplate { id: String, after: u32, made_from: String, text: String }
/// Create order + submit print. The same `submit_key` twice is one parcel.
pub struct SubmitOrder {
    /// Chosen by the face, unguessable enough to be unique: one per press.
    submit_key: String,
    /// Empty name = the courier's remembered sender.
    sender: WireContact,
    recipient: WireContact,
    goods: Vec<WireGoods>,
    remark: String,
    /// Grams; none = not weighed.
    weight_g: Option<u32>,
    /// Courier id, empty = the default.
    courier: String,
    /// Printer id, empty = the default.
    printer: String,
    /// Template id, empty = the printer's size.
    template: String,
}
/// What the form saves while typing.
pub struct SaveDraft { draft: String }
/// A parcel in a list; names masked.
pub struct ParcelRow {
    id: String,
    /// Running number here, for people: 1, 2, 3 …
    seq: i64,
    created_at: i64,
    created_by: String,
    recipient_name: String,
    recipient_area: String,
    goods: String,
    courier_code: String,
    courier_name: String,
    shop_name: String,
    number: String,
    /// Words of the waybill saga, or `ready`.
    waybill_state: String,
    /// Words of the print journal; empty = no job.
    print_state: String,
    /// `odometer`, `device_status`, `peer_closed`, `bytes_accepted`, `person`; empty = none.
    evidence: String,
    /// What a person must do, a code: `unknown`, `doubtful`, `rejected`, `component`, `failed`; empty = nothing.
    attention: String,
    /// The shop's own order number; may be empty.
    reference: String,
    /// Why it must not be sent: `refund`; empty = nothing.
    stop: String,
    /// People's data was taken out of it.
    purged: bool,
}
/// A page of parcels, newest first.
pub struct ParcelPage { rows: Vec<ParcelRow>, next: Option<i64> }
/// Newest first, by key.
pub struct ListParcels {
    /// Rows with `seq` below this; none = from the newest.
    before: Option<i64>,
    /// 1–200.
    limit: u32,
    /// `all`, `attention`, `today`.
    filter: String,
    /// Prefix of a waybill number or parcel id; empty = all.
    search: String,
}
/// One attempt to get a number.
pub struct WaybillView {
    id: String,
    attempt: u32,
    state: String,
    number: String,
    courier_code: String,
    courier_name: String,
    shop_name: String,
    account: String,
    /// Refusal kind or trouble, a code; empty = none.
    reason: String,
    /// The platform's words.
    hint: String,
    /// How often it was asked about.
    asked: u32,
    /// When it is asked about next.
    next_ask_at: Option<i64>,
    /// `plain`, `encrypted`, `missing`.
    print_data: String,
    /// The component that must print it; empty = ours.
    component: String,
    created_at: i64,
    ended_at: Option<i64>,
}
/// One label sent, or to be sent.
pub struct PrintView {
    id: String,
    /// Empty for a carrier's label.
    parcel: String,
    /// Id of a [`CarrierLabelView`]; empty for a parcel's label.
    carrier_label: String,
    number: String,
    /// 0 = the first print, 1 = 补打 1 …
    copy: u32,
    /// What a symbol beside 补打 n says, `78302214650012/1`; empty = no symbol tells this copy from another.
    mark: String,
    reason: String,
    by: String,
    printer: String,
    printer_name: String,
    state: String,
    evidence: String,
    trouble: String,
    bytes: i64,
    accepted: i64,
    template: String,
    created_at: i64,
    ended_at: Option<i64>,
}
/// One line of a parcel's story.
pub struct TrailLine { at: i64, who: String, action: String, detail: String }
/// A parcel whole; recipient masked.
pub struct ParcelView {
    row: ParcelRow,
    sender: WireContact,
    recipient: WireContact,
    goods: Vec<WireGoods>,
    remark: String,
    template: String,
    waybills: Vec<WaybillView>,
    prints: Vec<PrintView>,
    trail: Vec<TrailLine>,
    may_cancel: bool,
    may_reprint: bool,
    /// How many more copies of its number this person may print; none = as many as it takes.
    reprints_left: Option<u32>,
    /// A new attempt is allowed (after `rejected` or `cancelled`).
    may_retry: bool,
}
/// The unmasked sides of a parcel; logged.
pub struct RevealedParcel { sender: WireContact, recipient: WireContact }
/// A person's word on an unknown number.
pub struct DecideUnknown { waybill: String, note: String }
/// Cancels the parcel's number.
pub struct CancelNumber { parcel: String }
/// Tries again after a no: the same order, or a mended one.
pub struct RetryParcel { parcel: String, submit_key: String, recipient: Option<WireContact>, courier: String }
/// A picture as PNG.
pub struct Picture {
    png_base64: String,
    width_dots: u32,
    height_dots: u32,
    dpi: u32,
    width_mm: f64,
    height_mm: f64,
}

// ---- orders that wait, and batches -----------------------------------------------------------------------------------
/// An order to be kept until somebody prints it.
pub struct NewOrder {
    /// One per line or press: the same key twice is one order.
    submit_key: String,
    /// The shop's own order number; may be empty.
    reference: String,
    recipient: WireContact,
    goods: Vec<WireGoods>,
    remark: String,
    /// Grams; none = not weighed.
    weight_g: Option<u32>,
}
/// Orders to be kept. What is wrong with one is told and mended later: it is kept all the same.
pub struct AddOrders { orders: Vec<NewOrder> }
/// One of them.
pub struct AddedOrder {
    parcel: String,
    reference: String,
    /// It was here already: nothing was added.
    known: bool,
    /// What has to be mended before it can be printed.
    wrong: Vec<FieldError>,
}
/// All of them, in the order given.
pub struct AddedOrders { rows: Vec<AddedOrder> }
/// The orders that wait, oldest first: as they would come out of the printer.
pub struct ReadyOrders {
    rows: Vec<ParcelRow>,
    /// There are more than are shown.
    more: bool,
}
/// Mends a waiting order, or one that a batch has put aside. An empty reference leaves it.
pub struct MendOrder {
    parcel: String,
    recipient: WireContact,
    goods: Vec<WireGoods>,
    remark: String,
    weight_g: Option<u32>,
}
/// A waiting order as it was typed, to mend it; logged like every unmasked look.
pub struct TypedOrder {
    parcel: String,
    reference: String,
    recipient: WireContact,
    goods: Vec<WireGoods>,
    remark: String,
    weight_g: Option<u32>,
}
/// The buyer wants the money back: the parcel must not leave. Or, taken back, it may.
pub struct StopParcel { parcel: String, stopped: bool }
/// Which orders to print, and how.
pub struct AskBatch {
    /// As on screen, top to bottom.
    parcels: Vec<String>,
    /// Courier id, empty = the default.
    courier: String,
    /// Printer id, empty = the default.
    printer: String,
    /// Template id, empty = the printer's size.
    template: String,
    /// Of these a person says that they go although there is a twin.
    despite_twin: Vec<String>,
}
/// Starts it. The same `submit_key` twice is one batch.
pub struct StartBatch { submit_key: String, ask: AskBatch }
/// What one check before the first charge found.
pub struct BatchCheck {
    rows: Vec<CheckedOrder>,
    /// How many go.
    good: u32,
    courier: CourierView,
    printer: PrinterView,
    printer_state: PrinterState,
    /// Name of the printer whose place it takes; empty = its own.
    instead_of: String,
    /// Why: `unreachable`, or what stopped it.
    trouble: String,
    template: String,
    /// The label at which the account has no numbers left, from 1; none = it has enough, or is billed by the month.
    runs_out_at: Option<u32>,
}
/// One order of the check.
pub struct CheckedOrder {
    parcel: String,
    /// Why it is put aside: `fields`, `twin`, `refund`, `gone`; empty = it goes.
    aside: String,
    /// More on that: for `twin` the running numbers of the twins.
    detail: String,
    fields: Vec<FieldError>,
}
/// A batch.
pub struct BatchView {
    id: String,
    /// What people call it: `B0412`.
    name: String,
    /// `running`, `paused`, `stopped`, `done`.
    state: String,
    /// What stopped it: `person`, `aside_left`, `restart`, `printer`, `doubtful`, `balance`, `grant_dead`, `throttled`,
    /// `unreachable`, `no_answer` …; empty = nothing.
    trouble: String,
    /// The system's or the platform's words.
    detail: String,
    courier_code: String,
    courier_name: String,
    shop_name: String,
    printer: String,
    printer_name: String,
    /// Name of the printer whose place it took; empty = its own.
    instead_of: String,
    template: String,
    by: String,
    created_at: i64,
    ended_at: Option<i64>,
    total: u32,
    /// Labels that the printer took, whatever the evidence.
    sent: u32,
    /// Of these, labels that came out for certain.
    confirmed: u32,
    /// Put aside.
    aside: u32,
    /// Of these, parcels that were not issued a number or a label for a reason that stays.
    failed: u32,
    /// Seconds that what waits will take at the pace of the last labels; none = nothing is known yet.
    seconds_left: Option<u32>,
    /// Its parcels as on screen.
    items: Vec<BatchItemView>,
}
/// One parcel of a batch.
pub struct BatchItemView {
    seq: u32,
    /// `B0412-037/100`
    stamp: String,
    parcel: String,
    /// Masked.
    recipient_name: String,
    recipient_area: String,
    goods: String,
    reference: String,
    number: String,
    /// Word of the newest attempt; empty = none yet.
    waybill_state: String,
    /// Word of its label in this batch; empty = its turn has not come.
    print_state: String,
    /// Its place on the paper, from 1; 0 = none yet.
    nth: u32,
    /// Why it is put aside: `fields`, `twin`, `refund`, `unknown`, `rejected`, `component`, `cancelled`, `failed`; empty = it goes.
    aside: String,
    detail: String,
}
/// Goes on with a batch.
pub struct ResumeBatch {
    id: String,
    /// The last good label: its stamp, waybill number, or place; empty = all that came out are good; `none` = none is.
    last_good: String,
}
/// Batches: open ones first, newest first; without their parcels.
pub struct BatchList { rows: Vec<BatchView> }
/// How many labels went out today, by courier.
pub struct DayCount { courier_code: String, courier_name: String, sent: u32, confirmed: u32, attention: u32 }

// ---- printing -----------------------------------------------------------------------------------------------------
/// Prints the label once more.
pub struct Reprint {
    parcel: String,
    /// `jam`, `blurred`, `lost`, `wrong_paper`, `doubtful`, `other`.
    reason: String,
    /// Free text, required for `other`.
    note: String,
    printer: String,
    submit_key: String,
}
/// Print jobs, newest first.
pub struct PrintPage { rows: Vec<PrintView> }
/// A page of a file that a carrier made, to be looked at for a printer.
pub struct ReadCarrierLabel {
    /// The whole file, at most 10 MB.
    file_base64: String,
    /// From 1.
    page: u32,
    /// Id; empty = the default printer.
    printer: String,
    /// What a person says the tracking number is; empty = nobody says it.
    tracking: String,
}
/// What a symbol on a label says.
pub struct LabelSymbol { kind: String, text: String }
/// What was read, at 1:1 for the printer.
pub struct CarrierLabelReading {
    /// `PDF`, `PNG`, `GIF`, `ZPL`.
    kind: String,
    page: u32,
    pages: u32,
    /// Of the page, before anything was cut off.
    width_mm: f64,
    height_mm: f64,
    /// White around the label was cut off.
    cropped: bool,
    /// Turned by 90°.
    turned: bool,
    /// `matches`, `other_number`, `unreadable`, `not_compared`.
    verdict: String,
    /// The number as said, else what the bars most likely mean.
    number: String,
    picture: Picture,
    symbols: Vec<LabelSymbol>,
    /// Commands of a ZPL label that mean nothing here.
    ignored: Vec<String>,
    /// This page, or one with this number, was printed before.
    known: Option<CarrierLabelView>,
}
/// Prints a page of a file that a carrier made.
pub struct PrintCarrierLabel {
    /// What the file is called.
    name: String,
    file_base64: String,
    page: u32,
    printer: String,
    tracking: String,
    /// A person looked at it, and it may go though no bars could be read.
    unread: bool,
    submit_key: String,
}
/// A carrier's label that was printed.
pub struct CarrierLabelView {
    id: String,
    name: String,
    kind: String,
    page: u32,
    pages: u32,
    tracking: String,
    /// What the bars said at its first print: `matches`, `not_compared`, `unreadable`.
    checked: String,
    created_at: i64,
    by: String,
    prints: Vec<PrintView>,
    /// How many more copies this person may print; none = as many as it takes.
    reprints_left: Option<u32>,
    may_reprint: bool,
}
/// Newest first.
pub struct CarrierLabelList { rows: Vec<CarrierLabelView> }
/// One more of it.
pub struct ReprintCarrierLabel {
    id: String,
    /// Id; empty = where it was printed last.
    printer: String,
    /// `jam`, `blurred`, `lost`, `wrong_paper`, `doubtful`, `other` (then with a note).
    reason: String,
    note: String,
    submit_key: String,
}
/// A shop's own area of its labels (自定义区), as it stands on the next one.
pub struct CustomAreaView {
    /// The account; empty = every shop's that has none of its own.
    grant: String,
    shop_name: String,
    /// It has one of its own.
    own: bool,
    text: String,
    /// The goods follow the text.
    goods: bool,
    remark: String,
    /// Letter of this station; set with the general one.
    station: String,
}
/// Keeps a shop's own area, or (`own` = false) gives it the general one again.
pub struct SaveCustomArea { grant: String, own: bool, text: String, goods: bool, remark: String, station: String }
/// A printer as set up here.
pub struct PrinterView {
    id: String,
    name: String,
    address: String,
    language: String,
    dpi: u32,
    width_mm: f64,
    height_mm: f64,
    gap_mm: f64,
    /// `gap`, `mark`, `continuous`.
    media_kind: String,
    /// Moves labels to the right, tenths of a millimetre.
    offset_x: i16,
    /// And down.
    offset_y: i16,
    /// Id of a [`FamilyView`]; empty = nothing is known but the language.
    family: String,
    speed: u8,
    darkness: u8,
    default: bool,
}
/// New printer, or (with `id`) changed.
pub struct SavePrinter {
    id: String,
    name: String,
    address: String,
    language: String,
    dpi: u32,
    width_mm: f64,
    height_mm: f64,
    gap_mm: f64,
    /// `gap`, `mark`, `continuous`.
    media_kind: String,
    /// Moves labels to the right, tenths of a millimetre.
    offset_x: i16,
    /// And down.
    offset_y: i16,
    /// Id of a [`FamilyView`]; empty = nothing is known but the language.
    family: String,
    speed: u8,
    darkness: u8,
    default: bool,
}
/// Where labels are moved to, in tenths of a millimetre, and how dark they are.
pub struct AdjustPrinter { id: String, offset_x: i16, offset_y: i16, darkness: u8 }
/// One thing that the printer doctor looked at.
pub struct DoctorLine {
    /// `reach`, `state`, `family`, `head`, `stock`, `template`, `measured`, `last`, `busy`.
    what: String,
    /// `good`, `warn`, `wrong`, `cannot_tell`.
    verdict: String,
    /// What was found, a word under `what`.
    code: String,
    /// Numbers or names for it.
    detail: String,
    message: String,
    hint: String,
}
/// What the printer doctor found.
pub struct DoctorReport {
    printer: PrinterView,
    lines: Vec<DoctorLine>,
    /// It can be told to measure its stock.
    calibrates: bool,
}
/// How measuring its stock went.
pub struct CalibrateDone {
    /// `sent`, `nothing_sent`, `broken_off`.
    outcome: String,
    reason: String,
    /// Length of a label; none = it does not say.
    measured_mm: Option<f64>,
    /// That is the length that is set up, or nobody knows.
    fits: bool,
}
/// A rule for orders that name no printer; empty texts = any.
pub struct RuleView {
    courier_code: String,
    template: String,
    station: String,
    printer: String,
    printer_name: String,
    /// May take its place when it certainly cannot print; empty = nobody may.
    stand_in: String,
    stand_in_name: String,
}
/// One rule of a new list.
pub struct NewRule { courier_code: String, template: String, station: String, printer: String, stand_in: String }
/// The whole list anew, in its order.
pub struct SaveRules { rules: Vec<NewRule> }
/// Which printer would it be? An empty station = where the person stands.
pub struct TryRules { courier_code: String, template: String, station: String }
/// Why a rule does not fit: `courier`, `template`, `station`, `printer_gone`, `paper`; empty = it does.
pub struct RuleWhy { rule: u32, because: String }
/// The printer that it would be.
pub struct RuleTrial {
    printer: String,
    printer_name: String,
    /// The rule that fits, from 1; 0 = none, so the default printer.
    rule: u32,
    why: Vec<RuleWhy>,
    /// Name of the printer whose place it takes; empty = its own.
    instead_of: String,
    /// Why it does.
    trouble: String,
    /// Why the stand-in is not taken: `not_needed`, `other_paper`, `component`, `no_better`, `stand_in_gone`; empty = there
    /// is none, or it is taken.
    stays: String,
    station: String,
}
/// What the device says.
pub struct PrinterState {
    id: String,
    /// `ready`, `printing`, `stopped`, `cannot_tell`, `unreachable`.
    state: String,
    /// `paper_out`, `jam`, `head_open`, `ribbon_out`, `paused`, `other`.
    stops: Vec<String>,
    /// The system's reason when unreachable.
    reason: String,
}
/// How a test print ended.
pub struct TestPrintDone {
    /// `sent`, `nothing_sent`, `broken_off`.
    outcome: String,
    evidence: String,
    reason: String,
}
/// A spooler queue, or a print component's printer, that could be set up. Language and family are those that it seems to
/// have, each empty where not known.
pub struct QueueView { name: String, info: String, device: String, address: String, language: String, family: String }
/// A family of printers that the program knows more of than the language.
pub struct FamilyView { id: String, name: String, language: String }
/// How many seconds to look for printers; 0 = as long as is usual.
pub struct FindPrinters { seconds: u32 }
/// What was found, and places that could not be looked at.
pub struct FoundPrinters { printers: Vec<FoundPrinterView>, problems: Vec<String> }
/// A printer that could be set up.
pub struct FoundPrinterView {
    /// What to type as its address; empty where the printer offers no link that we speak.
    address: String,
    name: String,
    /// IEEE-1284 device id as the device tells it; may be empty.
    device_id: String,
    /// `usb`, `spooler`, `network`, `component`.
    place: String,
}

// ---- backups -------------------------------------------------------------------------------------------------------
/// Where backups stand.
pub struct BackupState {
    /// What somebody has to do something about: `no_card`, `old`, or a word of [`BackupView`]; empty = nothing.
    trouble: String,
    /// One is being made.
    running: bool,
    /// The recovery card; without one there are no backups.
    card: Option<CardView>,
    folder: String,
    /// Nobody chose another folder.
    usual_folder: bool,
    /// When the newest good one was made.
    last_good: Option<i64>,
    /// Newest first, failed ones too.
    rows: Vec<BackupView>,
}
/// A recovery card by its short name; nothing opens with that.
pub struct CardView { id: String, made_at: i64, by: String }
/// A backup that was made, or was not.
pub struct BackupView {
    id: String,
    at: i64,
    /// `nightly` or `by_hand`.
    how: String,
    /// `good` (opened again and compared) or `failed`.
    state: String,
    file: String,
    bytes: u64,
    rows: i64,
    log_rows: i64,
    log_head: String,
    /// `no_card`, `folder`, `disk_full`, `damaged`, `differs`, `internal`; empty for a good one.
    trouble: String,
    detail: String,
}
/// Where backups are to lie; empty = beside the data folder.
pub struct SetBackupFolder { folder: String }
/// Begins a recovery card. `list`: `zh` (Chinese characters) or `en` (English words). `replace`: there is one already.
pub struct BeginCard { list: String, replace: bool }
/// Which words are asked for, from 1, and until when the card lies open.
pub struct CardAsked { ask: Vec<u32>, until: i64, replaces: bool }
/// The card itself: 24 words, and a picture with the same as a QR code. Never in a webview.
pub struct CardWords { words: Vec<String>, svg: String }
/// The words that were asked for, in that order.
pub struct ConfirmCard { words: Vec<String> }
/// A backup, by its whole path.
pub struct BackupFile { file: String }
/// Looks for backups; empty = beside the data folder.
pub struct BackupFolder { folder: String }
/// What lies there.
pub struct BackupFiles { folder: String, files: Vec<FoundBackup> }
/// A backup from outside: nobody vouches for it yet. `card`: short name of the card that opens it.
pub struct FoundBackup { file: String, made_at: i64, bytes: u64, card: String }
/// A backup and the 24 words of its card.
pub struct OpenBackup { file: String, words: String }
/// What is inside.
pub struct BackupPreview {
    made_at: i64,
    /// Version of the program that made it.
    program: String,
    trial: bool,
    bytes: u64,
    shops: Vec<String>,
    people: i64,
    parcels: i64,
    numbers: i64,
    labels: i64,
    printers: i64,
    templates: i64,
    /// Rows of all tables.
    rows: i64,
    log_rows: i64,
    log_head: String,
    /// After a check: `part` = the log of this desk goes on from that head, `beyond` = it ends before it, `apart` = it is
    /// another; empty where nothing was compared.
    log_here: String,
}
/// How a restore ended.
pub struct RestoreDone {
    inside: BackupPreview,
    /// Counts, the log's head and a hash of every table are those of the backup.
    equal: bool,
    /// Shops that have to be authorised again.
    needs_authorising: Vec<String>,
}

// ---- people's data ------------------------------------------------------------------------------------------------
/// How long people's data stays after an order was made, and how much of it is over that.
pub struct DataState { keep_days: u32, least_days: u32, most_days: u32, due: u32, export_folder: String }
/// The owner's choice.
pub struct SetKeepDays { days: u32 }
/// What was taken out. `gone`: nothing of it lies on in the write-ahead log; else it will be tried again within a minute.
pub struct PurgeDone { parcels: u32, files: u32, drafts: u32, gone: bool }
/// A consignee, by phone.
pub struct FindPerson { phone: String }
/// Parcels to that phone, masked; `total` may be more than are shown.
pub struct PersonFound { total: u32, rows: Vec<ParcelRow> }
/// Everything of one consignee into a file. Empty folder = the usual one.
pub struct ExportPerson { phone: String, folder: String }
/// Takes one consignee's data out; the phone is typed twice.
pub struct ErasePerson { phone: String, again: String }
/// `under_way`: parcels that still need it; ask again when they are through.
pub struct Erased { parcels: u32, under_way: u32, gone: bool }
/// Everything in an open form. Empty folder = the usual one.
pub struct ExportAll { folder: String, unmasked: bool }
/// Where it lies.
pub struct Exported { folder: String, rows: i64, masked: bool }

// ---- log ----------------------------------------------------------------------------------------------------------
/// One row of the action log.
pub struct LogRow { seq: i64, at: i64, person: String, station: String, action: String, object: String, detail: String }
/// Newest first.
pub struct ListLog {
    before: Option<i64>,
    limit: u32,
    /// A person's id, or `desk`; empty = everybody.
    person: String,
    /// The id of what it was done to; empty = anything.
    object: String,
    /// Actions that begin so; empty = all.
    action: String,
    /// From (with) and to (without), ms; `None` = no bound.
    from: Option<i64>,
    to: Option<i64>,
}
/// A page.
pub struct LogPage { rows: Vec<LogRow>, next: Option<i64> }
/// Compares the log with itself, with the heads that this folder kept, and with one from paper or a backup (empty = none).
pub struct VerifyLog { anchor: String }
/// What that found.
pub struct LogVerdict {
    rows: i64,
    whole: bool,
    /// `whole`; `altered` (a row says something else than it did), `missing` (rows before one were taken out), `tail_cut` (the
    /// end was taken off), `rewritten` (another course of events was put in its place), `anchor_differs` (what was given to
    /// compare with is none of this desk's).
    verdict: String,
    first_bad: Option<i64>,
    head: String,
    /// Heads it was compared with.
    anchors: u32,
}
/// Prints the day's closing slip: what was done, and the head of the log as a QR code, to be kept outside this computer.
pub struct CloseDay {
    /// Printer id, empty = the default; `none` = no paper, the answer only.
    printer: String,
}
/// The day is closed.
pub struct ClosedDay {
    /// What the QR code says.
    anchor: String,
    rows: i64,
    /// `sent`, `nothing_sent`, `doubtful`, `none`.
    printed: String,
    /// Why, in the link's words; empty if it went.
    reason: String,
}
/// The log as a file.
pub struct LogExported { path: String, rows: i64 }
}

// No numbers with a point in it: errors are compared, and hold one.
impl Eq for TemplateFault {}
