//! The calls of MLflow's REST API 2.0 that a run needs.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use ureq::Agent;

/// No call takes longer; a file of a model may.
const LIMIT: Duration = Duration::from_secs(10);
const FILE_LIMIT: Duration = Duration::from_secs(120);
/// Scheme of artifacts that go through the tracking server.
const PROXIED: &str = "mlflow-artifacts:/";

/// What became of a call.
pub(super) enum Answer {
    /// It was done.
    Done(Value),
    /// The server will never do it, and says why.
    Refused(String),
}

/// A tracking server.
pub(super) struct Client {
    agent: Agent,
    uri: String,
}

impl Client {
    pub(super) fn new(uri: &str) -> Result<Self> {
        if !uri.starts_with("http://") {
            bail!("a tracking server's address begins with http:// (put a proxy before one that has TLS only): {uri}");
        }
        let config = Agent::config_builder().timeout_connect(Some(LIMIT)).http_status_as_error(false);
        Ok(Self { agent: config.build().into(), uri: uri.to_owned() })
    }

    /// The experiment's id; it is made where there is none.
    pub(super) fn experiment(&self, name: &str) -> Result<String> {
        let made = self.post("experiments/create", &json!({ "name": name }))?;
        if let Answer::Done(made) = made {
            return text(&made, "/experiment_id");
        }
        match self.get("experiments/get-by-name", &[("experiment_name", name)])? {
            Answer::Done(found) => text(&found, "/experiment/experiment_id"),
            Answer::Refused(reason) => bail!("the experiment {name} can be neither made nor found: {reason}"),
        }
    }

    /// A new run: its id, and where its artifacts go.
    pub(super) fn create_run(&self, experiment_id: &str, name: &str, began_ms: i64) -> Result<(String, String)> {
        let body = json!({ "experiment_id": experiment_id, "run_name": name, "start_time": began_ms });
        match self.post("runs/create", &body)? {
            Answer::Done(run) => Ok((text(&run, "/run/info/run_id")?, text(&run, "/run/info/artifact_uri")?)),
            Answer::Refused(reason) => bail!("the run cannot be made: {reason}"),
        }
    }

    pub(super) fn post(&self, method: &str, body: &Value) -> Result<Answer> {
        let url = format!("{}/api/2.0/mlflow/{method}", self.uri);
        let request = self.agent.post(&url).config().timeout_global(Some(LIMIT)).build();
        answer(request.send_json(body), &url)
    }

    fn get(&self, method: &str, query: &[(&str, &str)]) -> Result<Answer> {
        let url = format!("{}/api/2.0/mlflow/{method}", self.uri);
        let request = self.agent.get(&url).query_pairs(query.iter().copied());
        answer(request.config().timeout_global(Some(LIMIT)).build().call(), &url)
    }

    /// Puts a file among the artifacts.
    pub(super) fn put(&self, artifacts: &str, name: &str, path: &Path) -> Result<Answer> {
        let Some(place) = artifacts.strip_prefix(PROXIED) else {
            return Ok(Answer::Refused(format!("its artifacts do not go through it but to {artifacts}")));
        };
        let url = format!("{}/api/2.0/mlflow-artifacts/artifacts/{}/{name}", self.uri, place.trim_start_matches('/'));
        let Ok(file) = std::fs::File::open(path) else {
            return Ok(Answer::Refused(format!("it is no longer there: {}", path.display())));
        };
        let request = self.agent.put(&url).config().timeout_global(Some(FILE_LIMIT)).build();
        answer(request.send(&file), &url)
    }
}

/// An error is for a server that is away or in trouble, and worth another try later.
fn answer(result: Result<ureq::http::Response<ureq::Body>, ureq::Error>, url: &str) -> Result<Answer> {
    let mut response = result.map_err(|error| anyhow!("the tracking server cannot be reached ({error}): {url}"))?;
    let status = response.status().as_u16();
    let said = response.body_mut().read_to_string().with_context(|| format!("the answer broke off: {url}"))?;
    match status {
        200..300 => Ok(Answer::Done(serde_json::from_str(&said).unwrap_or(Value::Null))),
        400..500 if status != 408 && status != 429 => Ok(Answer::Refused(format!("{status} {said}"))),
        _ => bail!("the tracking server answered {status}: {url}"),
    }
}

fn text(value: &Value, path: &str) -> Result<String> {
    let found = value.pointer(path).and_then(Value::as_str);
    found.map(str::to_owned).with_context(|| format!("the tracking server's answer lacks {path}: {value}"))
}
