//! The command line beside an open window: its command goes to the process that owns the folder, over the folder's local
//! socket, and is asked for its right at a door there like any other.

use crate::api::{ApiError, Code};
use crate::door::Place;
use crate::instance::{self, AskError, ServeError, Serving};
use crate::open::Desk;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// Longer than any command's own limit: a number is asked for within 40 s, a label waited for within 70 s.
const PATIENCE: Duration = Duration::from_secs(180);

#[derive(Serialize, Deserialize)]
struct Ask {
    /// Terminal session token; empty = nobody.
    token: String,
    command: String,
    request: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Value),
    Error(ApiError),
}

/// Answers commands of other processes of this user for as long as the result lives.
pub async fn listen(desk: &Desk) -> Result<Serving, ServeError> {
    let here = desk.clone();
    instance::serve(desk.claim(), move |value| {
        let desk = here.clone();
        async move {
            let answer = match serde_json::from_value::<Ask>(value) {
                Ok(ask) => answer(&desk, ask).await,
                Err(e) => Answer::Error(ApiError::new(Code::InvalidInput, format!("the message cannot be read: {e}"))),
            };
            serde_json::to_value(answer).unwrap_or(Value::Null)
        }
    })
    .await
}

async fn answer(desk: &Desk, ask: Ask) -> Answer {
    let door = desk.door(Place::Terminal, "terminal");
    if !ask.token.is_empty()
        && let Err(e) = door.resume(&ask.token).await
    {
        return Answer::Error(e);
    }
    match door.call(&ask.command, ask.request).await {
        Ok(v) => Answer::Done(v),
        Err(e) => Answer::Error(e),
    }
}

/// Sends a command to the owner of the folder. `None`: nobody owns it; open it yourself.
pub async fn call(folder: &Path, token: &str, command: &str, request: Value) -> Option<Result<Value, ApiError>> {
    let ask = Ask { token: token.to_owned(), command: command.to_owned(), request };
    let value = match serde_json::to_value(ask) {
        Ok(v) => v,
        Err(e) => return Some(Err(ApiError::internal(e))),
    };
    match instance::ask(folder, &value, PATIENCE).await {
        Ok(v) => Some(match serde_json::from_value(v) {
            Ok(Answer::Done(v)) => Ok(v),
            Ok(Answer::Error(e)) => Err(e),
            Err(e) => Err(ApiError::internal(e)),
        }),
        Err(AskError::NobodyThere) => None,
        Err(AskError::Timeout { sent: true, .. } | AskError::Broken { sent: true, .. }) => Some(Err(ApiError::new(
            Code::OutcomeUnknown,
            "the window took the command but did not answer; nobody knows here whether it was done",
        )
        .hint("look at the history; do not send it again before"))),
        Err(e) => Some(Err(
            ApiError::new(Code::FolderBusy, format!("{e}; nothing was done")).hint("use the window, or close it")
        )),
    }
}
