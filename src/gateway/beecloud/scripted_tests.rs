//! A server for tests that says exactly the bytes it is told to, and keeps what it was asked.

use super::samples::settings;
use super::*;
use crate::gateway::transport::Limits;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(in crate::gateway) const AT_MS: i64 = 1_795_176_659_632;

/// What the server does with one request.
pub(in crate::gateway) enum Reply {
    /// These bytes; the connection stays open.
    Bytes(Vec<u8>),
    /// These bytes (perhaps none), then the connection is closed.
    BytesThenClose(Vec<u8>),
    /// These bytes, then silence until the client goes away.
    Stall(Vec<u8>),
    /// This head, then body bytes for as long as the client takes them.
    Endless(&'static str),
}

/// A scripted server on 127.0.0.1. It ends when it is dropped.
pub(in crate::gateway) struct Server {
    pub url: String,
    pub requests: Arc<Mutex<Vec<String>>>,
    pub accepted: Arc<AtomicUsize>,
    pub sent: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(script: Vec<Reply>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (accepted, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let script = Arc::new(Mutex::new(VecDeque::from(script)));
        let (log, count, bytes) = (requests.clone(), accepted.clone(), sent.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, script.clone(), log.clone(), bytes.clone()));
            }
        });
        Server {
            url,
            requests,
            accepted,
            sent,
            task,
        }
    }

    pub fn client(&self) -> Client {
        client_of(&[&self.url])
    }

    pub fn host(&self) -> Host {
        Host(self.url.clone())
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

pub(in crate::gateway) async fn serve(
    mut stream: TcpStream,
    script: Arc<Mutex<VecDeque<Reply>>>,
    log: Arc<Mutex<Vec<String>>>,
    sent: Arc<AtomicUsize>,
) {
    while let Some(request) = read_request(&mut stream).await {
        log.lock().unwrap().push(request);
        let unexpected = || Reply::BytesThenClose(http(500, "unexpected request"));
        let reply = script
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or_else(unexpected);
        match reply {
            Reply::Bytes(bytes) => stream.write_all(&bytes).await.unwrap(),
            Reply::BytesThenClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Reply::Stall(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.read(&mut [0; 1]).await;
                return;
            }
            Reply::Endless(head) => {
                let _ = stream.write_all(head.as_bytes()).await;
                let block = [b' '; 16 * 1024];
                while stream.write_all(&block).await.is_ok() {
                    sent.fetch_add(block.len(), Ordering::SeqCst);
                }
                return;
            }
        }
    }
}

/// One request, head and body; `None` where the client closed.
pub(in crate::gateway) async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut block = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|l| {
                l.to_lowercase()
                    .strip_prefix("content-length: ")
                    .map(str::to_owned)
            });
            let length: usize = length.map_or(0, |l| l.parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut block).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&block[..n]),
            _ => return None,
        }
    }
}

/// With time enough for a busy machine.
pub(in crate::gateway) fn client_of(urls: &[&str]) -> Client {
    client_within(Duration::from_secs(20), urls)
}

pub(in crate::gateway) fn client_within(request: Duration, urls: &[&str]) -> Client {
    let limits = Limits {
        connect: Duration::from_secs(10),
        request,
    };
    let secret = SecretString::from("app-secret-demo");
    Client::with_limits(&settings(urls), limits, secret).unwrap()
}

pub(in crate::gateway) fn http(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nDate: Fri, 20 Nov 2026 04:00:00 GMT\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

pub(in crate::gateway) fn ok(body: Value) -> Reply {
    Reply::Bytes(http(200, &body.to_string()))
}

pub(in crate::gateway) fn head_and_body(request: &str) -> (Vec<&str>, &str) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head.lines().collect(), body)
}
