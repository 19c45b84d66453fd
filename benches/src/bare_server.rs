//! A bare hyper server: the least that can answer the same bytes as an upstream without a fault.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use upstorm_world::real::workers_a_role;

/// Serves `body` on a free loopback port until the runtime ends, with as many workers as an upstream has.
///
/// # Errors
/// When no runtime or port is to be had.
pub fn serve(body: Bytes) -> io::Result<(Runtime, SocketAddr)> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(workers_a_role()).enable_all().build()?;
    let listener = runtime.block_on(listen())?;
    let address = listener.local_addr()?;
    runtime.spawn(accept(listener, body));
    Ok((runtime, address))
}

#[expect(clippy::disallowed_methods, reason = "the peer is measured as it is, without the world's interface")]
async fn listen() -> io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await
}

async fn accept(listener: TcpListener, body: Bytes) {
    while let Ok((stream, _)) = listener.accept().await {
        let body = body.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let answer = service_fn(move |_: Request<Incoming>| {
                let body = Full::new(body.clone());
                async move {
                    let mut response = Response::new(body);
                    let plain = hyper::header::HeaderValue::from_static("application/octet-stream");
                    response.headers_mut().insert(hyper::header::CONTENT_TYPE, plain);
                    Ok::<_, Infallible>(response)
                }
            });
            let mut server = http1::Builder::new();
            let _ = server.auto_date_header(false).serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}
