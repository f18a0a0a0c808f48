//! The page as any static host serves it, and beside it the real recordings, for drops that a script makes, and what
//! is measured.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::files;

/// A map tile of one colour, for every place and zoom.
const TILE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><rect width="256" height="256" fill="#fc0"/></svg>"##;

/// Put before the workers' loader: an uncaught error ends a worker as a trap of its module would.
const DOOM: &str = r"
addEventListener('message', event => {
  const files = Array.isArray(event.data) ? [...event.data[1]] : [];
  if (!files.some(file => file.name.startsWith('doomed'))) return;
  event.stopImmediatePropagation();
  throw new Error('struck by the test');
});
";

/// Serves until it is dropped: then every connection is gone too.
#[derive(Debug)]
pub struct Host {
    /// Where.
    pub address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Drop for Host {
    fn drop(&mut self) {
        // In the background: it may be dropped where nothing may be waited for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Begins to serve. With `doomed`, the workers end as [`DOOM`] says.
pub(crate) fn start(doomed: bool) -> Host {
    let pages = ServeDir::new(files::dist());
    let mut router = Router::new()
        .nest_service("/real", ServeDir::new(files::real()))
        .nest_service("/bench", ServeDir::new(files::bench()))
        .route("/tiles/{zoom}/{x}/{y}", get(async || ([("content-type", "image/svg+xml")], TILE)))
        .fallback_service(pages);
    if doomed {
        let loader = std::fs::read_to_string(files::dist().join("worker-loader.js")).expect("the workers' loader");
        let script = format!("{DOOM}{loader}");
        router = router.route("/worker-loader.js", get(async move || ([("content-type", "text/javascript")], script)));
    }
    serve(router)
}

/// The page compressed and cached for an hour, as hosts on the net give it.
pub fn compressing() -> Host {
    let cached = SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    serve(Router::new().fallback_service(ServeDir::new(files::dist())).layer(cached).layer(CompressionLayer::new()))
}

fn serve(router: Router) -> Host {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    listener.set_nonblocking(true).expect("a listener that does not block");
    runtime.spawn(async move {
        let listener = TcpListener::from_std(listener).expect("a listener");
        axum::serve(listener, router).await
    });
    Host { address, runtime: Some(runtime) }
}
