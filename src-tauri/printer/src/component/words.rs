//! What the component says, read as hostile input: a pure function of one text frame.
//!
//! It never panics, its time is bounded by the frame's length, and whatever it does not know is [`Word::Other`]. Both
//! spellings of every id are read (`taskID` of the published commands, `taskId` of the notifications of 1.5), as text or
//! as a number. Words for people are cut and cleaned here, so that nothing further in has to.

use serde_json::{Map, Value};

/// Longest id that is compared; ours have 32 characters.
const LONGEST_ID: usize = 200;
/// Characters of the component's own words that people are shown.
const LONGEST_WORDS: usize = 160;
/// Printers in one list: more than any computer has.
const MOST_PRINTERS: usize = 500;

/// Ids of a message, as far as it has any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    pub request: Option<String>,
    pub task: Option<String>,
    pub document: Option<String>,
}

/// How far a document came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Taken, or something that says no more.
    Begun,
    /// Drawn; it is about to go to the printer's driver.
    Rendered,
    /// Handed to the driver or spooler. It does not mean paper.
    Printed,
    /// It went wrong before it was drawn.
    NotDrawn(String),
    /// It went wrong when or after it was handed over.
    NotPrinted(String),
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Answer to `getPrinters`.
    Printers { request: Option<String>, printers: Vec<Listed> },
    /// Answer to `print`: taken, or the reason why not.
    Reply { ids: Ids, refused: Option<String> },
    /// A notification: of the task, and of single documents where it tells them.
    Told { ids: Ids, stage: Stage, documents: Vec<(String, Stage)> },
    /// Anything else.
    Other,
}

/// A printer in the component's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub name: String,
    /// `enable` and `disable` as told; `None` = not told, or another word.
    pub enabled: Option<bool>,
}

/// Reads one text frame.
pub(crate) fn read(text: &str) -> Word {
    // serde_json stops at 128 levels, so no nesting can exhaust the stack.
    let Ok(Value::Object(m)) = serde_json::from_str::<Value>(text) else { return Word::Other };
    match m.get("cmd").and_then(Value::as_str).unwrap_or_default() {
        "getPrinters" => printers(&m),
        "print" => reply(&m),
        "notifyPrintResult" => print_result(&m),
        "notifyTaskResult" => task_result(&m),
        "notifyDocResult" => {
            let ids = ids(&m);
            Word::Told { ids, stage: document_stage(&m), documents: Vec::new() }
        }
        _ => Word::Other,
    }
}

fn printers(m: &Map<String, Value>) -> Word {
    let Some(list) = m.get("printers").and_then(Value::as_array) else { return Word::Other };
    let listed = list.iter().take(MOST_PRINTERS).filter_map(|p| {
        let name = p.get("name")?.as_str()?;
        let enabled = match p.get("status").and_then(Value::as_str) {
            Some(s) if s.eq_ignore_ascii_case("enable") => Some(true),
            Some(s) if s.eq_ignore_ascii_case("disable") => Some(false),
            _ => None,
        };
        Some(Listed { name: name.to_owned(), enabled })
    });
    Word::Printers { request: ids(m).request, printers: listed.collect() }
}

fn reply(m: &Map<String, Value>) -> Word {
    let refused = match status(m, "status").as_str() {
        "success" => None,
        "failed" => Some(words(m)),
        _ => return Word::Other,
    };
    Word::Reply { ids: ids(m), refused }
}

/// `notifyPrintResult`: `taskStatus` of the task, `printStatus[]` of its documents.
fn print_result(m: &Map<String, Value>) -> Word {
    let drawn = status(m, "taskStatus") == "printed";
    let stage = match status(m, "taskStatus").as_str() {
        "rendered" => Stage::Rendered,
        "printed" => Stage::Printed,
        "failed" => Stage::NotDrawn(words(m)),
        _ => Stage::Begun,
    };
    let of = |d: &Value| {
        let d = d.as_object()?;
        let bad = if drawn { Stage::NotPrinted } else { Stage::NotDrawn };
        let stage = match status(d, "status").as_str() {
            "success" => stage.clone(),
            "failed" | "canceled" | "cancelled" => bad(words(d)),
            _ => Stage::Begun,
        };
        Some((ids(d).document?, stage))
    };
    let documents = m.get("printStatus").and_then(Value::as_array).into_iter().flatten().filter_map(of);
    Word::Told { ids: ids(m), documents: documents.collect(), stage }
}

/// `notifyTaskResult` of 1.x: `status` of the task, `docs` by document id.
fn task_result(m: &Map<String, Value>) -> Word {
    let stage = match status(m, "status").as_str() {
        "completesuccess" => Stage::Printed,
        "completefailed" => Stage::NotDrawn(words(m)),
        _ => Stage::Begun,
    };
    let of = |(id, d): (&String, &Value)| Some((short_id(id)?, document_stage(d.as_object()?)));
    let documents = m.get("docs").and_then(Value::as_object).into_iter().flatten().filter_map(of);
    Word::Told { ids: ids(m), documents: documents.collect(), stage }
}

