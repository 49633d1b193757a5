//! How an order ended, in one line and one exit code.

use crate::exit::{Failure, field_words};
use crate::out::Out;
use crate::text::short;
use desk::api::ParcelView;
use desk::{ApiError, Code};
use serde::Serialize;

/// How one order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The number is there, and the label went to the printer.
    Ok,
    /// It did not come to that, and everybody knows.
    Failed,
    /// Nobody knows whether there is a number, or a label.
    Unknown,
}

/// The result line of one order.
#[derive(Serialize)]
pub struct Line {
    line: usize,
    pub result: Ended,
    number: String,
    waybill_state: String,
    print_state: String,
    evidence: String,
    parcel: String,
    submit_key: String,
    reason: String,
    hint: String,
    pub error: Option<ApiError>,
}

impl Line {
    /// From the desk's answer.
    pub fn of(line: usize, submit_key: String, end: Result<ParcelView, ApiError>) -> Self {
        match end {
            Ok(v) => {
                let last = v.waybills.last();
                let number_reason = last.map(|w| w.reason.clone()).unwrap_or_default();
                let job = v.prints.iter().rev().find(|p| p.number == v.row.number && !v.row.number.is_empty());
                let trouble = job.map(|p| p.trouble.clone()).unwrap_or_default();
                Self {
                    line,
                    result: ended(&v),
                    number: v.row.number,
                    waybill_state: v.row.waybill_state,
                    print_state: v.row.print_state,
                    evidence: v.row.evidence,
                    parcel: v.row.id,
                    submit_key,
                    reason: if number_reason.is_empty() { trouble } else { number_reason },
                    hint: last.map(|w| w.hint.clone()).unwrap_or_default(),
                    error: None,
                }
            }
            Err(e) => Self {
                line,
                result: if e.code == Code::OutcomeUnknown { Ended::Unknown } else { Ended::Failed },
                number: String::new(),
                waybill_state: String::new(),
                print_state: String::new(),
                evidence: String::new(),
                parcel: String::new(),
                submit_key,
                reason: word_of(e.code),
                hint: e.hint.clone(),
                error: Some(e),
            },
        }
    }

    /// `1 ok 730012345678 sent peer_closed parcel=3f2a…`
    pub fn words(&self) -> String {
        let or_dash = |s: &str| if s.is_empty() { "-".to_owned() } else { s.to_owned() };
        let result = match self.result {
            Ended::Ok => "ok",
            Ended::Failed => "failed",
            Ended::Unknown => "unknown",
        };
        let mut words = format!("{} {result} {}", self.line, or_dash(&self.number));
        if let Some(e) = &self.error {
            let fields: Vec<String> = e.fields.iter().map(field_words).collect();
            let what = if fields.is_empty() { e.message.clone() } else { fields.join("; ") };
            words += &format!(" {}: {}", self.reason, what.replace('\n', " "));
        } else {
            let print = if self.print_state.is_empty() { &self.waybill_state } else { &self.print_state };
            words += &format!(" {} {} parcel={}", or_dash(print), or_dash(&self.evidence), self.parcel);
            if self.result != Ended::Ok {
                words += format!(" {} {}", self.reason, self.hint).replace('\n', " ").trim_end();
            }
        }
        if self.result == Ended::Unknown && !self.submit_key.is_empty() {
            words += &format!(" submit_key={}", self.submit_key);
        }
        words
    }
}

fn word_of(code: Code) -> String {
    serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Whether the label of a live number is out, as far as anybody can know.
fn ended(v: &ParcelView) -> Ended {
    match (v.row.waybill_state.as_str(), v.row.print_state.as_str()) {
        ("issued", "sent" | "confirmed") => Ended::Ok,
        ("issued", "doubtful" | "sending") => Ended::Unknown,
        // Another process of ours is drawing it at this moment; nothing has gone wrong so far.
        ("issued", "queued" | "rendered") if v.row.attention.is_empty() => Ended::Ok,
        ("unknown" | "needs_person" | "in_flight" | "cancelling", _) => Ended::Unknown,
        _ => Ended::Failed,
    }
}

/// The one result there is: its line on stdout, its error on stderr, its own exit code.
pub fn single(out: &mut Out, end: Line) -> Result<(), Failure> {
    out.answer(&end, Line::words);
    match (end.error, end.result) {
        (Some(e), _) => Err(e.into()),
        (None, Ended::Ok) => Ok(()),
        (None, Ended::Unknown) => {
            let id = short(&end.parcel);
            Err(ApiError::new(Code::OutcomeUnknown, "nobody knows yet how this ended; it was not sent again")
                .hint(format!("waybill order ask {id} asks the platform; waybill order show {id} shows the story"))
                .into())
        }
        (None, Ended::Failed) => {
            out.say(&format!("waybill order show {} shows the story", short(&end.parcel)));
            Err(Failure::Told(1))
        }
    }
}
