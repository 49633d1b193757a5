//! How a run ends: the exit code and the words on stderr.

use crate::out::{self, Out};
use desk::api::FieldError;
use desk::{ApiError, Code, OpenError};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

const OK: u8 = 0;
const OTHER: u8 = 1;
const USAGE: u8 = 2;
const REFUSED: u8 = 3;
const NOT_FOUND: u8 = 4;
const INVALID: u8 = 5;
/// Nobody knows; ask before sending again.
pub const UNKNOWN: u8 = 6;

/// Why a run did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The desk's error, or one of ours in its words.
    Api(ApiError),
    /// The command line cannot be followed as it is.
    Usage { message: String, hint: String },
    /// Everything was said on stdout already.
    Told(u8),
}

impl Failure {
    /// Neither the desk's nor the person's fault.
    pub fn other(message: impl Into<String>) -> Self {
        Self::Api(ApiError::new(Code::Internal, message))
    }
    /// What was given cannot be used.
    pub fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Api(ApiError::new(Code::InvalidInput, message).hint(hint))
    }
    /// The command line.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }
    /// Its exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Api(e) => code_of(e.code),
            Self::Usage { .. } => USAGE,
            Self::Told(code) => *code,
        }
    }
}

impl From<ApiError> for Failure {
    fn from(e: ApiError) -> Self {
        Self::Api(e)
    }
}

impl From<OpenError> for Failure {
    fn from(e: OpenError) -> Self {
        Self::Api(e.to_api())
    }
}

/// The exit code of an error. `5` is everything the person who called can mend before calling again: fields, settings
/// that an order needs, a folder that cannot be written.
pub fn code_of(code: Code) -> u8 {
    match code {
        Code::NotLoggedIn
        | Code::NotAllowed
        | Code::LoginWrong
        | Code::LoginWait
        | Code::LoginClosed
        | Code::CodeNeeded
        | Code::FirstUse
        | Code::NotCertified
        | Code::PasswordDue
        | Code::NeedsPassphrase
        | Code::PassphraseWrong => REFUSED,
        Code::NotFound => NOT_FOUND,
        Code::InvalidInput
        | Code::NameTaken
        | Code::AppMissing
        | Code::AnswerRefused
        | Code::NoCourier
        | Code::DetailsMissing
        | Code::NoPrinter
        | Code::GrantDead
        | Code::NotRenewed
        | Code::LabelImpossible
        | Code::CarrierLabelRefused
        | Code::BackupRefused
        | Code::CardMissing
        | Code::Purged
        | Code::FolderReadOnly => INVALID,
        Code::OutcomeUnknown => UNKNOWN,
        Code::WrongState
        | Code::BrowserFailed
        | Code::TooManyAttempts
        | Code::PlatformRefused
        | Code::PlatformUnreachable
        | Code::NeedsComponent
        | Code::ComponentOnly
        | Code::PrinterUnreachable
        | Code::SmsNotSent
        | Code::DiskFull
        | Code::FolderBusy
        | Code::KeyGone
        | Code::DataDamaged
        | Code::BackupFailed
        | Code::Internal => OTHER,
    }
}

