//! The practice print component: a WebSocket server on loopback that talks as the Cainiao component does (published
//! commands of open platform document 107014; order and spelling of the notifications as others observed them in 1.5.3)
//! and "prints" into a list, and with a folder into files.
//!
//! Invariants: 127.0.0.1 only; a document is in the list before anything is said of its being printed; a task that is
//! sent again is printed again, so that a sender who repeats is found out. It opens nothing: it looks whether the data is
//! sealed as the practice market seals it, and refuses what is not. Deliberately absent: TLS, previews, the component's
//! settings, drawing the template (it lies at the platform).

mod script;
#[cfg(test)]
mod tests;

use futures_util::{SinkExt, StreamExt};
use script::Step;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_tungstenite::tungstenite::Message;

/// The practice component's printer that works.
pub const COMPONENT_PRINTER: &str = "练习面单机";
/// The one that the component has disabled.
pub const COMPONENT_PRINTER_OFF: &str = "停用的面单机";
/// What `getAgentInfo` tells.
const VERSION: &str = "1.5.3.0";

/// A document that was "printed".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrintedDocument {
    /// Id of its task.
    pub task: String,
    /// Its own.
    pub document: String,
    /// Printer it went to.
    pub printer: String,
    /// The whole print command, as it came.
    pub command: String,
}

/// What the component does wrong, at the next print command (`SilentList`: at the next question for its printers). JSON:
/// `{"kind":"late","ms":300}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ComponentFault {
    /// Prints, says everything twice.
    Twice,
    /// Prints, spells the ids the other way round.
    OtherSpelling,
    /// Prints, talks as 0.x: only the reply and `notifyPrintResult`, that one without a request id.
    OldVersion,
    /// Prints, says what happened last first.
    Backwards,
    /// Prints, tells of other tasks with the same document before, between and after.
    Strangers,
    /// Prints, answers so much later.
    Late {
        /// Milliseconds.
        ms: u64,
    },
    /// Prints, with frames in between that are no messages of the protocol.
    Garbage,
    /// Prints and says nothing.
    Silent,
    /// Takes the command and neither prints nor says anything.
    Swallow,
    /// Does not answer the question for its printers.
    SilentList,
    /// Closes the connection instead of printing.
    CloseBefore,
    /// Prints, then closes the connection without a word.
    CloseAfter,
    /// Says that it drew the label, then the connection breaks.
    BreakAfterDrawing,
    /// Prints, then sends a message of this size before any other.
    Oversize {
        /// Bytes.
        bytes: usize,
    },
    /// Prints, then talks of other tasks without end.
    Flood,
    /// Refuses the command.
    Refuse {
        /// Its words.
        msg: String,
    },
    /// Takes the command, cannot open the data (code 40), prints nothing.
    FailDrawing,
    /// Draws, then fails at the printer.
    FailPrinting,
    /// Refuses the command, and prints nevertheless.
    SaysBoth,
}

/// How a practice component starts.
#[derive(Clone, Debug, Default)]
pub struct PracticeComponentSettings {
    /// Port on 127.0.0.1; 0 = any free one. The real one has 13528.
    pub port: u16,
    /// Where `documentNNNN.json` (the print command as it came) go.
    pub folder: Option<PathBuf>,
}

