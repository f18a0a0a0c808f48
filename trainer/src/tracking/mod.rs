//! Runs in an MLflow tracking server.
//!
//! The run's folder is the local store and has everything; what a server is to be told is written down there first
//! (`tracking.jsonl`, one message a line) and sent from there, so a server that is away never stops a training: what it
//! missed is sent later, by a run that goes on or by `heimdall track`.

mod client;
mod journal;
mod send;
mod sender;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;

use crate::print::print;
use crate::train::RUN_FILES;
pub(crate) use journal::{Journal, Message, Metric, Target, now_ms};
pub(crate) use sender::Sender;

/// Where runs are tracked.
#[derive(clap::Args)]
pub(crate) struct Tracking {
    /// Address of an MLflow server, such as `http://127.0.0.1:5000`; also from MLFLOW_TRACKING_URI.
    #[arg(long, value_name = "URI")]
    tracking: Option<String>,
    /// Its experiment.
    #[arg(long, default_value = "heimdall")]
    experiment: String,
}

impl Tracking {
    /// The server, where one is named.
    pub(crate) fn target(&self) -> Option<Target> {
        let named = std::env::var("MLFLOW_TRACKING_URI").ok().filter(|uri| !uri.trim().is_empty());
        let uri = self.tracking.clone().or(named)?;
        Some(Target { uri: uri.trim_end_matches('/').to_owned(), experiment: self.experiment.clone() })
    }
}

/// Runs whose server missed something.
#[derive(clap::Args)]
pub(crate) struct TrackArguments {
    /// Folders of `heimdall train`.
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Say that the runs are over, unless they said so: a process that was killed could not.
    #[arg(long, value_name = "HOW")]
    ended: Option<Ended>,
}

/// How a run ended.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Ended {
    Finished,
    Failed,
    Killed,
}

impl Ended {
    /// As MLflow calls it.
    fn status(self) -> &'static str {
        match self {
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Killed => "KILLED",
        }
    }
}

/// `heimdall track`: sends what a server missed; exit status 1 where it is still away.
pub(crate) fn run(arguments: &TrackArguments) -> Result<ExitCode> {
    let mut status = ExitCode::SUCCESS;
    for folder in &arguments.runs {
        let ended = arguments.ended.map_or(Ok(()), |ended| end_of(folder, ended));
        match ended.and_then(|()| send::send(folder)) {
            Ok(sent) => print(&format!("{}: {sent} messages sent, none is missing\n", folder.display()))?,
            Err(error) => {
                eprintln!("heimdall: {}: {error:#}", folder.display());
                status = ExitCode::FAILURE;
            }
        }
    }
    Ok(status)
}

/// Writes down that a run is over, and what it made where it came to its end, unless that was done.
pub(crate) fn end(journal: &mut Journal, ended: Ended) -> Result<()> {
    if journal.is_ended()? {
        return Ok(());
    }
    if matches!(ended, Ended::Finished) {
        let folder = std::path::absolute(journal.folder())?;
        for path in RUN_FILES.map(|name| folder.join(name)).into_iter().filter(|path| path.is_file()) {
            journal.note(&Message::Artifact { path, folder: String::new() })?;
        }
    }
    journal.note(&Message::End { status: ended.status().into(), at_ms: now_ms() })
}

/// The same for the run in a folder, where it is tracked.
fn end_of(folder: &Path, ended: Ended) -> Result<()> {
    Journal::open(folder)?.map_or(Ok(()), |mut journal| end(&mut journal, ended))
}

/// Keys and values of nested settings, as `network.size: "atto"`.
pub(crate) fn flattened(settings: &Value) -> Vec<(String, String)> {
    fn add(prefix: &str, value: &Value, all: &mut Vec<(String, String)>) {
        let Value::Object(map) = value else {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            all.push((prefix.to_owned(), text));
            return;
        };
        for (key, value) in map {
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            add(&name, value, all);
        }
    }
    let mut all = Vec::new();
    add("", settings, &mut all);
    all
}

/// Tells a tracked run of a version that was published from it.
pub(crate) fn published(run: &Path, model: &str, version: &Path, promoted: bool) -> Result<()> {
    let Some(mut journal) = Journal::open(run)? else { return Ok(()) };
    // It came to its end, also where it was killed before it could say so.
    end(&mut journal, Ended::Finished)?;
    let files = ["metadata.json", "model.onnx"].map(|name| version.join(name));
    for path in files {
        journal.note(&Message::Artifact { path: std::path::absolute(path)?, folder: "model".into() })?;
    }
    journal.note(&Message::Model { name: model.to_owned(), promoted })?;
    if let Err(error) = send::send(run) {
        eprintln!("heimdall: the tracking server hears of it later, by `heimdall track`: {error:#}");
    }
    Ok(())
}

/// The run's id in its tracking server, once it has one.
pub(crate) fn run_id(run: &Path) -> Option<String> {
    Journal::open(run).ok()??.state().run_id.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_settings_become_flat_names() {
        let settings = serde_json::json!({ "epochs": 3, "network": { "size": "atto", "cells": 64 } });
        let expected = [("epochs", "3"), ("network.cells", "64"), ("network.size", "atto")];
        assert_eq!(flattened(&settings), expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