/// What to do, where the desk's error does not say it.
fn advice(code: Code) -> &'static str {
    match code {
        Code::NotLoggedIn => "waybill login NAME",
        Code::NotAllowed => "ask the owner",
        Code::NotFound => "list them, then name one that is there",
        Code::InvalidInput => "mend it, then do it again",
        Code::LoginWrong => "check name and password",
        Code::LoginWait => "wait, then try again",
        Code::LoginClosed => "ask the owner",
        Code::CodeNeeded => "waybill login NAME --code CODE",
        Code::FirstUse => "waybill people first-use",
        Code::SmsNotSent => "wait, or ask the owner about the text message service",
        Code::NotCertified => "waybill certify CODE, or ask the owner to vouch",
        Code::PasswordDue => "waybill password",
        Code::NameTaken => "choose another name",
        Code::WrongState => "look at its state first; it has moved on",
        Code::AppMissing => "waybill accounts app PLATFORM --key KEY --secret-stdin",
        Code::BrowserFailed => "copy the link instead",
        Code::AnswerRefused => "copy the whole address from the browser",
        Code::TooManyAttempts => "cancel one that is not needed: waybill accounts cancel ID",
        Code::NoCourier => "waybill accounts default COURIER",
        Code::DetailsMissing => "waybill accounts details COURIER FILE",
        Code::NoPrinter => "waybill printers add --name NAME --address ADDRESS --default",
        Code::NotRenewed => {
            "look at it: waybill accounts list; authorise again before it ends: waybill accounts add PLATFORM"
        }
        Code::GrantDead => "authorise the shop again: waybill accounts add PLATFORM",
        Code::PlatformRefused => "mend what the platform names, then do it again",
        Code::PlatformUnreachable => "check the network, then do it again",
        Code::OutcomeUnknown => "look at the history before doing it again",
        Code::CarrierLabelRefused => "take another file, page, paper or number, then do it again",
        Code::LabelImpossible => "mend the fields, then do it again",
        Code::NeedsComponent => {
            "set the component's printer up: waybill printers add --address cainiao://127.0.0.1:13528/PRINTER"
        }
        Code::ComponentOnly => "choose a printer that is no component's",
        Code::PrinterUnreachable => "check the printer's address, power and network",
        Code::DiskFull => "free some space, then do it again",
        Code::FolderReadOnly => "make the folder writable, or choose another one",
        Code::FolderBusy => "wait for it, or close it",
        Code::NeedsPassphrase => "set WAYBILL_PASSPHRASE",
        Code::PassphraseWrong => "set WAYBILL_PASSPHRASE to the right one",
        Code::KeyGone => "bring the key back, or restore a backup into another folder",
        Code::DataDamaged => "restore a backup into another folder",
        Code::BackupFailed => "look at the folder for backups, then do it again",
        Code::BackupRefused => "take another backup, or the card that it was made for",
        Code::Purged => "make a new order",
        Code::CardMissing => "waybill backup card",
        Code::Internal => "try again, and report this",
    }
}

/// Says on stderr what went wrong, and ends.
pub fn report(out: &mut Out, end: Result<(), Failure>) -> ExitCode {
    let code = match end {
        Ok(()) => OK,
        Err(mut failure) => {
            if let Failure::Api(e) = &mut failure
                && e.hint.is_empty()
            {
                advice(e.code).clone_into(&mut e.hint);
            }
            let failure = &failure;
            say(failure, out.is_json());
            failure.code()
        }
    };
    match out.finish() {
        Ok(()) => ExitCode::from(code),
        Err(e) => {
            let lost = Failure::other(format!("the answer could not be written: {e}"));
            say(&lost, out.is_json());
            ExitCode::from(if code == OK { OTHER } else { code })
        }
    }
}

/// Usage errors of the parser, help and version.
pub fn usage(e: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|a| a == "--json");
    if e.use_stderr() && json {
        let text = e.to_string();
        let message = match e.kind() {
            clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "a subcommand is missing".to_owned(),
            _ => text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned(),
        };
        say(&Failure::Usage { message, hint: "see `waybill help`".into() }, true);
        return ExitCode::from(USAGE);
    }
    // A closed pipe is no reason to say more.
    let _ = e.print();
    ExitCode::from(if e.use_stderr() { USAGE } else { OK })
}

fn say(failure: &Failure, json: bool) {
    let text = match failure {
        Failure::Told(_) => return,
        Failure::Api(e) if json => serde_json::to_string(e).unwrap_or_default(),
        Failure::Usage { message, hint } if json => {
            json!({ "code": "usage", "message": message, "hint": hint, "detail": "", "fields": [] }).to_string()
        }
        Failure::Api(e) => in_words(e),
        Failure::Usage { message, hint } => format!("error: {}", sentence(message, hint)),
    };
    // Nobody may be listening; the exit code says it as well.
    let _ = writeln!(std::io::stderr(), "{}", if json { text } else { out::clean(&text) });
}

