//! A `heimdall locate --answering` that runs: a line of files in, a line with the answer out.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// The process; it ends with this value, and with the server however that ends, since its standard input closes.
pub(crate) struct Answering {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// A line of what it is asked.
#[derive(Serialize)]
pub(crate) struct Question {
    /// Of the scene.
    pub(crate) files: Vec<PathBuf>,
    /// Whether the report is to hold the fix alone.
    pub(crate) brief: bool,
}

/// A line of its answers.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Report(Box<RawValue>),
    Error(String),
}

impl Answering {
    /// Starts `program` with the networks of the folder `models`, which may still be empty.
    pub(crate) fn start(program: &Path, models: &Path) -> std::io::Result<Self> {
        let mut command = Command::new(program);
        command.args(["locate", "--format", "json", "--answering", "--models"]).arg(models);
        // What it says of single files stands in their reports.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let pipe = |name| std::io::Error::other(format!("it has no {name}"));
        let requests = child.stdin.take().ok_or_else(|| pipe("standard input"))?;
        let answers = BufReader::new(child.stdout.take().ok_or_else(|| pipe("standard output"))?);
        Ok(Self { child, requests, answers })
    }

    /// The report of a scene, or why there is none.
    ///
    /// # Errors
    /// A sentence where the process is of no use any more.
    pub(crate) async fn ask(&mut self, question: &Question) -> Result<Result<Box<RawValue>, String>, String> {
        let gone = |error: std::io::Error| format!("the program that locates does not answer ({error})");
        let mut line =
            serde_json::to_string(question).map_err(|error| format!("a file's name cannot be told ({error})"))?;
        line.push('\n');
        self.requests.write_all(line.as_bytes()).await.map_err(gone)?;
        self.requests.flush().await.map_err(gone)?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer).await.map_err(gone)? == 0 {
            let how = self.child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string());
            return Err(format!("the program that locates ended without a word ({how})"));
        }
        Ok(match serde_json::from_str(&answer) {
            Ok(Line::Report(report)) => Ok(report),
            Ok(Line::Error(sentence)) => Err(sentence),
            Err(error) => return Err(format!("the report is damaged ({error})")),
        })
    }
}
