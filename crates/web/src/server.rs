//! The HTTP server: connections in, within limits, until it is told to stop.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::Service as _;

/// How long a client may take to send the head of a request. Idle connections are closed after it too, which browsers
/// expect: they open the next one by themselves.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections at a time; further ones wait in the system's queue. A stream of events keeps one open, at about 20 KB.
const CONNECTIONS_MAX: usize = 2_048;
/// Rest after a failed accept: the process has run out of file descriptors, and the next try would fail as well.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Serves until `stop` turns true, then finishes the requests under way. Returns when the last one is done.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let open = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        let Some((stream, address, permit)) = accepted else { continue };
        let router = router.clone();
        let service = service_fn(move |request| respond(router.clone(), address, request));
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, %address, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop(listener);
    open.shutdown().await;
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => {
            // Answers are written whole: waiting for more to send would only delay them.
            let _ = stream.set_nodelay(true);
            Some((stream, address, permit))
        }
        Err(error) => {
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(ACCEPT_REST).await;
            None
        }
    }
}

async fn respond(
    mut router: Router,
    address: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(address));
    router.call(request).await
}