/// `error: what happened; what to do`, then wrong fields, one a line.
fn in_words(e: &ApiError) -> String {
    // The desk's message about fields begins with their list; here each gets a line of its own.
    let what =
        e.message.rsplit_once(" — ").filter(|_| !e.fields.is_empty()).map_or(e.message.as_str(), |(_, rest)| rest);
    let mut text = format!("error: {}", sentence(what, &e.hint));
    for f in &e.fields {
        text += &format!("\n  {}", field_words(f));
    }
    text
}

fn sentence(message: &str, hint: &str) -> String {
    if hint.is_empty() { message.to_owned() } else { format!("{message}; {hint}") }
}

/// A wrong field in words.
pub fn field_words(f: &FieldError) -> String {
    let FieldError { field, code, detail, .. } = f;
    let d = |words: &str| if detail.is_empty() { words.to_owned() } else { format!("{words} ({detail})") };
    let words = match code.as_str() {
        "required" => d("is missing"),
        "too_long" => format!("is longer than {detail} characters"),
        "too_short" => format!("is shorter than {detail} characters"),
        "too_common" => "is one of those that are tried first; take a few unrelated words".to_owned(),
        "has_name" => "contains the name".to_owned(),
        "bad_phone" => d("is not a phone number"),
        "missing_glyph" => format!("has a character that no label font can show: {detail}"),
        "does_not_fit" => "is too long for its place on the label".to_owned(),
        "out_of_range" => format!("is out of range: {detail}"),
        "unknown_address" => "is not one of the courier's sender addresses".to_owned(),
        "unknown_name" => d("is not the name"),
        "taken" => d("is taken"),
        "bad_address" => format!("is not an address: {detail}"),
        "bad_folder" => d("is no folder that can be used"),
        "word_count" => format!("are {detail} words; a card has 24"),
        "unknown_word" => format!("have a word that is on no list: number {detail}"),
        "words_do_not_fit" => "do not belong together: one is another, or two changed places".to_owned(),
        "other_word" => format!("is not word {detail} of the card"),
        "other_phone" => "is not the same phone".to_owned(),
        "no_provider" => "waits for a text message service: `waybill people sms --address URL`".to_owned(),
        "no_phone" => "waits for a phone of this account".to_owned(),
        "not_for_owner" => "is not for the owner: nobody could let the owner in while the service is silent".to_owned(),
        "bad_code" | "bad_sms_code" => "is not the code".to_owned(),
        "code_over" => "is void: five minutes, five tries, one use; ask for another".to_owned(),
        "bad_badge" => format!("says something else than {detail} capitals and digits"),
        "badge_made_here" => "was made here: print a new one instead".to_owned(),
        "badge_taken" => "is somebody else's".to_owned(),
        "bad_web_address" => d("is not a web address that begins with https://"),
        "bad_template" => d("is not a template for these labels"),
        "bad_symbol" => format!("makes no symbol: {detail}"),
        "bad_template_text" => format!("is wrong: {detail}"),
        other => d(other),
    };
    format!("{field} {words}")
}

/// Whether a person sits at this terminal.
pub fn has_person() -> bool {
    std::io::stdin().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_happened_what_to_do_and_each_field() {
        let e = ApiError::new(Code::InvalidInput, "recipient.phone: 3 — nothing was charged")
            .hint("mend the fields")
            .fields(vec![FieldError {
                field: "recipient.phone".into(),
                code: "bad_phone".into(),
                detail: "3".into(),
                fault: None,
            }]);
        assert_eq!(
            in_words(&e),
            "error: nothing was charged; mend the fields\n  recipient.phone is not a phone number (3)"
        );
    }
}
