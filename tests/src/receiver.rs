//! A receiver of webhooks, which does with each message what a test wants, and remembers what it heard.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Looks taken, 5 ms apart, until a test gives up waiting for messages: 10 s.
const LOOKS_MAX: usize = 2_000;

/// What it does with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Answers with this status.
    Status(u16),
    /// Answers with this status and header.
    With(u16, &'static str, String),
    /// Answers with this status and says this.
    Says(u16, &'static str),
    /// Never answers.
    Stalls,
    /// Hangs up.
    HangsUp,
}

/// A message as it arrived.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Headers, with names in lower case.
    headers: Vec<(String, String)>,
    /// The body, byte by byte.
    pub body: String,
}

impl Heard {
    /// A header.
    ///
    /// # Panics
    /// When it is absent.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name} in {:?}", self.headers)).1
    }

    /// The header `webhook-id`.
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// The header `webhook-timestamp`.
    ///
    /// # Panics
    /// When it is no number.
    pub fn timestamp(&self) -> i64 {
        self.header("webhook-timestamp").parse().expect("a number")
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// The receiver. It ends with the test's runtime.
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    /// What it does with the next messages.
    next: VecDeque<Reply>,
    /// What it does with all others.
    always: Reply,
    heard: Vec<Heard>,
}

impl Receiver {
    /// Starts on a free port of this machine; answers every message so.
    pub async fn start(always: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Mutex::new(Shared { next: VecDeque::new(), always, heard: vec![] }));
        tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&shared)));
                }
            }
        });
        Self { address, shared }
    }

    /// Its address, as an admin writes it.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The same by a name.
    pub fn url_by_name(&self) -> String {
        format!("http://localhost:{}/hook", self.address.port())
    }

    /// Does these with the next messages.
    pub fn then(&self, replies: impl IntoIterator<Item = Reply>) {
        self.lock().next.extend(replies);
    }

    /// Does this with all others from now on.
    pub fn always(&self, reply: Reply) {
        self.lock().always = reply;
    }

    /// What it has heard since it was last asked, in order.
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.lock().heard)
    }

    /// Returns once it has heard so many messages.
    ///
    /// # Panics
    /// When they do not come.
    pub async fn has_heard(&self, n: usize) {
        for _ in 0..LOOKS_MAX {
            if self.lock().heard.len() >= n {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("heard {} messages, not {n}", self.lock().heard.len());
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Mutex<Shared>>) {
    let Some(heard) = read(&mut stream).await else { return };
    let reply = {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.heard.push(heard);
        shared.next.pop_front().unwrap_or_else(|| shared.always.clone())
    };
    let (status, header, body) = match reply {
        Reply::Status(status) => (status, String::new(), ""),
        Reply::With(status, name, value) => (status, format!("{name}: {value}\r\n"), ""),
        Reply::Says(status, body) => (status, String::new(), body),
        Reply::Stalls => return std::future::pending().await,
        Reply::HangsUp => return,
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} So\r\nconnection: close\r\ncontent-length: {length}\r\n{header}\r\n{body}"
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// Reads one request whole.
async fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let headers: Vec<(String, String)> = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length = length.and_then(|(_, value)| value.parse::<usize>().ok()).unwrap_or(0);
            if body.len() >= length {
                return Some(Heard { headers, body: body.to_owned() });
            }
        }
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => read.extend_from_slice(&piece[..n]),
            _ => return None,
        }
    }
}
