//! One IPP call to a CUPS server: the message by the crate `ipp`, HTTP/1.1 by `hyper` on a connection of its own, over
//! TCP or the server's Unix socket.
//!
//! Knows how much of the request had left when a call breaks. Deliberately absent: TLS and passwords (a spooler on this
//! machine or in this house), redirects, any retry.

use crate::address::{LinkAddressError, host_port, join};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use ipp::parser::IppParser;
use ipp::prelude::{IppRequestResponse, Uri};
use ipp::reader::IppReader;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// No answer that we ask for is longer; hundreds of queues fit.
const LONGEST_ANSWER: usize = 8 << 20;
/// Where CUPS listens on Debian, older systems and macOS.
const SOCKETS: [&str; 3] = ["/run/cups/cups.sock", "/var/run/cups/cups.sock", "/private/var/run/cupsd"];

/// The key of the spooler of this computer.
const OWN_SPOOLER: &str = "of this computer";

/// A CUPS server or an IPP printer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Server {
    /// By network.
    Tcp {
        /// Without brackets.
        host: String,
        /// TCP port.
        port: u16,
    },
    /// By socket path; only on Unix.
    Socket(PathBuf),
}

impl Server {
    /// The named server, else the environment's, else the system's own. Errors: the text names no server.
    pub(super) fn find(named: Option<&str>) -> Result<Self, LinkAddressError> {
        match (named, std::env::var("CUPS_SERVER")) {
            (Some(name), _) => Self::parse(name),
            (None, Ok(name)) if !name.is_empty() => Self::parse(&name),
            (None, _) => Ok(SOCKETS
                .iter()
                .map(PathBuf::from)
                .find(|p| cfg!(unix) && p.exists())
                .map_or_else(|| Self::Tcp { host: "localhost".into(), port: 631 }, Self::Socket)),
        }
    }

    fn parse(text: &str) -> Result<Self, LinkAddressError> {
        if text.starts_with('/') {
            return Ok(Self::Socket(text.into()));
        }
        // client.conf(5): `host:port/version=1.1` forces an old protocol, which we speak anyway.
        let (host, port) = host_port(text.split_once("/version=").map_or(text, |(server, _)| server), 631)?;
        Ok(Self::Tcp { host, port })
    }

    /// The key of its queues' turns: this computer's own spooler has one, by whatever way it is reached.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Socket(path) if SOCKETS.iter().any(|own| path == Path::new(own)) => OWN_SPOOLER.to_owned(),
            Self::Tcp { host, port: 631 } if matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1") => {
                OWN_SPOOLER.to_owned()
            }
            other => other.name(),
        }
    }

    /// For people.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Tcp { host, port } => join(host, *port),
            Self::Socket(path) => path.display().to_string(),
        }
    }

    /// Where it listens in the network. A socket is taken for the spooler of this computer, which listens there, too.
    pub(super) fn host_and_port(self) -> (String, u16) {
        match self {
            Self::Tcp { host, port } => (host, port),
            Self::Socket(_) => ("localhost".to_owned(), 631),
        }
    }

    /// What stands in addresses and in `Host`.
    pub(super) fn authority(&self) -> String {
        match self {
            Self::Tcp { host, port } => join(host, *port),
            Self::Socket(_) => "localhost".to_owned(),
        }
    }
}

/// How a call ended without an IPP answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum IppError {
    /// No connection: nothing left.
    #[error("{0}")]
    Connect(io::Error),
    /// The line broke or the answer did not come. `written` bytes of the HTTP request had left.
    #[error("{reason}")]
    Broken {
        /// Head, IPP message and document together.
        written: u64,
        /// The system's or HTTP's own words.
        reason: String,
    },
    /// The server answered, but not with IPP.
    #[error("the server answered HTTP {status}")]
    Http {
        /// HTTP status.
        status: u16,
    },
    /// The server's IPP cannot be read.
    #[error("the server's answer is no IPP: {reason}")]
    Unreadable {
        /// What the reader says.
        reason: String,
    },
}

