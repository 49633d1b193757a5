//! The Cainiao print component (菜鸟打印组件, `CNPrint`) as a printer: labels whose data the platform sealed, which no other
//! program can draw.
//!
//! It is a program of the platform on this computer, with a WebSocket on 127.0.0.1:13528 that speaks JSON in text frames
//! (open platform document 107014; notifications of 1.5 as observed by others). A job is one `print` command with one
//! document, made by [`print_command`]. Before it leaves, `getPrinters` shows that the component answers and has the
//! printer; afterwards notifications are read until one says how it ended.
//!
//! Invariants: 127.0.0.1 and nothing else, no proxy, no redirect. One command a job, never repeated. What the component
//! says is hostile input: bounded in size, number and time, and able to make a job doubtful, never able to make more of
//! it than [`Evidence::BytesAccepted`](domain::evidence::Evidence): its "printed" means handed to a driver. Once a byte
//! of the command has left, only its own clear "failed before drawing" counts as nothing sent; silence, a closed
//! connection or a contradiction is doubt.
//!
//! Deliberately absent: TLS (13529 serves web pages), changing the component's settings, `getTaskStatus`, a custom area
//! (its template belongs to the shop's account; nothing here can know it), the components of other platforms.

mod command;
mod talk;
mod words;

pub use command::{CommandError, print_command};

use crate::device;
use crate::transports::to_the_end;
use async_trait::async_trait;
use domain::printer::{DeviceState, PrinterLink, SendOutcome, StopReason};
use futures_util::{SinkExt, StreamExt};
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use words::{Listed, Word};

pub(crate) use command::Own;
pub(crate) use talk::Talk;
pub(crate) use words::read;

/// Where the component listens without TLS.
pub const COMPONENT_PORT: u16 = 13528;
/// Longest message that is read. A list of printers or a notification is a few kilobytes.
const LARGEST_MESSAGE: usize = 1024 * 1024;
/// Messages that are listened to for one job; a task of one document has about six.
const MOST_MESSAGES: u32 = 2_000;
/// Printers that an error names.
const NAMED: usize = 5;

/// How long the component may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComponentSettings {
    /// To take the connection and the WebSocket handshake.
    pub connect: Duration,
    /// To answer `getPrinters`.
    pub answer: Duration,
    /// From the command to its end. The component fetches the label's template from the platform meanwhile.
    pub print: Duration,
    /// After a "failed": how long something that says otherwise is waited for.
    pub settle: Duration,
    /// For a question about its state, from the start to the answer.
    pub state: Duration,
}

impl Default for ComponentSettings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            answer: Duration::from_secs(5),
            print: Duration::from_secs(60),
            settle: Duration::from_millis(500),
            state: Duration::from_millis(500),
        }
    }
}

/// One printer of the component.
#[derive(Clone, Debug)]
pub struct ComponentLink {
    port: u16,
    printer: String,
    settings: ComponentSettings,
}

/// A printer that the component lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentPrinter {
    /// As the system names it.
    pub name: String,
    /// Whether the component may use it, where it says so.
    pub enabled: Option<bool>,
}

/// Why the component's printers are not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComponentError {
    /// Nobody listens there.
    #[error("the print component does not run on this computer (127.0.0.1:{port}): start 菜鸟打印组件, then try again")]
    NotRunning {
        /// Where it was looked for.
        port: u16,
    },
    /// Somebody listens, but does not speak as the component does.
    #[error("what listens on 127.0.0.1:{port} does not answer as 菜鸟打印组件 does: {why}")]
    NoAnswer {
        /// Where.
        port: u16,
        /// What happened.
        why: String,
    },
}

/// The component's printers (`getPrinters`). Errors: it does not run, or does not answer within `settings`.
pub async fn component_printers(
    port: u16,
    settings: &ComponentSettings,
) -> Result<Vec<ComponentPrinter>, ComponentError> {
    let mut line = Connection::open(port, settings.connect).await?;
    let listed = line.printers(settings.answer).await?;
    line.leave().await;
    Ok(listed.into_iter().map(|p| ComponentPrinter { name: p.name, enabled: p.enabled }).collect())
}

