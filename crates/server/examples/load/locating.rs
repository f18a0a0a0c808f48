//! `POST /api/v1/locate` of the sample scene.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::child::Server;
use crate::client::{Answer, Connection};
use crate::figures::{Figures, quantile};

const AT_ONCE: usize = 10;
/// Of each connection, behind one that is not counted.
const REQUESTS: usize = 10;
const LIMIT: Duration = Duration::from_millis(500);
const JSON: (&str, &str) = ("content-type", "application/json");

/// Uploads the recordings and locates them, again and again.
pub async fn measure(server: &Server, recordings: &Path, figures: &mut Figures) -> Result<()> {
    let mut connection = Connection::open(server).await?;
    let files = upload(&mut connection, recordings).await?;
    let scene = Bytes::from(serde_json::to_vec(&json!({ "scenes": [{ "files": files }] }))?);
    let first = connection.send("POST", "/api/v1/locate", &[JSON], scene.clone()).await?;
    if first.head.status == StatusCode::NOT_FOUND {
        figures.said("POST /api/v1/locate: this program cannot (build it with --features serve,models)", "");
        return Ok(());
    }
    let network = network(&first.must_be(StatusCode::OK)?)?;
    let brief = Bytes::from(serde_json::to_vec(&json!({ "scenes": [{ "files": files }], "brief": true }))?);
    figures.said("POST /api/v1/locate of the sample; the network", &network);
    for (what, scene) in [("brief", brief), ("with what each receiver means", scene)] {
        let connection = Connection::open(server).await?;
        let mut alone = times(connection, scene.clone(), REQUESTS).await?;
        let mut tasks = JoinSet::new();
        for _ in 0..AT_ONCE {
            let (connection, scene) = (Connection::open(server).await?, scene.clone());
            tasks.spawn(times(connection, scene, REQUESTS));
        }
        let all = tasks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?;
        let mut together: Vec<Duration> = all.into_iter().flatten().collect();
        figures.time(&format!("  {what}, one after another, p50 of {REQUESTS}"), quantile(&mut alone, 0.5)?, None);
        let count = together.len();
        figures.time(&format!("  {what}, {AT_ONCE} at once, p50 of {count}"), quantile(&mut together, 0.5)?, None);
        figures.time("  p95", quantile(&mut together, 0.95)?, Some(LIMIT));
    }
    Ok(())
}

/// Uploads a folder's files; what a scene names them by.
async fn upload(connection: &mut Connection, folder: &Path) -> Result<Vec<Value>> {
    let version = ("tus-resumable", "1.0.0");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let (name, bytes) = (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path())?);
        let (length, metadata) = (bytes.len().to_string(), format!("filename {}", STANDARD.encode(&name)));
        let headers = [version, ("upload-length", length.as_str()), ("upload-metadata", metadata.as_str())];
        let begun = connection.send("POST", "/api/v1/uploads", &headers, Bytes::new()).await?;
        let begun = begun.must_be(StatusCode::CREATED)?;
        let place = begun.header("location").context("an upload has no address")?;
        let headers = [version, ("upload-offset", "0"), ("content-type", "application/offset+octet-stream")];
        let stored = connection.send("PATCH", place, &headers, bytes.into()).await?;
        let stored = stored.must_be(StatusCode::NO_CONTENT)?;
        let sha256 = stored.header("heimdall-object").context("a finished upload has no object")?;
        files.push(json!({ "name": name, "sha256": sha256 }));
    }
    Ok(files)
}

/// Times of requests, one after another; the first is not counted.
async fn times(mut connection: Connection, scene: Bytes, count: usize) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for _ in 0..=count {
        let asked = Instant::now();
        let answer = connection.send("POST", "/api/v1/locate", &[JSON], scene.clone()).await?;
        times.push(asked.elapsed());
        network(&answer.must_be(StatusCode::OK)?)?;
    }
    Ok(times.split_off(1))
}

/// What is looked at of an answer: as little as the client can, for it shares the processors with the server.
#[derive(Deserialize)]
struct Answers {
    answers: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    report: Option<Report>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Report {
    fix: Fix,
    network: Option<Network>,
}

#[derive(Deserialize)]
struct Fix {
    verdict: String,
}

#[derive(Deserialize)]
struct Network {
    spoke: bool,
    name: Option<Name>,
}

#[derive(Deserialize)]
struct Name {
    version: String,
}

/// What the network says in an answer, which must be a fix.
fn network(answer: &Answer) -> Result<String> {
    let Answers { answers } = serde_json::from_slice(&answer.body)?;
    let one = answers.into_iter().next().context("there is no answer")?;
    let report = one.report.with_context(|| format!("there is no report: {}", one.error.unwrap_or_default()))?;
    ensure!(report.fix.verdict == "located", "the sample was not located: {}", report.fix.verdict);
    let network = report.network.context("nobody looked for a network")?;
    let version = network.name.map_or_else(|| "none".to_owned(), |name| name.version);
    Ok(if network.spoke { format!("{version} spoke") } else { format!("{version} was silent") })
}
