//! The print command: one document a task, its ids fixed by the desk's job, the platform's sealed data spliced in as it
//! came.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A sealed label is a few kilobytes; this leaves room and bounds what is parsed.
const LONGEST: usize = 256 * 1024;

/// Why there is no print command for this data. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Not a JSON object with a text `encryptedData` in it.
    #[error("the print data is not what the platform seals for its print component")]
    NotSealed,
    /// It carries fields that could hold a person's data unsealed (`data`, `addData`).
    #[error("the print data holds unsealed fields beside the sealed ones; only sealed data is handed to the component")]
    Clear,
    /// It is longer than any label's.
    #[error("the print data is {bytes} bytes long; a label's is a few thousand")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

/// The `print` command for one label, as it leaves: UTF-8 JSON (open platform document 107014, command `print`).
///
/// `job` is the desk's print job: task and request carry it, so that the same job sent again is the same task. `document`
/// is the waybill number, as the document advises. `data` is the platform's print data; it goes into `contents` byte for
/// byte. Errors: `data` is not sealed data, see [`CommandError`].
pub fn print_command(printer: &str, job: &str, document: &str, data: &str) -> Result<Vec<u8>, CommandError> {
    if data.len() > LONGEST {
        return Err(CommandError::TooLong { bytes: data.len() });
    }
    let data = data.trim();
    let fields: Map<String, Value> = serde_json::from_str(data).map_err(|_| CommandError::NotSealed)?;
    if fields.get("encryptedData").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(CommandError::NotSealed);
    }
    if fields.contains_key("data") || fields.contains_key("addData") {
        return Err(CommandError::Clear);
    }
    let text = |s: &str| Value::from(s).to_string();
    // Spliced as text: a parsed and rewritten object might spell a character otherwise than it was signed.
    let command = format!(
        "{{\"cmd\":\"print\",\"requestID\":{request},\"version\":\"1.0\",\"task\":{{\"taskID\":{task},\"preview\":false,\
         \"printer\":{printer},\"notifyType\":[\"render\",\"print\"],\"documents\":[{{\"documentID\":{document},\
         \"contents\":[{data}]}}]}}}}",
        request = text(&format!("print-{job}")),
        task = text(job),
        printer = text(printer),
        document = text(document),
    );
    Ok(command.into_bytes())
}

/// What the link has to know of a command that it hands over.
#[derive(Debug)]
pub(crate) struct Own {
    pub request: String,
    pub task: String,
    pub document: String,
    pub printer: String,
}

impl Own {
    /// Reads a job. `None`: it is no command made by [`print_command`], a picture for a printer for instance.
    pub fn read(job: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Command {
            cmd: String,
            #[serde(rename = "requestID")]
            request: String,
            task: Task,
        }
        #[derive(Deserialize)]
        struct Task {
            #[serde(rename = "taskID")]
            id: String,
            printer: String,
            documents: [Document; 1],
        }
        #[derive(Deserialize)]
        struct Document {
            #[serde(rename = "documentID")]
            id: String,
        }
        let command: Command = serde_json::from_slice(job).ok().filter(|c: &Command| c.cmd == "print")?;
        let [document] = command.task.documents;
        Some(Self {
            request: command.request,
            task: command.task.id,
            document: document.id,
            printer: command.task.printer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEALED: &str =
        "{\"encryptedData\":\"AES:x\\u002by\",  \"signature\":\"MD:1\",\"templateURL\":\"http://t/1\",\"ver\":\"v1\"}";

    #[test]
    fn the_command_carries_the_sealed_data_byte_for_byte_and_its_ids_follow_from_the_job() {
        let one = print_command("面单 \"1\"", "job-1", "773000", &format!(" {SEALED}\n")).unwrap();
        let text = String::from_utf8(one.clone()).unwrap();
        assert!(text.contains(&format!("\"contents\":[{SEALED}]")), "even its spaces and escapes: {text}");
        let v: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((v["cmd"].as_str(), v["task"]["taskID"].as_str()), (Some("print"), Some("job-1")));
        assert_eq!(v["task"]["documents"].as_array().unwrap().len(), 1, "one document a task");
        assert_eq!(v["task"]["preview"], false);
        assert_eq!(print_command("面单 \"1\"", "job-1", "773000", SEALED).unwrap(), one, "the same job, the same task");
        let own = Own::read(&one).unwrap();
        assert_eq!((own.task.as_str(), own.document.as_str()), ("job-1", "773000"));
        assert_eq!((own.request.as_str(), own.printer.as_str()), ("print-job-1", "面单 \"1\""));
    }

    #[test]
    fn nothing_unsealed_becomes_a_command() {
        for (data, why) in [
            ("", CommandError::NotSealed),
            ("[]", CommandError::NotSealed),
            ("{\"encryptedData\":\"\"}", CommandError::NotSealed),
            ("{\"encryptedData\":7}", CommandError::NotSealed),
            ("{\"data\":{\"recipient\":{\"name\":\"林悠然\"}},\"signature\":\"MD:1\"}", CommandError::NotSealed),
            ("{\"encryptedData\":\"AES:x\",\"data\":{\"name\":\"林悠然\"}}", CommandError::Clear),
            ("{\"encryptedData\":\"AES:x\",\"addData\":{\"sender\":{}}}", CommandError::Clear),
            ("{\"encryptedData\":\"AES:x\"}, {\"data\":{}}", CommandError::NotSealed),
        ] {
            assert_eq!(print_command("p", "j", "d", data), Err(why), "{data}");
        }
        let long = format!("{{\"encryptedData\":\"{}\"}}", "x".repeat(LONGEST));
        assert!(matches!(print_command("p", "j", "d", &long), Err(CommandError::TooLong { .. })));
    }

    #[test]
    fn a_job_in_a_printer_language_is_no_command() {
        for job in [&b"SIZE 100 mm,180 mm\r\nPRINT 1,1\r\n"[..], b"", b"{}", b"{\"cmd\":\"getPrinters\"}"] {
            assert!(Own::read(job).is_none(), "{job:?}");
        }
    }
}
