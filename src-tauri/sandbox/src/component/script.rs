//! What happens, and what is said, after one print command.

use super::{COMPONENT_PRINTER, ComponentFault, PrintedDocument};
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

/// One thing after the other.
pub(super) enum Step {
    Say(Value),
    Raw(Message),
    Print(PrintedDocument),
    Wait(Duration),
    Close,
    Break,
}

/// Messages of a flood: more than anybody should listen to for one label.
const FLOOD: usize = 20_000;

/// The whole script. `text` is the command as it came, `printers` are those that can be used.
pub(super) fn of_print(command: &Value, text: &str, printers: &[String], fault: Option<&ComponentFault>) -> Vec<Step> {
    let task = &command["task"];
    let asked = task["printer"].as_str().unwrap_or_default();
    let t = Task {
        request: &command["requestID"],
        id: task["taskID"].as_str().unwrap_or_default(),
        printer: if asked.is_empty() { COMPONENT_PRINTER } else { asked },
    };
    let documents = task["documents"].as_array().map(Vec::as_slice).unwrap_or_default();
    if documents.is_empty() || t.id.is_empty() {
        return vec![Step::Say(t.reply(Some(("document not found", 11))))];
    }
    if !printers.iter().any(|p| p == t.printer) {
        return vec![Step::Say(t.reply(Some(("无效的打印机", 12))))];
    }
    if let Some(ComponentFault::Refuse { msg }) = fault {
        return vec![Step::Say(t.reply(Some((msg, 13))))];
    }
    let mut all = Vec::new();
    for d in documents {
        let id = d["documentID"].as_str().unwrap_or_default();
        if !is_sealed(d) || fault == Some(&ComponentFault::FailDrawing) {
            all.extend(t.not_drawn(id));
        } else {
            let document = PrintedDocument {
                task: t.id.to_owned(),
                document: id.to_owned(),
                printer: t.printer.to_owned(),
                command: text.to_owned(),
            };
            all.extend(t.one_document(document, fault));
        }
    }
    all
}

/// Sealed as the practice market seals it.
fn is_sealed(document: &Value) -> bool {
    let c = &document["contents"][0];
    let text = |key: &str| c[key].as_str().unwrap_or_default();
    text("encryptedData").starts_with("AES:") && text("signature").starts_with("MD:") && !text("templateURL").is_empty()
}

struct Task<'a> {
    request: &'a Value,
    id: &'a str,
    printer: &'a str,
}

