//! What is known of one task from what was heard so far. Pure; order, repetition and strangers' messages do not matter,
//! but for one thing: the first "printed" that stands alone is the end.

use super::command::Own;
use super::words::{Ids, Stage, Word};
use domain::evidence::Evidence;
use domain::printer::SendOutcome;

/// One task under way: everything was sent, the end is not known.
#[derive(Debug)]
pub(crate) struct Talk {
    own: Own,
    /// Bytes that left.
    bytes: u64,
    taken: bool,
    rendered: bool,
    printed: bool,
    /// Why, and whether it was when or after the document was handed on.
    failed: Option<(String, bool)>,
}

impl Talk {
    pub fn new(own: Own, bytes: u64) -> Self {
        Self { own, bytes, taken: false, rendered: false, printed: false, failed: None }
    }

    /// Takes in one message.
    pub fn hear(&mut self, word: &Word) {
        match word {
            Word::Reply { ids, refused } if self.is_ours(ids) => match refused {
                None => self.taken = true,
                Some(why) => self.fail(why, false),
            },
            Word::Told { ids, stage, documents } if self.is_ours(ids) => {
                match documents.iter().find(|(id, _)| *id == self.own.document) {
                    // What it says of our document is nearer than what it says of the task.
                    Some((_, of_document)) => self.take(of_document),
                    // It names documents, and ours is none of them.
                    None if !documents.is_empty() => {}
                    None => self.take(stage),
                }
            }
            Word::Reply { .. } | Word::Told { .. } | Word::Printers { .. } | Word::Other => {}
        }
    }

    /// A message is ours by its task; where it has none (0.x has no request id in notifications, 1.x has one), by its
    /// request. Another document's is never ours.
    fn is_ours(&self, ids: &Ids) -> bool {
        let same = match (&ids.task, &ids.request) {
            (Some(task), _) => *task == self.own.task,
            (None, Some(request)) => *request == self.own.request,
            (None, None) => false,
        };
        same && ids.document.as_ref().is_none_or(|d| *d == self.own.document)
    }

    fn take(&mut self, stage: &Stage) {
        match stage {
            Stage::Begun => self.taken = true,
            Stage::Rendered => self.rendered = true,
            Stage::Printed => self.printed = true,
            Stage::NotDrawn(why) => self.fail(why, false),
            Stage::NotPrinted(why) => self.fail(why, true),
        }
    }

    fn fail(&mut self, why: &str, handed_on: bool) {
        // The first reason is the cause, later ones follow from it.
        let failed = self.failed.get_or_insert_with(|| (why.to_owned(), false));
        failed.1 |= handed_on;
    }

    /// Whether it is certain enough to stop listening: printed, and nothing said otherwise before.
    pub fn is_over(&self) -> bool {
        self.printed && self.failed.is_none()
    }

    /// Whether it said no: then a little longer is listened, for something that says otherwise.
    pub fn is_refused(&self) -> bool {
        self.failed.is_some()
    }

