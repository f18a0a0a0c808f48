//! Sending what a journal holds, in its order.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::client::{Answer, Client};
use super::journal::{Message, State, read_state, unsent, write_state};

/// Most metrics, and most parameters, of one call.
const MOST_METRICS: usize = 1000;
const MOST_PARAMETERS: usize = 100;

/// Sends all that has not arrived; how many messages that were.
///
/// # Errors
/// Where the server is away; what was sent before counts. What the server refuses for good is said and passed over.
pub(super) fn send(folder: &Path) -> Result<usize> {
    let mut state = read_state(folder)?.context("this run is not tracked: train it with --tracking")?;
    let client = Client::new(&state.target.uri)?;
    let (run_id, artifacts) = run(&client, folder, &mut state)?;
    let missing = unsent(folder, &state)?;
    let count = missing.len();
    for (number, message) in missing {
        for answer in tell(&client, &run_id, &artifacts, &message)? {
            if let Answer::Refused(reason) = answer {
                eprintln!("heimdall: the tracking server refuses a message, which is left out: {reason}");
            }
        }
        state.sent = number + 1;
        write_state(folder, &state)?;
    }
    Ok(count)
}

/// The run and the place of its artifacts; it is made with the first message.
fn run(client: &Client, folder: &Path, state: &mut State) -> Result<(String, String)> {
    if let (Some(run_id), Some(artifacts)) = (&state.run_id, &state.artifacts) {
        return Ok((run_id.clone(), artifacts.clone()));
    }
    let experiment_id = client.experiment(&state.target.experiment)?;
    let (run_id, artifacts) = client.create_run(&experiment_id, &state.name, state.began_ms)?;
    (state.run_id, state.artifacts) = (Some(run_id.clone()), Some(artifacts.clone()));
    write_state(folder, state)?;
    Ok((run_id, artifacts))
}

fn tell(client: &Client, run_id: &str, artifacts: &str, message: &Message) -> Result<Vec<Answer>> {
    let batch = |name: &str, values: Value| client.post("runs/log-batch", &json!({ "run_id": run_id, name: values }));
    match message {
        Message::Parameters(all) => {
            let shown = |(key, value): &(String, String)| json!({ "key": key, "value": value });
            let parts = all.chunks(MOST_PARAMETERS).map(|part| part.iter().map(shown).collect::<Value>());
            parts.map(|part| batch("params", part)).collect()
        }
        Message::Metrics(all) => {
            let parts = all.chunks(MOST_METRICS).map(serde_json::to_value);
            parts.map(|part| batch("metrics", part?)).collect()
        }
        Message::Artifact { path, folder } => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            Ok(vec![client.put(artifacts, &name, path)?])
        }
        Message::End { status, at_ms } => {
            let body = json!({ "run_id": run_id, "status": status, "end_time": at_ms });
            Ok(vec![client.post("runs/update", &body)?])
        }
        Message::GoesOn => Ok(vec![client.post("runs/update", &json!({ "run_id": run_id, "status": "RUNNING" }))?]),
        Message::Model { name, promoted } => model(client, run_id, artifacts, name, *promoted),
    }
}

/// Registers what the run published as the model's next version.
fn model(client: &Client, run_id: &str, artifacts: &str, name: &str, promoted: bool) -> Result<Vec<Answer>> {
    // That it is there already is no refusal.
    client.post("registered-models/create", &json!({ "name": name }))?;
    let body = json!({ "name": name, "run_id": run_id, "source": format!("{artifacts}/model") });
    let made = client.post("model-versions/create", &body)?;
    let version = match &made {
        Answer::Done(made) => made.pointer("/model_version/version").cloned(),
        Answer::Refused(_) => None,
    };
    let mut answers = vec![made];
    if let Some(version) = version.filter(|_| promoted) {
        let body = json!({ "name": name, "alias": "promoted", "version": version });
        answers.push(client.post("registered-models/alias", &body)?);
    }
    Ok(answers)
}
