//! The market's connections. A handler can cut its own line, slow it down to a trickle, or let only the first bytes
//! of an answer through: that is how the faults reach the wire.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

/// What may still pass a line.
#[derive(Default)]
struct Passage {
    cut: bool,
    bytes_left: Option<usize>,
    pace: Option<Duration>,
}

/// A handler's hand on its own connection.
#[derive(Clone, Default)]
pub(crate) struct LineHandle(Arc<Mutex<Passage>>);

impl LineHandle {
    /// Not one more byte leaves: the peer sees the connection close without an answer.
    pub(crate) fn cut(&self) {
        self.passage(|p| p.cut = true);
    }
    /// After `bytes` more bytes (HTTP head included) the line is cut.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.passage(|p| p.bytes_left = Some(bytes));
    }
    /// From now on one byte leaves every `pace`.
    pub(crate) fn trickle(&self, pace: Duration) {
        self.passage(|p| p.pace = Some(pace));
    }
    fn passage<T>(&self, f: impl FnOnce(&mut Passage) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The listening socket.
pub(crate) struct Door(pub(crate) TcpListener);

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, addr) = <TcpListener as Listener>::accept(&mut self.0).await;
        // Small answers must leave at once; a failure only costs time.
        let _ = stream.set_nodelay(true);
        (Line { stream, handle: LineHandle::default(), nap: None }, addr)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Door>> for LineHandle {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().handle.clone()
    }
}

/// One connection.
pub(crate) struct Line {
    stream: TcpStream,
    handle: LineHandle,
    nap: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(nap) = self.nap.as_mut() {
            std::task::ready!(nap.as_mut().poll(cx));
            self.nap = None;
        }
        let (mut most, pace) = self.handle.passage(|p| {
            let most = if p.cut { 0 } else { p.bytes_left.unwrap_or(usize::MAX) };
            (most, p.pace)
        });
        if most == 0 {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "line cut on purpose")));
        }
        if pace.is_some() {
            most = 1;
        }
        let part = &buf[..buf.len().min(most)];
        let n = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, part))?;
        self.handle.passage(|p| {
            if let Some(left) = p.bytes_left.as_mut() {
                *left -= n;
            }
        });
        if let Some(pace) = pace {
            self.nap = Some(Box::pin(tokio::time::sleep(pace)));
        }
        Poll::Ready(Ok(n))
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