impl Task<'_> {
    fn reply(&self, refused: Option<(&str, u32)>) -> Value {
        let (status, msg, code) = refused.map_or(("success", "no error", 0), |(msg, code)| ("failed", msg, code));
        json!({"cmd": "print", "requestID": self.request, "taskID": self.id, "status": status, "msg": msg, "errorCode": code})
    }

    fn task_result(&self, status: &str, docs: &Value) -> Value {
        json!({"cmd": "notifyTaskResult", "requestID": self.request, "status": status, "printer": self.printer,
               "taskId": self.id, "docs": docs, "spendTime": {"total": 31}})
    }

    fn doc_result(&self, id: &str, status: &str, code: u32, detail: &str) -> Value {
        json!({"cmd": "notifyDocResult", "requestID": self.request, "status": status, "printer": self.printer,
               "taskId": self.id, "documentId": id, "code": code, "detail": detail, "spendTime": 12})
    }

    fn print_result(&self, id: &str, task_status: &str, status: &str, msg: &str) -> Value {
        json!({"cmd": "notifyPrintResult", "requestID": self.request, "printer": self.printer, "taskID": self.id,
               "taskStatus": task_status, "status": 0, "msg": msg, "printStatus": [{"documentID": id, "status": status,
               "msg": msg, "detail": msg, "printer": self.printer}]})
    }

    /// As 1.5.3 was seen to talk when it could not open the data.
    fn not_drawn(&self, id: &str) -> Vec<Step> {
        let why = "Unknown encryption type.";
        let doc = self.doc_result(id, "rendered", 40, why);
        let docs = docs(id, &doc);
        [
            self.task_result("initial", &json!({})),
            self.reply(None),
            doc,
            self.print_result(id, "failed", "failed", why),
            self.task_result("completeFailed", &docs),
        ]
        .map(Step::Say)
        .into()
    }

    fn one_document(&self, document: PrintedDocument, fault: Option<&ComponentFault>) -> Vec<Step> {
        use ComponentFault as F;
        let id = document.document.clone();
        let id = id.as_str();
        let drawn = self.doc_result(id, "rendered", 0, "success");
        let printed = self.doc_result(id, "printed", 0, "success");
        let before = [self.task_result("initial", &json!({})), self.reply(None), drawn.clone()];
        let after = [
            printed.clone(),
            self.print_result(id, "printed", "success", ""),
            self.task_result("completeSuccess", &docs(id, &printed)),
        ];
        let all = || before.iter().chain(&after).cloned();
        let print = Step::Print(document);
        let then = |said: Vec<Step>| std::iter::once(print).chain(said).collect();
        match fault {
            None | Some(F::Refuse { .. } | F::FailDrawing | F::SilentList) => {
                before.into_iter().map(Step::Say).chain(then(after.into_iter().map(Step::Say).collect())).collect()
            }
            Some(F::Twice) => then(all().flat_map(|m| [Step::Say(m.clone()), Step::Say(m)]).collect()),
            Some(F::OtherSpelling) => then(all().map(respelled).map(Step::Say).collect()),
            Some(F::OldVersion) => {
                let mut told = self.print_result(id, "printed", "success", "");
                if let Some(m) = told.as_object_mut() {
                    m.remove("requestID");
                }
                then(vec![Step::Say(self.reply(None)), Step::Say(told)])
            }
            Some(F::Backwards) => then(all().rev().map(Step::Say).collect()),
            Some(F::Strangers) => then(
                all()
                    .flat_map(|m| [Step::Say(stranger("failed", id)), Step::Say(m), Step::Say(stranger("printed", id))])
                    .collect(),
            ),
            Some(F::Late { ms }) => {
                then(std::iter::once(Step::Wait(Duration::from_millis(*ms))).chain(all().map(Step::Say)).collect())
            }
            Some(F::Garbage) => then(
                all()
                    .flat_map(|m| {
                        [
                            garbage("{\"cmd\":"),
                            garbage("[[[[]]]]"),
                            Step::Raw(Message::binary(vec![0_u8; 9])),
                            Step::Raw(Message::Ping(vec![1_u8].into())),
                            garbage("{\"cmd\":\"notifyDrawers\",\"docs\":7}"),
                            Step::Say(m),
                        ]
                    })
                    .collect(),
            ),
            Some(F::Silent) => then(Vec::new()),
            Some(F::Swallow) => Vec::new(),
            Some(F::CloseBefore) => vec![Step::Close],
            Some(F::CloseAfter) => then(vec![Step::Close]),
            Some(F::BreakAfterDrawing) => before.into_iter().map(Step::Say).chain([Step::Break]).collect(),
            Some(F::Oversize { bytes }) => {
                let long = Step::Raw(Message::text("x".repeat(*bytes)));
                then(std::iter::once(long).chain(all().map(Step::Say)).collect())
            }
            Some(F::Flood) => then((0..FLOOD).map(|_| Step::Say(stranger("rendered", id))).collect()),
            Some(F::FailPrinting) => {
                let failed = self.doc_result(id, "failed", 7, "spooler: access denied");
                let result = self.print_result(id, "failed", "failed", "spooler: access denied");
                before.into_iter().chain([failed, result]).map(Step::Say).collect()
            }
            Some(F::SaysBoth) => then(vec![Step::Say(self.reply(Some(("busy", 14)))), Step::Say(printed)]),
        }
    }
}

fn docs(id: &str, doc: &Value) -> Value {
    Value::from(Map::from_iter([(id.to_owned(), doc.clone())]))
}

/// Another task with the same document, an earlier print of the number for instance: the component tells everybody of
/// everything.
fn stranger(status: &str, id: &str) -> Value {
    json!({"cmd": "notifyDocResult", "requestID": "somebody", "status": status, "printer": COMPONENT_PRINTER,
           "taskId": "somebody-else", "documentId": id, "code": 0, "detail": "success"})
}

fn garbage(text: &str) -> Step {
    Step::Raw(Message::text(text.to_owned()))
}

/// `taskID` for `taskId` and the other way round, wherever an id stands.
fn respelled(v: Value) -> Value {
    match v {
        Value::Object(m) => m
            .into_iter()
            .map(|(key, v)| {
                let key = match key.strip_suffix("ID") {
                    Some(stem) => format!("{stem}Id"),
                    None => match key.strip_suffix("Id") {
                        Some(stem) => format!("{stem}ID"),
                        None => key,
                    },
                };
                (key, respelled(v))
            })
            .collect(),
        Value::Array(all) => all.into_iter().map(respelled).collect(),
        other => other,
    }
}