/// `notifyDocResult`, and an entry of `docs`: a `code` that is not 0 is a failure at that stage.
fn document_stage(m: &Map<String, Value>) -> Stage {
    let bad = m.get("code").is_some_and(|c| number(c) != Some(0));
    match (status(m, "status").as_str(), bad) {
        ("rendered", false) => Stage::Rendered,
        ("printed", false) => Stage::Printed,
        ("printed", true) => Stage::NotPrinted(words(m)),
        ("failed" | "canceled" | "cancelled", _) | (_, true) => Stage::NotDrawn(words(m)),
        _ => Stage::Begun,
    }
}

fn number(v: &Value) -> Option<i64> {
    v.as_i64().or_else(|| v.as_str()?.trim().parse().ok())
}

fn status(m: &Map<String, Value>, key: &str) -> String {
    m.get(key).and_then(Value::as_str).map(|s| s.trim().to_ascii_lowercase()).unwrap_or_default()
}

fn ids(m: &Map<String, Value>) -> Ids {
    let id = |spellings: [&str; 2]| spellings.iter().find_map(|s| text_of(m.get(*s)?));
    Ids {
        request: id(["requestID", "requestId"]),
        task: id(["taskID", "taskId"]),
        document: id(["documentID", "documentId"]),
    }
}

