//! The page as any static host serves it, and the real recordings beside it for drops that a script makes.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use crate::files;

/// Serves until the runtime ends; gives the address.
pub(crate) async fn start() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let pages = ServeDir::new(files::dist());
    let router = Router::new().nest_service("/real", ServeDir::new(files::real())).fallback_service(pages);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
