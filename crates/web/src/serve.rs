//! Serving connections: a client that says nothing, or half of something, does not keep its connection for ever.

use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    serve::Listener,
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tower::Service as _;

/// How long a connection may take to bring the head of its next request; an idle one is closed after it. Hyper's own
/// default, and longer than a browser or a proxy pauses between two requests that it wants to send on one connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections at a time; further ones wait in the system's queue. A stream of events keeps one open, at about 20 KB.
const CONNECTIONS_MAX: usize = 2_048;

/// Serves the routes until `stopped` turns true, and then until the requests that have arrived are answered.
///
/// Dropping the future ends whatever is still open.
pub async fn serve(mut listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            (stream, peer) = Listener::accept(&mut listener), if connections.len() < CONNECTIONS_MAX => {
                connections.spawn(connection(stream, peer, router.clone(), stopped.clone()));
            }
            // Forgets those that have ended.
            Some(_) = connections.join_next() => {}
            () = stop(&mut stopped) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Serves one connection. Its requests know the address they came from.
async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, mut stopped: watch::Receiver<bool>) {
    // An event of a stream is a small packet, which must not wait for the next one.
    let _ = stream.set_nodelay(true);
    let n_requests = Arc::new(AtomicUsize::new(0));
    let service = service_fn({
        let n_requests = Arc::clone(&n_requests);
        move |mut request: Request<Incoming>| {
            n_requests.fetch_add(1, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            // A router is always ready.
            router.clone().call(request)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let mut serving = pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = serving.as_mut() => return log(ended),
        () = stop(&mut stopped) => {}
    }
    if n_requests.load(Ordering::Relaxed) > 0 {
        serving.as_mut().graceful_shutdown();
        log(serving.await);
    }
    // Otherwise at most half of a first request has come, and nobody waits for an answer to that.
}

fn log(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Waits until it is time to stop; a sender that is gone means so too.
async fn stop(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}