/// Why a practice component did not start.
#[derive(Debug, thiserror::Error)]
pub enum ComponentStartError {
    /// The port could not be taken.
    #[error("the practice print component could not listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder for documents could not be made.
    #[error("the practice print component's folder {folder:?} could not be used")]
    Folder {
        /// The folder asked for.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// A running practice component. Dropping it ends it as well.
pub struct PracticeComponent {
    handle: ComponentHandle,
    task: JoinHandle<()>,
}

/// A hand on a component: its faults, what it printed. Cheap to clone.
#[derive(Clone)]
pub struct ComponentHandle {
    inner: Arc<Inner>,
    addr: SocketAddr,
}

#[derive(Default)]
struct State {
    faults: Vec<ComponentFault>,
    printed: Vec<PrintedDocument>,
    /// Files written by earlier lives.
    before: usize,
    commands: usize,
    off: Vec<String>,
}

struct Inner {
    folder: Option<PathBuf>,
    state: Mutex<State>,
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault for this kind of command, which is used up with it.
    fn fault(&self, cmd: &str) -> Option<ComponentFault> {
        let mut s = self.state();
        let at = s.faults.iter().position(|f| (*f == ComponentFault::SilentList) == (cmd == "getPrinters"))?;
        Some(s.faults.remove(at))
    }

    fn print(&self, document: PrintedDocument) {
        let mut s = self.state();
        if let Some(folder) = &self.folder {
            let number = s.before + s.printed.len() + 1;
            let file = folder.join(format!("document{number:04}.json"));
            if let Err(error) = std::fs::write(&file, &document.command) {
                tracing::error!(%error, number, "a practice document could not be written as a file");
            }
        }
        s.printed.push(document);
    }

    fn printers(&self) -> Vec<Value> {
        let off = &self.state().off;
        let status = |name: &str| if off.iter().any(|o| o == name) { "disable" } else { "enable" };
        [COMPONENT_PRINTER, COMPONENT_PRINTER_OFF]
            .map(|name| json!({"name": name, "status": status(name), "type": "RAW"}))
            .to_vec()
    }
}

impl PracticeComponent {
    /// Starts listening; when this returns, connections are taken.
    pub async fn start(settings: PracticeComponentSettings) -> Result<Self, ComponentStartError> {
        let PracticeComponentSettings { port, folder } = settings;
        let mut before = 0;
        if let Some(folder) = &folder {
            let read = std::fs::create_dir_all(folder).and_then(|()| std::fs::read_dir(folder));
            let wrong = |source| ComponentStartError::Folder { folder: folder.clone(), source };
            before = read.map_err(wrong)?.count();
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|source| ComponentStartError::Listen { port, source })?;
        let addr = listener.local_addr().map_err(|source| ComponentStartError::Listen { port, source })?;
        let state = State { before, off: vec![COMPONENT_PRINTER_OFF.to_owned()], ..State::default() };
        let inner = Arc::new(Inner { folder, state: Mutex::new(state) });
        let task = tokio::spawn(accept(inner.clone(), listener));
        Ok(Self { handle: ComponentHandle { inner, addr }, task })
    }

    /// A hand to keep elsewhere.
    pub fn handle(&self) -> ComponentHandle {
        self.handle.clone()
    }

    /// Ends it: open connections break, the port is free.
    pub async fn stop(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for PracticeComponent {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl std::ops::Deref for PracticeComponent {
    type Target = ComponentHandle;
    fn deref(&self) -> &ComponentHandle {
        &self.handle
    }
}

impl ComponentHandle {
    /// `cainiao://127.0.0.1:PORT/PRINTER` of the printer that works.
    pub fn address(&self) -> String {
        format!("cainiao://{}/{COMPONENT_PRINTER}", self.addr)
    }
    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.addr.port()
    }
    /// Every document it printed since the start, in order, repetitions too.
    pub fn printed(&self) -> Vec<PrintedDocument> {
        self.inner.state().printed.clone()
    }
    /// Print commands it was given, whatever became of them.
    pub fn commands(&self) -> usize {
        self.inner.state().commands
    }
    /// Adds a fault; each fires once, in this order.
    pub fn add_fault(&self, fault: ComponentFault) {
        self.inner.state().faults.push(fault);
    }
    /// Disables or enables a printer, as a person does in the component's window.
    pub fn set_enabled(&self, printer: &str, on: bool) {
        let mut s = self.inner.state();
        s.off.retain(|name| name != printer);
        if !on {
            s.off.push(printer.to_owned());
        }
    }
}

async fn accept(inner: Arc<Inner>, listener: TcpListener) {
    // Aborted with this task when it is dropped.
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(serve(inner.clone(), stream));
            }
            // Out of descriptors or a peer that is gone already: try again, but not in a hot loop.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(inner: Arc<Inner>, stream: TcpStream) {
    let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        for step in answer(&inner, text.as_str()) {
            let said = match step {
                Step::Say(v) => socket.send(Message::text(v.to_string())).await,
                Step::Raw(m) => socket.send(m).await,
                Step::Print(d) => {
                    inner.print(d);
                    Ok(())
                }
                Step::Wait(time) => {
                    tokio::time::sleep(time).await;
                    Ok(())
                }
                Step::Close => {
                    let _ = socket.close(None).await;
                    return;
                }
                // Without the close frame: as when the program dies.
                Step::Break => return,
            };
            if said.is_err() {
                return;
            }
        }
    }
}

fn answer(inner: &Inner, text: &str) -> Vec<Step> {
    let Ok(command) = serde_json::from_str::<Value>(text) else {
        return vec![Step::Say(json!({"status": "failed", "msg": "bad json", "errorCode": 400}))];
    };
    let cmd = command["cmd"].as_str().unwrap_or_default();
    let reply = |more: Value| {
        let mut m = json!({"cmd": cmd, "requestID": command["requestID"], "status": "success", "msg": "no error", "errorCode": 0});
        if let (Some(m), Some(more)) = (m.as_object_mut(), more.as_object()) {
            m.extend(more.clone());
        }
        vec![Step::Say(m)]
    };
    match cmd {
        "getPrinters" if inner.fault(cmd).is_some() => Vec::new(),
        "getPrinters" => reply(json!({"defaultPrinter": COMPONENT_PRINTER, "printers": inner.printers()})),
        "getAgentInfo" => reply(json!({"version": VERSION})),
        "print" => {
            inner.state().commands += 1;
            let enabled: Vec<String> = inner
                .printers()
                .into_iter()
                .filter(|p| p["status"] == "enable")
                .filter_map(|p| p["name"].as_str().map(str::to_owned))
                .collect();
            script::of_print(&command, text, &enabled, inner.fault(cmd).as_ref())
        }
        _ => reply(json!({"status": "failed", "msg": "unknown cmd", "errorCode": 404})),
    }
}
