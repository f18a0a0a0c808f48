//! From start to ready, and the first page of the list.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hyper::StatusCode;

use crate::child::Server;
use crate::client::Connection;
use crate::figures::{Figures, quantile};
use crate::prepare::SESSIONS;

const STARTS: usize = 11;
const PAGES: usize = 51;
const SESSIONS_OF_A_PAGE: usize = 50;
const READY: Duration = Duration::from_millis(300);
const FIRST_PAGE: Duration = Duration::from_millis(20);

/// Starts servers, and asks the last one for its list; it goes on.
pub async fn measure(program: &Path, data: &Path, figures: &mut Figures) -> Result<Server> {
    let (mut server, first) = ready(program, data).await?;
    let mut starts = vec![first];
    while starts.len() < STARTS {
        server.end().await?;
        let (next, time) = ready(program, data).await?;
        starts.push(time);
        server = next;
    }
    let what = format!("from start to an answer of health, {SESSIONS} sessions, median of {STARTS}");
    figures.time(&what, quantile(&mut starts, 0.5)?, Some(READY));
    figures.time("  worst", quantile(&mut starts, 1.0)?, None);
    let mut connection = Connection::open(&server).await?;
    let mut pages = Vec::new();
    for _ in 0..PAGES {
        let asked = Instant::now();
        let page = connection.get("/api/v1/sessions", &[], StatusCode::OK).await?;
        pages.push(asked.elapsed());
        let page: serde_json::Value = serde_json::from_slice(&page.body)?;
        let listed = page.pointer("/items").and_then(|items| items.as_array()).map_or(0, Vec::len);
        ensure!(listed == SESSIONS_OF_A_PAGE, "the first page lists {listed} sessions");
    }
    let what = format!("first page of the list of sessions, median of {PAGES}");
    figures.time(&what, quantile(&mut pages, 0.5)?, Some(FIRST_PAGE));
    figures.time("  worst", quantile(&mut pages, 1.0)?, None);
    Ok(server)
}

async fn ready(program: &Path, data: &Path) -> Result<(Server, Duration)> {
    let started = Instant::now();
    let server = Server::start(program, data).await?;
    Connection::open(&server).await?.get("/api/v1/health", &[], StatusCode::OK).await?;
    Ok((server, started.elapsed()))
}