impl ComponentLink {
    /// A link to this printer of the component on 127.0.0.1:`port`. No I/O.
    pub fn new(port: u16, printer: &str, settings: ComponentSettings) -> Self {
        Self { port, printer: printer.to_owned(), settings }
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        let nothing = |why: &dyn std::fmt::Display| SendOutcome::NothingSent(why.to_string());
        let Some(own) = Own::read(&job) else {
            return nothing(&"the job is no sealed label: the print component draws nothing else");
        };
        if own.printer != self.printer {
            return nothing(&"the job was made for another printer of the print component");
        }
        let Ok(command) = String::from_utf8(job) else { return nothing(&"the job is not UTF-8") };
        let _turn = device::line(vec![format!("cainiao {} {}", self.port, self.printer)]).await;
        let mut line = match Connection::open(self.port, self.settings.connect).await {
            Ok(line) => line,
            Err(e) => return nothing(&e),
        };
        match line.printers(self.settings.answer).await {
            Ok(listed) => match find(&listed, &self.printer) {
                Ok(Listed { enabled: Some(false), .. }) => {
                    return nothing(&format!("the print component has its printer {:?} disabled", self.printer));
                }
                Ok(_) => {}
                Err(why) => return nothing(&why),
            },
            Err(e) => return nothing(&e),
        }
        let bytes = u64::try_from(command.len()).unwrap_or(u64::MAX);
        let mut talk = Talk::new(own, bytes);
        let mut until = Instant::now() + self.settings.print;
        // From here on the component may have it, whatever the socket says.
        if let Err(why) = timeout_at(until, line.say(command)).await.unwrap_or(Err("took no more bytes".to_owned())) {
            return talk.end(&why);
        }
        let why = loop {
            let refused = talk.is_refused();
            match line.hear(until).await {
                Ok(word) => talk.hear(&word),
                Err(why) => break why,
            }
            if talk.is_over() {
                break String::new();
            }
            if talk.is_refused() && !refused {
                until = until.min(Instant::now() + self.settings.settle);
            }
        };
        let end = talk.end(&why);
        tracing::debug!(outcome = ?end, "the print component's end of a label");
        // It is told that we go, and not waited for: the end is known.
        line.leave().await;
        end
    }
}

#[async_trait]
impl PrinterLink for ComponentLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    /// Ready and stopped are the component's word for the printer's driver, not the device's.
    async fn state(&self) -> DeviceState {
        let ask = async {
            let mut line = Connection::open(self.port, self.settings.state).await?;
            let listed = line.printers(self.settings.state).await;
            line.leave().await;
            listed
        };
        let no_time =
            || Err(ComponentError::NoAnswer { port: self.port, why: format!("silent for {:?}", self.settings.state) });
        match timeout(self.settings.state, ask).await.unwrap_or_else(|_| no_time()) {
            Err(e) => DeviceState::Unreachable(e.to_string()),
            Ok(listed) => match find(&listed, &self.printer) {
                Err(why) => DeviceState::Unreachable(why),
                Ok(Listed { enabled: Some(true), .. }) => DeviceState::Ready,
                Ok(Listed { enabled: Some(false), .. }) => DeviceState::Stopped(vec![StopReason::Other]),
                Ok(Listed { enabled: None, .. }) => DeviceState::CannotTell,
            },
        }
    }
}

/// The printer with this very name, or words that say which there are.
fn find<'a>(listed: &'a [Listed], name: &str) -> Result<&'a Listed, String> {
    listed.iter().find(|p| p.name == name).ok_or_else(|| {
        let names: Vec<String> = listed.iter().take(NAMED).map(|p| format!("{:?}", words::clean(&p.name))).collect();
        let more = if listed.len() > NAMED { " …" } else { "" };
        match names.as_slice() {
            [] => format!("the print component has no printer {name:?}, and no other"),
            some => format!("the print component has no printer {name:?}; it has {}{more}", some.join(", ")),
        }
    })
}

