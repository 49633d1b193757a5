//! The one error that leaves the desk. The window translates `code` (and each field's `code`); a platform's own words
//! travel as `hint`, untranslated.

use super::types::TemplateFault;
use serde::{Deserialize, Serialize};

/// A code exists only if a screen or a script does something with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Nobody is logged in, or the screen is locked.
    NotLoggedIn,
    /// The person has no right to this.
    NotAllowed,
    /// There is no such thing (any more).
    NotFound,
    /// The request cannot be read, or fields are wrong (`fields`).
    InvalidInput,
    /// Name or password wrong.
    LoginWrong,
    /// Too many wrong passwords: wait (`wait_s` in `detail`).
    LoginWait,
    /// The password was right, and the account may not come in now: `departed`, `no_rights`, `hours`, `clock` in `detail`.
    LoginClosed,
    /// Something is needed as well: a one-time code (`detail` empty; `sms PHONE SECONDS` for one that went to a phone, and when
    /// another may), or, after a badge, `pin NAME` or `password NAME`.
    CodeNeeded,
    /// The first use of people asks once for a one-time code (R126).
    FirstUse,
    /// No text message went out: `no_provider`, `no_phone`, `wait SECONDS`, `limit SECONDS`, `unreachable`, `unknown`,
    /// `unknown_number`, `bad_key`, `no_credit`, `refused` in `detail`.
    SmsNotSent,
    /// The right is there and waits for the person's certification: `until`, `overdue` in `detail`.
    NotCertified,
    /// The password must be changed before anything else.
    PasswordDue,
    /// The name is taken (`detail`: `employee`, `departed`).
    NameTaken,
    /// It was done before, or its state does not allow it (any more).
    WrongState,
    /// The owner has not entered the app key and secret of this platform.
    AppMissing,
    /// The browser could not be opened: copy the link instead.
    BrowserFailed,
    /// The pasted text is not an answer to this attempt.
    AnswerRefused,
    /// Too many open attempts.
    TooManyAttempts,
    /// No courier is set as default and none was chosen.
    NoCourier,
    /// The courier's settlement details are not complete (去设置).
    DetailsMissing,
    /// No printer is set up, or none was chosen.
    NoPrinter,
    /// The grant is suspended, expired, or dead: authorise again.
    GrantDead,
    /// The grant was not renewed; it works on until its end. `detail`: why, as in `GrantView::renewal`.
    NotRenewed,
    /// The platform said no; `hint` holds its words, `detail` the kind.
    PlatformRefused,
    /// The platform could not be reached; nothing was done.
    PlatformUnreachable,
    /// Nobody knows whether it was done; it is being asked about. Never submit again.
    OutcomeUnknown,
    /// The label cannot be drawn (a character no bundled font has, a text that does not fit).
    LabelImpossible,
    /// A label that a carrier made cannot be read, does not fit, or its bars do not say its number (`fields`).
    CarrierLabelRefused,
    /// The number is bound to the platform's own print component, and no printer of it is set up.
    NeedsComponent,
    /// The printer is a print component's: only labels that the platform sealed go there.
    ComponentOnly,
    /// The printer could not be reached; nothing was sent.
    PrinterUnreachable,
    /// The disk is full.
    DiskFull,
    /// The data folder cannot be written.
    FolderReadOnly,
    /// Another program owns the data folder and does not answer.
    FolderBusy,
    /// The key store is missing: a passphrase is needed.
    NeedsPassphrase,
    /// The passphrase is wrong.
    PassphraseWrong,
    /// The key that seals this folder is gone.
    KeyGone,
    /// The database file is damaged.
    DataDamaged,
    /// No backup was made: `detail` says why.
    BackupFailed,
    /// A file is not taken for a backup: `detail` says why.
    BackupRefused,
    /// People's data was taken out of it: its label cannot be made again.
    Purged,
    /// There is no recovery card yet.
    CardMissing,
    /// Our fault.
    Internal,
}

/// What was wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct FieldError {
    /// Path of the field: `recipient.phone`, `goods[0].name`.
    pub field: String,
    /// Translated by the window: `required`, `too_long`, `bad_phone`, `missing_glyph`, `does_not_fit`, `out_of_range`,
    /// `unknown_address`, `too_short`, `too_common`, `has_name`, `unknown_name`, `taken`, `bad_address`, `bad_template`,
    /// `bad_symbol`, `bad_template_text` (these two with a `fault`), `bad_folder`, `word_count`,
    /// `unknown_word`, `words_do_not_fit`, `other_word`, `other_phone`.
    pub code: String,
    /// What the translation needs: the character, the limit, the value.
    pub detail: String,
    /// What stops the label from being drawn, where the code alone does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub fault: Option<Box<TemplateFault>>,
}

/// What happened, what was kept, what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
#[error("{message}")]
pub struct ApiError {
    /// Translated by the window.
    pub code: Code,
    /// In English, for scripts and logs: what happened; what was kept.
    pub message: String,
    /// What to do next, in English, or the platform's own words.
    pub hint: String,
    /// What the translation needs: a number of seconds, a refusal kind, an id.
    pub detail: String,
    /// Fields that are wrong; empty if it is not about fields.
    pub fields: Vec<FieldError>,
}

impl ApiError {
    /// A new error without hint, detail or fields.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: String::new(), detail: String::new(), fields: Vec::new() }
    }
    /// With what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
    /// With what the translation needs.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
    /// With wrong fields.
    #[must_use]
    pub fn fields(mut self, fields: Vec<FieldError>) -> Self {
        self.fields = fields;
        self
    }
    /// There is no such `what`.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}")).detail(what)
    }
    /// Our fault; the text is for the log and for whoever mends it.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::new(Code::Internal, format!("an internal error: {what}"))
            .hint("nothing was lost; try again, and report this")
    }
}

/// The answer of a command that has nothing to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Done {}

/// A request without fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Nothing {}