fn text_of(v: &Value) -> Option<String> {
    match v {
        Value::String(s) => short_id(s),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

fn short_id(s: &str) -> Option<String> {
    (!s.is_empty() && s.len() <= LONGEST_ID).then(|| s.to_owned())
}

/// The component's own words, for people: `msg`, `detail`, and the number that support asks for.
fn words(m: &Map<String, Value>) -> String {
    let mut said: Vec<String> = Vec::new();
    for key in ["msg", "detail"] {
        if let Some(s) = m.get(key).and_then(Value::as_str).map(clean).filter(|s| !s.is_empty() && !said.contains(s)) {
            said.push(s);
        }
    }
    for key in ["errorCode", "code"] {
        if let Some(n) = m.get(key).and_then(number).filter(|n| *n != 0) {
            said.push(format!("[{n}]"));
        }
    }
    if said.is_empty() { "it gives no reason".to_owned() } else { said.join(" ") }
}

/// Cut, and without what could break a line or turn a text around.
pub(crate) fn clean(s: &str) -> String {
    let odd = |c: char| {
        c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let plain: String = s.chars().take(LONGEST_WORDS).map(|c| if odd(c) { ' ' } else { c }).collect();
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use std::time::{Duration, Instant};

    fn told(v: &Value) -> (Ids, Stage, Vec<(String, Stage)>) {
        match read(&v.to_string()) {
            Word::Told { ids, stage, documents } => (ids, stage, documents),
            other => panic!("{v} was read as {other:?}"),
        }
    }

    #[test]
    fn both_spellings_and_numbers_are_ids() {
        for m in [
            json!({"cmd": "notifyDocResult", "requestID": "r", "taskID": "7", "documentID": "d", "status": "rendered"}),
            json!({"cmd": "notifyDocResult", "requestId": "r", "taskId": 7, "documentId": "d", "status": "rendered", "code": 0}),
        ] {
            let (ids, stage, _) = told(&m);
            let all = (ids.request.as_deref(), ids.task.as_deref(), ids.document.as_deref());
            assert_eq!((all, stage), ((Some("r"), Some("7"), Some("d")), Stage::Rendered), "{m}");
        }
    }

    #[test]
    fn failures_are_told_apart_by_where_they_happened() {
        let doc = |status: &str, code: i64| {
            told(&json!({"cmd": "notifyDocResult", "status": status, "code": code, "detail": "Unknown encryption type."})).1
        };
        let words = || "Unknown encryption type. [40]".to_owned();
        assert_eq!(doc("rendered", 40), Stage::NotDrawn(words()));
        assert_eq!(doc("printed", 40), Stage::NotPrinted(words()));
        assert_eq!(doc("failed", 40), Stage::NotDrawn(words()));
        assert_eq!(doc("printed", 0), Stage::Printed);
        let result = |task: &str, document: &str| {
            let of = json!([{"documentID": "d", "status": document, "msg": "无效的打印机"}]);
            told(&json!({"cmd": "notifyPrintResult", "taskStatus": task, "printStatus": of})).2[0].1.clone()
        };
        assert_eq!(result("printed", "success"), Stage::Printed);
        assert_eq!(result("printed", "failed"), Stage::NotPrinted("无效的打印机".into()));
        assert_eq!(result("failed", "failed"), Stage::NotDrawn("无效的打印机".into()));
        assert_eq!(result("rendered", "canceled"), Stage::NotDrawn("无效的打印机".into()));
        assert_eq!(result("rendered", "success"), Stage::Rendered);
        let (_, stage, documents) = told(&json!({
            "cmd": "notifyTaskResult", "status": "completeFailed", "taskId": "t",
            "docs": {"d": {"status": "rendered", "code": 40, "detail": "x"}},
        }));
        assert_eq!(stage, Stage::NotDrawn("it gives no reason".into()));
        assert_eq!(documents, [("d".to_owned(), Stage::NotDrawn("x [40]".into()))]);
    }

    #[test]
    fn replies_and_lists_are_read_and_the_rest_is_nothing() {
        let refused =
            json!({"cmd": "print", "requestID": "r", "status": "failed", "msg": "document not found", "errorCode": 11});
        let Word::Reply { refused: Some(why), .. } = read(&refused.to_string()) else { panic!("a refusal") };
        assert_eq!(why, "document not found [11]");
        let list = json!({"cmd": "getPrinters", "requestID": "r", "status": "success", "defaultPrinter": "A", "printers": [
            {"name": "A", "status": "enable"}, {"name": "B", "status": "disable"}, {"name": "C"}, {"status": "enable"}, 7,
        ]});
        let Word::Printers { printers, .. } = read(&list.to_string()) else { panic!("a list") };
        let seen: Vec<_> = printers.iter().map(|p| (p.name.as_str(), p.enabled)).collect();
        assert_eq!(seen, [("A", Some(true)), ("B", Some(false)), ("C", None)]);
        for odd in [
            "",
            "null",
            "[]",
            "{}",
            "{\"cmd\":7}",
            "{\"cmd\":\"getPrinters\"}",
            "{\"cmd\":\"print\"}",
            "{\"cmd\":\"drop\"}",
            "\u{0}",
        ] {
            assert_eq!(read(odd), Word::Other, "{odd:?}");
        }
    }

    #[test]
    fn its_words_are_cut_and_cannot_break_a_line() {
        let (_, stage, _) = told(
            &json!({"cmd": "notifyDocResult", "status": "failed", "msg": format!("a\n\u{202e}b{}", "长".repeat(5_000))}),
        );
        let Stage::NotDrawn(words) = stage else { panic!("{stage:?}") };
        assert!(words.starts_with("a  b长") && words.chars().count() <= LONGEST_WORDS, "{words}");
    }

    #[test]
    fn the_worst_frames_that_fit_are_read_in_bounded_time() {
        let most = super::super::LARGEST_MESSAGE;
        let deep = "[".repeat(most);
        let deep_objects = "{\"cmd\":".repeat(most / 7);
        let many = format!("{{\"cmd\":\"getPrinters\",\"printers\":[{}0]}}", "{\"name\":\"x\"},".repeat(most / 14));
        let documents = format!(
            "{{\"cmd\":\"notifyPrintResult\",\"printStatus\":[{}0]}}",
            "{\"documentID\":\"x\",\"status\":\"failed\"},".repeat(most / 40)
        );
        let long = format!("{{\"cmd\":\"print\",\"status\":\"failed\",\"msg\":\"{}\"}}", "\\u0000".repeat(most / 6));
        for text in [deep, deep_objects, many, documents, long] {
            let start = Instant::now();
            let _ = read(&text);
            // Unoptimised builds take some 50 ms; a reader that is worse than linear takes minutes.
            assert!(start.elapsed() < Duration::from_secs(5), "{} bytes took {:?}", text.len(), start.elapsed());
        }
    }

    /// JSON that looks like the protocol's, with every value possibly of the wrong kind.
    fn nearly() -> impl Strategy<Value = Value> {
        let word = prop::sample::select(vec![
            "cmd",
            "print",
            "getPrinters",
            "notifyPrintResult",
            "notifyTaskResult",
            "notifyDocResult",
            "status",
            "taskStatus",
            "printStatus",
            "docs",
            "printers",
            "name",
            "taskID",
            "taskId",
            "documentID",
            "documentId",
            "requestID",
            "requestId",
            "code",
            "errorCode",
            "msg",
            "detail",
            "success",
            "failed",
            "printed",
            "rendered",
            "completeSuccess",
            "canceled",
            "0",
        ]);
        let leaf = prop_oneof![
            word.clone().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 40, 8, move |inner| {
            let key = word.clone().prop_map(str::to_owned);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..10)
                    .prop_map(|m| Value::from(m.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn nothing_that_looks_like_the_protocol_makes_it_panic_or_talk_without_end(
            cmd in prop::sample::select(vec!["print", "getPrinters", "notifyPrintResult", "notifyTaskResult", "notifyDocResult"]),
            rest in nearly(),
        ) {
            let mut m = rest.as_object().cloned().unwrap_or_default();
            m.insert("cmd".to_owned(), Value::from(cmd));
            let text = Value::from(m).to_string();
            if let Word::Reply { refused: Some(why), .. }
            | Word::Told { stage: Stage::NotDrawn(why) | Stage::NotPrinted(why), .. } = read(&text)
            {
                prop_assert!(why.chars().count() <= 2 * LONGEST_WORDS + 60 && !why.contains(char::is_control), "{why:?}");
            }
            // Cut anywhere, it is at most nothing.
            let end = text.char_indices().map(|(i, _)| i).nth(text.chars().count() / 2).unwrap_or(0);
            prop_assert_eq!(read(&text[..end]), Word::Other);
        }
    }
}
