//! A small peer for tests: a real socket that answers as it is told, and counts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What the peer does with each request.
#[derive(Clone)]
pub(crate) enum Act {
    /// Writes these bytes and closes.
    Raw(Vec<u8>),
    /// Answers and keeps the connection open for more.
    Keep(Vec<u8>),
    /// Reads the request and says nothing.
    Hang,
}

impl Act {
    pub fn answer(status: u16, json: &str) -> Self {
        Self::Keep(
            format!(
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
                json.len()
            )
            .into_bytes(),
        )
    }
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    texts: Mutex<Vec<String>>,
}

/// The peer; ends with the test's runtime.
pub(crate) struct Peer {
    url: Url,
    seen: Arc<Seen>,
}

impl Peer {
    /// Plays `act` for every request.
    pub async fn start(act: Act) -> Self {
        Self::script(vec![act]).await
    }

    /// Plays the acts in order, the last one for ever.
    pub async fn script(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let seen = Arc::new(Seen::default());
        let for_task = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                for_task.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(talk(stream, acts.clone(), for_task.clone()));
            }
        });
        Self { url, seen }
    }

    /// An address on which nobody listens.
    pub async fn closed_port() -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap()
    }

    pub fn url(&self) -> Url {
        self.url.clone()
    }
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }
    pub fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::SeqCst)
    }
    pub fn last_request(&self) -> String {
        self.seen.texts.lock().unwrap().last().cloned().unwrap_or_default()
    }
    /// The form of request number `n`, decoded.
    pub fn form(&self, n: usize) -> Vec<(String, String)> {
        let texts = self.seen.texts.lock().unwrap();
        let body = texts[n].split_once("\r\n\r\n").unwrap().1;
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
    }
}

async fn talk(mut stream: TcpStream, acts: Vec<Act>, seen: Arc<Seen>) {
    loop {
        let mut got = Vec::new();
        let mut buf = [0; 4096];
        loop {
            match stream.read(&mut buf).await {
                Ok(n) if n > 0 => got.extend_from_slice(&buf[..n]),
                _ => return,
            }
            if whole(&got) {
                break;
            }
        }
        let n = seen.requests.fetch_add(1, Ordering::SeqCst);
        seen.texts.lock().unwrap().push(String::from_utf8_lossy(&got).into_owned());
        match acts[n.min(acts.len() - 1)].clone() {
            Act::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Act::Keep(bytes) => {
                let _ = stream.write_all(&bytes).await;
            }
            Act::Hang => std::future::pending().await,
        }
    }
}

/// Whether a request is complete; whatever is not HTTP counts as complete at once (a TLS hello).
fn whole(got: &[u8]) -> bool {
    let text = String::from_utf8_lossy(got);
    if !text.starts_with("POST") && !text.starts_with("GET") {
        return true;
    }
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .filter_map(|l| l.split_once(':'))
        .find(|(k, _)| k.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, v)| v.trim().parse().ok())
        .unwrap_or(0);
    body.len() >= length
}
