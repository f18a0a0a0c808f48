//! Those who listen to events, and the events.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::{Bytes, Incoming};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use crate::child::Server;
use crate::client::{Answer, Connection};
use crate::figures::{Figures, quantile};

/// As an event of an upload begins.
const EVENT: &[u8] = b"event: upload";
/// For the last events.
const GRACE: Duration = Duration::from_secs(2);
/// Events a second.
const PER_S: u32 = 2;

/// A stream of events that is read.
pub struct Listener {
    arrived: Arc<Mutex<Vec<Instant>>>,
    reading: JoinHandle<()>,
    /// The stream ends with its connection.
    _connection: Connection,
}

impl Listener {
    /// Begins to listen.
    pub async fn open(server: &Server) -> Result<Self> {
        let mut connection = Connection::open(server).await?;
        let (head, body) = connection.begin("GET", "/api/v1/events", &[], Bytes::new()).await?.into_parts();
        Answer { head, body: Bytes::new() }.must_be(StatusCode::OK)?;
        let arrived = Arc::<Mutex<Vec<Instant>>>::default();
        let reading = tokio::spawn(read(body, Arc::clone(&arrived)));
        Ok(Self { arrived, reading, _connection: connection })
    }
}

/// Notes when events of uploads arrive. A stream that breaks off shows as events that are missing.
async fn read(mut body: Incoming, arrived: Arc<Mutex<Vec<Instant>>>) {
    let mut rest = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        rest.extend(frame.into_data().unwrap_or_default());
        let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines: Vec<u8> = rest.drain(..whole).collect();
        let events = lines.split(|byte| *byte == b'\n').filter(|line| line.starts_with(EVENT)).count();
        let mut arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.extend(std::iter::repeat_n(Instant::now(), events));
    }
}

/// Begins uploads and gives them up, for so many seconds: an event each. When each was asked for.
pub async fn make_events(server: &Server, begin: Instant, seconds: u32) -> Result<Vec<Instant>> {
    let mut connection = Connection::open(server).await?;
    let version = ("tus-resumable", "1.0.0");
    let metadata = format!("filename {}", STANDARD.encode("load.wav"));
    let mut sent = Vec::new();
    for pair in 0..seconds * PER_S / 2 {
        sleep_until(begin + Duration::from_secs(2) * pair / PER_S).await;
        let headers = [version, ("upload-length", "1000"), ("upload-metadata", metadata.as_str())];
        sent.push(Instant::now());
        let answer = connection.send("POST", "/api/v1/uploads", &headers, Bytes::new()).await?;
        let answer = answer.must_be(StatusCode::CREATED)?;
        let path = answer.header("location").context("an upload has no address")?;
        sent.push(Instant::now());
        let answer = connection.send("DELETE", path, &[version], Bytes::new()).await?;
        answer.must_be(StatusCode::NO_CONTENT)?;
    }
    Ok(sent)
}

/// Whether all heard all, and how soon.
pub async fn heard(listeners: Vec<Listener>, sent: &[Instant], limit: Duration, figures: &mut Figures) -> Result<()> {
    sleep(GRACE).await;
    let (mut times, mut missed) = (Vec::new(), 0);
    for listener in &listeners {
        listener.reading.abort();
        let arrived = listener.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        missed += sent.len().abs_diff(arrived.len());
        times.extend(sent.iter().zip(arrived.iter()).map(|(sent, arrived)| arrived.duration_since(*sent)));
    }
    figures.none(&format!("  events that did not arrive, of {} to each listener", sent.len()), missed);
    figures.time(
        "  from a request that makes an event to each listener, p99",
        quantile(&mut times, 0.99)?,
        Some(limit),
    );
    Ok(())
}