    /// What it comes to, when nothing more is listened to because of `why`.
    pub fn end(self, why: &str) -> SendOutcome {
        let doubt = |reason: String| SendOutcome::BrokenOff { accepted: self.bytes, reason };
        match &self.failed {
            None if self.printed => SendOutcome::Sent(Evidence::BytesAccepted),
            None => {
                let far = if self.rendered {
                    "it had drawn the label"
                } else if self.taken {
                    "it had taken the label"
                } else {
                    "it had not answered"
                };
                doubt(format!("the print component {why}; {far}"))
            }
            Some((words, _)) if self.printed => {
                doubt(format!("the print component said both printed and failed ({words})"))
            }
            Some((words, handed_on)) if *handed_on || self.rendered => {
                doubt(format!("the print component failed on the way to the printer: {words}"))
            }
            Some((words, _)) => SendOutcome::NothingSent(format!("the print component printed nothing: {words}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::read;
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn talk() -> Talk {
        let own = Own { request: "r".into(), task: "t".into(), document: "d".into(), printer: "p".into() };
        Talk::new(own, 900)
    }

    fn end(messages: &[Value]) -> SendOutcome {
        let mut talk = talk();
        for m in messages {
            if talk.is_over() {
                break;
            }
            talk.hear(&read(&m.to_string()));
        }
        talk.end("fell silent")
    }

    fn doc(status: &str, code: i64) -> Value {
        json!({"cmd": "notifyDocResult", "requestID": "r", "taskId": "t", "documentId": "d", "status": status, "code": code})
    }
    fn reply(status: &str) -> Value {
        json!({"cmd": "print", "requestID": "r", "taskID": "t", "status": status, "msg": "w"})
    }
    fn printed() -> Value {
        json!({"cmd": "notifyPrintResult", "taskID": "t", "taskStatus": "printed",
               "printStatus": [{"documentID": "d", "status": "success"}]})
    }

    #[test]
    fn printed_is_spooled_and_no_more() {
        let spooled = SendOutcome::Sent(Evidence::BytesAccepted);
        // As 1.5.3 talks, and as 0.x does, which has neither request ids nor notifications of documents.
        let begun =
            json!({"cmd": "notifyTaskResult", "requestID": "r", "taskId": "t", "status": "initial", "docs": {}});
        assert_eq!(end(&[begun, reply("success"), doc("rendered", 0), doc("printed", 0), printed()]), spooled);
        assert_eq!(end(&[reply("success"), printed()]), spooled);
        assert_eq!(end(&[doc("printed", 0), reply("success"), doc("rendered", 0)]), spooled, "out of order");
        let done = json!({"cmd": "notifyTaskResult", "taskId": "t", "status": "completeSuccess"});
        assert_eq!(end(&[done]), spooled);
        let mut once = talk();
        once.hear(&read(&printed().to_string()));
        assert!(once.is_over(), "nothing more is waited for");
    }

    #[test]
    fn what_failed_before_it_was_drawn_went_nowhere_and_later_nobody_knows() {
        let nothing = |o: &SendOutcome| matches!(o, SendOutcome::NothingSent(_));
        let doubtful = |o: &SendOutcome| matches!(o, SendOutcome::BrokenOff { accepted: 900, .. });
        for said in [
            vec![reply("failed")],
            vec![reply("success"), doc("rendered", 40)],
            vec![doc("failed", 0), doc("failed", 0)],
        ] {
            assert!(nothing(&end(&said)), "{said:?}");
        }
        for said in [
            vec![],
            vec![reply("success")],
            vec![reply("success"), doc("rendered", 0)],
            vec![doc("rendered", 0), doc("failed", 0)],
            vec![doc("failed", 0), doc("rendered", 0)],
            vec![doc("printed", 7)],
            vec![reply("failed"), printed()],
        ] {
            assert!(doubtful(&end(&said)), "{said:?} gave {:?}", end(&said));
        }
    }

    #[test]
    fn other_tasks_and_documents_say_nothing_of_ours() {
        let theirs = |key: &str, id: &str| {
            let mut m = doc("printed", 0);
            m[key] = json!(id);
            m
        };
        let mut none = doc("printed", 0);
        for key in ["taskId", "requestID"] {
            none.as_object_mut().unwrap().remove(key);
        }
        let strangers = json!({"cmd": "notifyPrintResult", "taskID": "t", "taskStatus": "printed",
                               "printStatus": [{"documentID": "other", "status": "success"}]});
        for m in [theirs("taskId", "other"), theirs("documentId", "other"), none, strangers] {
            assert!(matches!(end(std::slice::from_ref(&m)), SendOutcome::BrokenOff { .. }), "{m}");
        }
        let mut by_request = doc("printed", 0);
        by_request.as_object_mut().unwrap().remove("taskId");
        assert!(matches!(end(&[by_request]), SendOutcome::Sent(_)), "without a task the request id counts");
    }

    proptest! {
        /// Without a "printed" of ours there is no `Sent`; with a "printed" or a "rendered" of ours there is no `NothingSent`.
        #[test]
        fn no_order_of_messages_makes_more_of_them_than_they_say(picks in prop::collection::vec(0_usize..9, 0..12)) {
            let all = [
                reply("success"), reply("failed"), doc("rendered", 0), doc("rendered", 40), doc("printed", 0),
                doc("printed", 7), doc("failed", 0), printed(),
                json!({"cmd": "notifyDocResult", "taskId": "other", "documentId": "d", "status": "printed"}),
            ];
            let said: Vec<Value> = picks.iter().map(|i| all[*i].clone()).collect();
            let any = |which: &[usize]| picks.iter().any(|p| which.contains(p));
            match end(&said) {
                SendOutcome::Sent(evidence) => {
                    prop_assert!(any(&[4, 7]));
                    prop_assert!(!evidence.confirms());
                }
                SendOutcome::NothingSent(_) => {
                    prop_assert!(any(&[1, 3, 6]) && !any(&[2, 4, 5, 7]), "{:?}", picks);
                }
                SendOutcome::BrokenOff { .. } => {}
            }
        }
    }
}
