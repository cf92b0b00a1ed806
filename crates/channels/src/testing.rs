//! A scripted HTTP server for the tests of this crate: each connection gets the next answer of a list.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A server on a free port of this machine; it ends with the test.
pub(crate) struct Server {
    address: std::net::SocketAddr,
    n_requests: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Within an answer: says nothing more, and keeps the connection open.
    pub(crate) const STALL: &'static str = "\u{0}stall";

    /// Answers with these raw bytes, one connection each; the last one again for whoever still comes.
    pub(crate) async fn answering(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let n_requests = Arc::new(AtomicUsize::new(0));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (counted, kept) = (Arc::clone(&n_requests), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let n = counted.fetch_add(1, Ordering::SeqCst);
                let answer = answers[n.min(answers.len() - 1)].clone();
                tokio::spawn(serve(stream, answer, Arc::clone(&kept)));
            }
        });
        Self { address, n_requests, requests }
    }

    /// The address of a port where nobody listens.
    pub(crate) async fn closed_port() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn n_requests(&self) -> usize {
        self.n_requests.load(Ordering::SeqCst)
    }

    /// The requests as they arrived, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answer: String, kept: Arc<Mutex<Vec<String>>>) {
    let request = read_request(&mut stream).await;
    kept.lock().unwrap().push(request);
    let (said, stalls) = match answer.split_once(Server::STALL) {
        Some((said, _)) => (said, true),
        None => (answer.as_str(), false),
    };
    let _ = stream.write_all(said.as_bytes()).await;
    if stalls {
        std::future::pending::<()>().await;
    }
    let _ = stream.shutdown().await;
}

/// Reads the head and as much body as it announces.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let announced = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .and_then(|(_, value)| value.trim().parse::<usize>().ok())
                .unwrap_or(0);
            if body.len() >= announced {
                return text;
            }
        }
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => read.extend_from_slice(&piece[..n]),
            _ => return text,
        }
    }
}
