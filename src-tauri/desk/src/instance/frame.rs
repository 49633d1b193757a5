//! One message: its length in bytes (u32, big endian), then that many bytes of JSON.

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes of JSON in a frame at most.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    /// The connection.
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    /// Longer than [`MOST_BYTES`].
    #[error("a message of {bytes} bytes is longer than the {MOST_BYTES} allowed")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not JSON. The text itself is not repeated: it may hold personal data.
    #[error("a message is not JSON (line {line}, column {column})")]
    NotJson {
        /// Where reading stopped.
        line: usize,
        /// Where reading stopped.
        column: usize,
    },
    /// Ended inside a frame.
    #[error("the connection ended inside a message")]
    CutOff,
}

/// The next message, or nothing if the other side closed between two messages.
pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<Value>, FrameError> {
    match read_length(from).await? {
        Some(length) => read_body(from, length).await.map(Some),
        None => Ok(None),
    }
}

/// The length of the next message, checked.
pub(super) async fn read_length(from: &mut (impl AsyncRead + Unpin)) -> Result<Option<usize>, FrameError> {
    let mut head = [0; 4];
    let mut got = 0;
    while got < head.len() {
        match from.read(&mut head[got..]).await? {
            0 if got == 0 => return Ok(None),
            0 => return Err(FrameError::CutOff),
            n => got += n,
        }
    }
    let bytes = u32::from_be_bytes(head) as usize;
    if bytes > MOST_BYTES { Err(FrameError::TooLong { bytes }) } else { Ok(Some(bytes)) }
}

pub(super) async fn read_body(from: &mut (impl AsyncRead + Unpin), length: usize) -> Result<Value, FrameError> {
    // Grows with what arrives: a length alone buys no memory.
    let mut body = Vec::with_capacity(length.min(64 * 1024));
    if from.take(length as u64).read_to_end(&mut body).await? < length {
        return Err(FrameError::CutOff);
    }
    serde_json::from_slice(&body).map_err(|e| FrameError::NotJson { line: e.line(), column: e.column() })
}

/// The message as it goes over the wire.
pub(super) fn bytes(message: &Value) -> Result<Vec<u8>, FrameError> {
    let mut out = vec![0; 4];
    serde_json::to_writer(&mut out, message).expect("a JSON value is always JSON");
    let bytes = out.len() - 4;
    let head = u32::try_from(bytes).ok().filter(|_| bytes <= MOST_BYTES).ok_or(FrameError::TooLong { bytes })?;
    out[..4].copy_from_slice(&head.to_be_bytes());
    Ok(out)
}

pub(super) async fn write(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> Result<(), FrameError> {
    to.write_all(frame).await?;
    Ok(to.flush().await?)
}