/// One connection to the component.
struct Connection {
    socket: WebSocketStream<TcpStream>,
    port: u16,
    heard: u32,
}

impl Connection {
    async fn open(port: u16, limit: Duration) -> Result<Self, ComponentError> {
        let no_answer = |why: String| ComponentError::NoAnswer { port, why };
        let open = async {
            let stream = match TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
                Ok(stream) => stream,
                Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => {
                    return Err(ComponentError::NotRunning { port });
                }
                Err(e) => return Err(no_answer(e.to_string())),
            };
            let config = WebSocketConfig::default()
                .read_buffer_size(16 * 1024)
                .max_message_size(Some(LARGEST_MESSAGE))
                .max_frame_size(Some(LARGEST_MESSAGE));
            // A redirect is an answer other than 101 and ends here.
            let address = format!("ws://127.0.0.1:{port}/");
            tokio_tungstenite::client_async_with_config(address, stream, Some(config))
                .await
                .map(|(socket, _)| Self { socket, port, heard: 0 })
                .map_err(|e| no_answer(e.to_string()))
        };
        timeout(limit, open).await.unwrap_or_else(|_| Err(no_answer(format!("silent for {limit:?}"))))
    }

    /// Asks for the printers. Anything else that comes first is somebody else's business.
    async fn printers(&mut self, limit: Duration) -> Result<Vec<Listed>, ComponentError> {
        const ASKED: &str = "printers";
        let no_answer = |why: String| ComponentError::NoAnswer { port: self.port, why };
        let until = Instant::now() + limit;
        let question = format!("{{\"cmd\":\"getPrinters\",\"requestID\":\"{ASKED}\",\"version\":\"1.0\"}}");
        let asked = timeout_at(until, say(&mut self.socket, question)).await;
        asked.unwrap_or(Err("takes no bytes".to_owned())).map_err(&no_answer)?;
        loop {
            match hear(&mut self.socket, &mut self.heard, until).await.map_err(&no_answer)? {
                Word::Printers { request, printers } if request.as_deref().is_none_or(|r| r == ASKED) => {
                    return Ok(printers);
                }
                _ => {}
            }
        }
    }

    async fn say(&mut self, text: String) -> Result<(), String> {
        say(&mut self.socket, text).await
    }

    async fn hear(&mut self, until: Instant) -> Result<Word, String> {
        hear(&mut self.socket, &mut self.heard, until).await
    }

    async fn leave(mut self) {
        let _ = timeout(Duration::from_millis(100), self.socket.close(None)).await;
    }
}

async fn say(socket: &mut WebSocketStream<TcpStream>, text: String) -> Result<(), String> {
    socket.send(Message::text(text)).await.map_err(|e| format!("broke off ({e})"))
}

/// The next message. Errors, in words that follow "the print component": it closed, broke the rules, or was silent.
async fn hear(socket: &mut WebSocketStream<TcpStream>, heard: &mut u32, until: Instant) -> Result<Word, String> {
    loop {
        let Ok(next) = timeout_at(until, socket.next()).await else {
            return Err("did not say how it ended in time".to_owned());
        };
        *heard += 1;
        if *heard > MOST_MESSAGES {
            return Err("talks without end".to_owned());
        }
        match next {
            None | Some(Ok(Message::Close(_)) | Err(WsError::ConnectionClosed | WsError::AlreadyClosed)) => {
                return Err("closed the connection".to_owned());
            }
            Some(Err(e)) => return Err(format!("broke off ({e})")),
            Some(Ok(Message::Text(text))) => return Ok(words::read(text.as_str())),
            // Pings are answered by the library; the protocol has no binary frames.
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
        }
    }
}
