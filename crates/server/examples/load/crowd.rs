//! A thousand connections: most ask in turn, at a fixed rate in all, the others listen.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use hyper::StatusCode;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::child::Server;
use crate::client::Connection;
use crate::figures::{Figures, quantile};
use crate::listeners::{self, Listener};

const CONNECTIONS: u32 = 1000;
const LISTENERS: u32 = 200;
const ASKERS: u32 = CONNECTIONS - LISTENERS;
const REQUESTS_PER_S: u32 = 1000;
const SECONDS: u32 = 20;
/// Of each connection.
const REQUESTS: u32 = REQUESTS_PER_S * SECONDS / ASKERS;
const LIMIT: Duration = Duration::from_millis(50);
/// Between the last connection and the first request.
const PAUSE: Duration = Duration::from_millis(500);

/// What is asked for, in turn.
#[derive(Clone)]
struct Question {
    path: String,
    /// What the client has of it.
    tag: Option<String>,
}

/// Times and failures of one connection.
#[derive(Default)]
struct Course {
    times: Vec<Duration>,
    failures: Vec<String>,
}

/// Opens all connections first. A time counts from the moment at which the request was to be sent, so that one that
/// waits for the answer before it is not forgotten.
pub async fn measure(server: &Server, models: &Path, figures: &mut Figures) -> Result<()> {
    let questions = questions(server, models).await?;
    let (mut listeners, mut askers) = (Vec::new(), Vec::new());
    for _ in 0..LISTENERS {
        listeners.push(Listener::open(server).await.context("a listener could not connect")?);
    }
    for _ in 0..ASKERS {
        askers.push(Connection::open(server).await.context("a connection could not be opened")?);
    }
    let begin = Instant::now() + PAUSE;
    let mut tasks = JoinSet::new();
    for (number, connection) in (0..).zip(askers) {
        tasks.spawn(ask(connection, questions.clone(), begin, number));
    }
    let (sent, all) = tokio::join!(listeners::make_events(server, begin, SECONDS), tasks.join_all());
    let sent = sent.context("no events could be made")?;
    let took = begin.elapsed();
    let failures: Vec<&String> = all.iter().flat_map(|course| &course.failures).collect();
    let mut times: Vec<Duration> = all.iter().flat_map(|course| &course.times).copied().collect();
    let rate = times.len() as f64 / took.as_secs_f64();
    let what = format!("{CONNECTIONS} connections, {LISTENERS} of them listening; answers a second for {SECONDS} s");
    figures.said(&what, &format!("{rate:.0}"));
    figures.none("  requests that failed", failures.len());
    if let Some(first) = failures.first() {
        println!("  the first of them: {first}");
    }
    figures.time("  list, index and card of a model (not modified), p50", quantile(&mut times, 0.5)?, None);
    figures.time("  p99", quantile(&mut times, 0.99)?, Some(LIMIT));
    listeners::heard(listeners, &sent, LIMIT, figures).await
}

/// The list, and two files as one asks for them who has them.
async fn questions(server: &Server, models: &Path) -> Result<Vec<Question>> {
    let index = std::fs::read(models.join("index.json")).context("the models have no list")?;
    let index: serde_json::Value = serde_json::from_slice(&index)?;
    let text = |path: &str| index.pointer(path).and_then(|value| value.as_str()).context("no model is published");
    let (folder, version) = (text("/constellations/0/folder")?, text("/constellations/0/versions/0")?);
    let mut questions = vec![Question { path: "/api/v1/sessions".to_owned(), tag: None }];
    let mut connection = Connection::open(server).await?;
    for path in ["/models/index.json".to_owned(), format!("/models/{folder}/{version}/metadata.json")] {
        let answer = connection.get(&path, &[], StatusCode::OK).await?;
        let tag = answer.header("etag").context("a model's file has no tag")?.to_owned();
        questions.push(Question { path, tag: Some(tag) });
    }
    Ok(questions)
}

async fn ask(mut connection: Connection, questions: Vec<Question>, begin: Instant, number: u32) -> Course {
    let mut course = Course::default();
    let turns = (0..REQUESTS).zip(questions.iter().cycle().skip(number as usize % questions.len()));
    for (turn, Question { path, tag }) in turns {
        let due = begin + Duration::from_secs(1) * (turn * ASKERS + number) / REQUESTS_PER_S;
        sleep_until(due).await;
        let headers: Vec<(&str, &str)> = tag.iter().map(|tag| ("if-none-match", tag.as_str())).collect();
        let status = if tag.is_some() { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        match connection.get(path, &headers, status).await {
            Ok(_) => course.times.push(due.elapsed()),
            Err(error) => course.failures.push(format!("{path}: {error:#}")),
        }
    }
    course
}