/// Makes one call: `POST path` with the IPP message and the document after it.
pub(super) async fn call(
    server: &Server,
    path: &str,
    message: &[u8],
    document: &[u8],
    connect_until: Instant,
    answer_until: Instant,
) -> Result<IppRequestResponse, IppError> {
    let body = [message, document].concat();
    let uri: Uri = path.parse().map_err(|e| IppError::Connect(io::Error::new(io::ErrorKind::InvalidInput, e)))?;
    let request = hyper::Request::post(uri)
        .header(hyper::header::HOST, server.authority())
        .header(hyper::header::CONTENT_TYPE, "application/ipp")
        .body(Full::new(Bytes::from(body)))
        .map_err(|e| IppError::Connect(io::Error::new(io::ErrorKind::InvalidInput, e)))?;
    match server {
        Server::Tcp { host, port } => {
            let stream = connected(connect_until, TcpStream::connect((host.as_str(), *port))).await?;
            let _ = stream.set_nodelay(true);
            exchange(stream, request, answer_until).await
        }
        #[cfg(unix)]
        Server::Socket(path) => {
            exchange(connected(connect_until, tokio::net::UnixStream::connect(path)).await?, request, answer_until)
                .await
        }
        #[cfg(not(unix))]
        Server::Socket(_) => Err(IppError::Connect(io::Error::new(
            io::ErrorKind::Unsupported,
            "socket paths exist on Unix only; write HOST:PORT",
        ))),
    }
}

async fn connected<S>(until: Instant, connect: impl Future<Output = io::Result<S>>) -> Result<S, IppError> {
    timeout_at(until, connect)
        .await
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "no answer to the connection in time")))
        .map_err(IppError::Connect)
}

async fn exchange<S>(
    stream: S,
    request: hyper::Request<Full<Bytes>>,
    until: Instant,
) -> Result<IppRequestResponse, IppError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let written = Arc::new(AtomicU64::new(0));
    let broken = |reason: String| IppError::Broken { written: written.load(Ordering::SeqCst), reason };
    let counted = Counted { inner: stream, written: Arc::clone(&written) };
    let answered = timeout_at(until, async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(counted)).await?;
        // Dropped, and so ended, with this call.
        let mut tasks = JoinSet::new();
        tasks.spawn(connection);
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body =
            Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await.map(http_body_util::Collected::to_bytes);
        Ok::<_, hyper::Error>((status, body))
    })
    .await;
    let (status, body) = match answered {
        Ok(Ok(answer)) => answer,
        Ok(Err(e)) => return Err(broken(with_causes(&e))),
        Err(_) => return Err(broken("no answer in time".to_owned())),
    };
    if !status.is_success() {
        return Err(IppError::Http { status: status.as_u16() });
    }
    let body = body.map_err(|e| broken(e.to_string()))?;
    IppParser::new(IppReader::new(io::Cursor::new(body)))
        .parse()
        .map_err(|e| IppError::Unreadable { reason: e.to_string() })
}

/// hyper's own words are general; the system's reason is in the cause.
fn with_causes(e: &hyper::Error) -> String {
    let mut text = e.to_string();
    let mut cause = std::error::Error::source(e);
    while let Some(c) = cause {
        text = format!("{text}: {c}");
        cause = c.source();
    }
    text
}

/// Counts what the system took from us.
struct Counted<S> {
    inner: S,
    written: Arc<AtomicU64>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        if let Poll::Ready(Ok(n)) = written {
            self.written.fetch_add(n as u64, Ordering::SeqCst);
        }
        written
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn servers_are_read_as_cups_writes_them() {
        let tcp = |host: &str, port| Ok(Server::Tcp { host: host.into(), port });
        assert_eq!(Server::parse("127.0.0.1:8631"), tcp("127.0.0.1", 8631));
        assert_eq!(Server::parse("spool"), tcp("spool", 631));
        assert_eq!(Server::parse("[::1]:8631/version=1.1"), tcp("::1", 8631));
        assert_eq!(Server::parse("/run/cups/cups.sock"), Ok(Server::Socket("/run/cups/cups.sock".into())));
        assert!(Server::parse("a b").is_err(), "no host");
    }

    #[test]
    fn all_ways_to_the_own_spooler_share_its_turns() {
        let keys =
            ["/run/cups/cups.sock", "localhost", "127.0.0.1:631", "[::1]"].map(|s| Server::parse(s).unwrap().key());
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        for other in ["localhost:8631", "/tmp/cups.sock", "spool"] {
            assert_ne!(Server::parse(other).unwrap().key(), keys[0], "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_ipp_reader_panic(
            head in prop::collection::vec(any::<u8>(), 8), rest in prop::collection::vec(0u8..0x50, 0..200)
        ) {
            let bytes = [head, rest].concat();
            let _ = IppParser::new(IppReader::new(io::Cursor::new(bytes))).parse();
        }
    }
}
