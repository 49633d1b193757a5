//! The loopback door: a listener on 127.0.0.1 and `[::1]`, open only while an attempt is, for one GET.
//!
//! Any web page on this PC can send requests here. So: exact Host (no DNS rebinding), GET only, no body, 8 KiB, 20 requests
//! in all, 5 s each, no CORS header ever, and nothing is answered that the asker did not know.

use crate::grant::answer::{self, Refused};
use crate::house::House;
use domain::connector::Door;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const MAX_REQUESTS: u32 = 20;
const MAX_HEAD: usize = answer::MAX_LEN;
const READ_TIME: Duration = Duration::from_secs(5);

/// An open loopback door. Dropping it closes it.
pub struct Listener {
    tasks: Vec<JoinHandle<()>>,
    port: u16,
}

impl Drop for Listener {
    fn drop(&mut self) {
        for t in &self.tasks {
            t.abort();
        }
    }
}

impl Listener {
    /// Opens on `port` (`None` = any) of both loopback addresses; IPv6 only where the machine has it.
    pub(crate) async fn open(port: Option<u16>) -> std::io::Result<(Self, Vec<TcpListener>)> {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
        let port = v4.local_addr()?.port();
        let mut sockets = vec![v4];
        if let Ok(v6) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            sockets.push(v6);
        }
        Ok((Self { tasks: Vec::new(), port }, sockets))
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Begins to answer, for one attempt.
    pub(crate) fn serve(&mut self, sockets: Vec<TcpListener>, house: &Arc<House>, attempt: &str) {
        let seen = Arc::new(AtomicU32::new(0));
        for socket in sockets {
            let (house, attempt, seen) = (house.clone(), attempt.to_owned(), seen.clone());
            self.tasks.push(tokio::spawn(accept(socket, house, attempt, seen)));
        }
    }
}

async fn accept(socket: TcpListener, house: Arc<House>, attempt: String, seen: Arc<AtomicU32>) {
    let Ok(here) = socket.local_addr() else { return };
    loop {
        let Ok((stream, _)) = socket.accept().await else { return };
        if seen.fetch_add(1, Ordering::SeqCst) >= MAX_REQUESTS {
            return;
        }
        let (house, attempt) = (house.clone(), attempt.clone());
        // A slow asker must not keep the browser waiting: each on its own, each with its own five seconds.
        tokio::spawn(async move {
            let _ = tokio::time::timeout(2 * READ_TIME, serve_one(stream, here, &house, &attempt)).await;
        });
    }
}

async fn serve_one(mut stream: TcpStream, here: SocketAddr, house: &Arc<House>, attempt: &str) {
    let (status, page) = match read_head(&mut stream, here).await {
        Ok(target) => match answer::read_target(&target) {
            Ok((connector, given)) => match answer::take(house, Door::Loopback, Some(&connector), None, given).await {
                Ok(()) => ("200 OK", TAKEN),
                Err(why) => {
                    answer::log_refused(house, Door::Loopback, attempt, why).await;
                    ("400 Bad Request", REFUSED)
                }
            },
            // Browsers ask for icons by themselves: neither an attack nor worth a row.
            Err(Refused::NotOurAddress) if target == "/favicon.ico" => ("404 Not Found", ""),
            Err(why) => {
                answer::log_refused(house, Door::Loopback, attempt, why).await;
                ("400 Bad Request", REFUSED)
            }
        },
        Err(Some((status, why))) => {
            answer::log_refused(house, Door::Loopback, attempt, why).await;
            (status, REFUSED)
        }
        Err(None) => return,
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n\r\n",
        page.len()
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(page.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Reads one request head. `Ok(target)`; `Err(Some(status, reason))` to refuse; `Err(None)` when nobody is there.
async fn read_head(stream: &mut TcpStream, here: SocketAddr) -> Result<String, Option<(&'static str, Refused)>> {
    let mut head = Vec::with_capacity(1024);
    let read = async {
        let mut part = [0; 2048];
        loop {
            match stream.read(&mut part).await {
                Ok(0) | Err(_) => return None,
                Ok(n) => head.extend_from_slice(&part[..n]),
            }
            if let Some(end) = head.windows(4).position(|w| w == b"\r\n\r\n") {
                return Some(end + 4);
            }
            if head.len() > MAX_HEAD {
                return Some(usize::MAX);
            }
        }
    };
    let Ok(Some(end)) = tokio::time::timeout(READ_TIME, read).await else { return Err(None) };
    if end > MAX_HEAD {
        return Err(Some(("431 Request Header Fields Too Large", Refused::TooLong)));
    }
    let bad = |why| Err(Some(("400 Bad Request", why)));
    // Anything after the head is a body or a second, pipelined request.
    if head.len() != end {
        return bad(Refused::StrangeCharacters);
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    if !matches!(request.parse(&head), Ok(httparse::Status::Complete(_))) {
        return bad(Refused::StrangeCharacters);
    }
    if request.method != Some("GET") {
        return Err(Some(("405 Method Not Allowed", Refused::NotOurAddress)));
    }
    let named = |n: &str| {
        request.headers.iter().filter(|h| h.name.eq_ignore_ascii_case(n)).map(|h| h.value).collect::<Vec<_>>()
    };
    if named("host") != [here.to_string().as_bytes()] {
        return bad(Refused::NotOurAddress);
    }
    if !named("transfer-encoding").is_empty() || named("content-length").iter().any(|v| *v != b"0") {
        return bad(Refused::StrangeCharacters);
    }
    request.path.map(str::to_owned).ok_or(Some(("400 Bad Request", Refused::NotOurAddress)))
}

const TAKEN: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>面单台</title>\
<style>body{font:16px/1.6 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0;color-scheme:light dark}\
main{max-width:28em;padding:2em;text-align:center}</style>\
<main><h1>已收到授权结果</h1><p>请回到面单台，确认店铺名称。此页可以关闭。</p>\
<p lang=\"en\">The answer has arrived. Go back to Waybill Desk and confirm the shop. You may close this page.</p></main></html>";

const REFUSED: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>面单台</title>\
<style>body{font:16px/1.6 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0;color-scheme:light dark}\
main{max-width:28em;padding:2em;text-align:center}</style>\
<main><h1>这个结果没有被接受</h1><p>它不属于面单台正在等待的授权，或已经用过。请回到面单台重新开始，或把地址栏的整段地址粘贴进去。</p>\
<p lang=\"en\">This answer was not accepted. Go back to Waybill Desk and start again, or paste the address bar there.</p></main></html>";
