//! What a tracking server is to be told of a run, and how much of it was.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

const MESSAGES: &str = "tracking.jsonl";
const STATE: &str = "tracking.json";

/// A server and its experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) uri: String,
    pub(crate) experiment: String,
}

/// How far the server has been told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) target: Target,
    /// Name of the run, for people.
    pub(crate) name: String,
    /// When it began, milliseconds since 1970.
    pub(crate) began_ms: i64,
    /// The run, once the server has made it.
    pub(crate) run_id: Option<String>,
    /// Where its artifacts go.
    pub(crate) artifacts: Option<String>,
    /// Messages that have arrived.
    pub(crate) sent: usize,
}

/// A measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Metric {
    pub(crate) key: String,
    pub(crate) value: f64,
    /// Milliseconds since 1970.
    pub(crate) timestamp: i64,
    pub(crate) step: i64,
}

/// One thing to be told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Message {
    Parameters(Vec<(String, String)>),
    Metrics(Vec<Metric>),
    /// A file as it is when it is sent.
    Artifact {
        path: PathBuf,
        folder: String,
    },
    /// The run is over: `FINISHED`, `FAILED`, `KILLED`.
    End {
        status: String,
        at_ms: i64,
    },
    /// It was over, and goes on.
    GoesOn,
    /// A version of the registered model `name`, in use or not.
    Model {
        name: String,
        promoted: bool,
    },
}

/// Of one run's folder.
pub(crate) struct Journal {
    folder: PathBuf,
    state: State,
    messages: File,
}

impl Journal {
    /// Begins a journal in a run's folder, or goes on with the one that is there for the same server.
    pub(crate) fn begin(folder: &Path, target: Target, name: &str, goes_on: bool) -> Result<Self> {
        if goes_on && let Some(mut journal) = Self::open(folder)?.filter(|journal| journal.state.target == target) {
            if journal.is_ended()? {
                journal.note(&Message::GoesOn)?;
            }
            return Ok(journal);
        }
        let began_ms = now_ms();
        let state = State { target, name: name.to_owned(), began_ms, run_id: None, artifacts: None, sent: 0 };
        let path = folder.join(MESSAGES);
        let messages = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        write_state(folder, &state)?;
        Ok(Self { folder: folder.to_owned(), state, messages })
    }

    /// The journal of a run's folder; `None` where it is not tracked.
    pub(crate) fn open(folder: &Path) -> Result<Option<Self>> {
        let Some(state) = read_state(folder)? else { return Ok(None) };
        let path = folder.join(MESSAGES);
        let failed = || format!("cannot write {}", path.display());
        let mut messages = OpenOptions::new().read(true).append(true).create(true).open(&path).with_context(failed)?;
        end_line(&mut messages).with_context(failed)?;
        Ok(Some(Self { folder: folder.to_owned(), state, messages }))
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it was written down that the run is over, and nothing of its course since.
    pub(crate) fn is_ended(&self) -> Result<bool> {
        let all = read_messages(&self.folder, 0)?;
        let of_course = all.into_iter().rev().map(|(_, message)| message);
        let mut of_course =
            of_course.filter(|message| !matches!(message, Message::Artifact { .. } | Message::Model { .. }));
        Ok(matches!(of_course.next(), Some(Message::End { .. })))
    }

    /// Writes a message down.
    pub(crate) fn note(&mut self, message: &Message) -> Result<()> {
        let mut line = serde_json::to_vec(message)?;
        line.push(b'\n');
        self.messages.write_all(&line).with_context(|| format!("cannot write {MESSAGES}"))
    }
}

/// Ends a line that a kill cut short: what follows would be lost with it.
fn end_line(messages: &mut File) -> std::io::Result<()> {
    if messages.metadata()?.len() == 0 {
        return Ok(());
    }
    let mut last = [0];
    messages.seek(SeekFrom::End(-1))?;
    messages.read_exact(&mut last)?;
    if last == *b"\n" { Ok(()) } else { messages.write_all(b"\n") }
}

/// Messages that have not arrived, with their numbers.
pub(super) fn unsent(folder: &Path, state: &State) -> Result<Vec<(usize, Message)>> {
    read_messages(folder, state.sent)
}

/// Messages behind the first so many, with their numbers. A line that a kill cut short is none.
fn read_messages(folder: &Path, skipped: usize) -> Result<Vec<(usize, Message)>> {
    let path = folder.join(MESSAGES);
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let wanted = whole.enumerate().skip(skipped);
    Ok(wanted.filter_map(|(number, line)| Some((number, serde_json::from_str(line).ok()?))).collect())
}

pub(super) fn read_state(folder: &Path) -> Result<Option<State>> {
    let path = folder.join(STATE);
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Some(serde_json::from_slice(&bytes).with_context(|| format!("damaged; delete it: {}", path.display()))?))
}

pub(super) fn write_state(folder: &Path, state: &State) -> Result<()> {
    let (path, partial) = (folder.join(STATE), folder.join(format!(".{STATE}.partial")));
    let failed = || format!("cannot write {}", path.display());
    std::fs::write(&partial, serde_json::to_vec(state)?).with_context(failed)?;
    std::fs::rename(&partial, &path).with_context(failed)
}

pub(crate) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_behind_one_that_a_kill_cut_short_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target { uri: "http://127.0.0.1:1".into(), experiment: "e".into() };
        let end = |at_ms: i64| Message::End { status: "FINISHED".into(), at_ms };
        let mut journal = Journal::begin(folder.path(), target, "run", false).unwrap();
        journal.note(&end(1)).unwrap();
        journal.messages.write_all(b"{\"End\":{\"sta").unwrap();
        let state = journal.state().clone();
        assert_eq!(unsent(folder.path(), &state).unwrap(), [(0, end(1))]);
        drop(journal);
        let mut journal = Journal::open(folder.path()).unwrap().unwrap();
        journal.note(&end(2)).unwrap();
        assert_eq!(unsent(folder.path(), &state).unwrap(), [(0, end(1)), (2, end(2))]);
    }

    #[test]
    fn a_run_is_over_until_it_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target { uri: "http://127.0.0.1:1".into(), experiment: "e".into() };
        let end = Message::End { status: "KILLED".into(), at_ms: 1 };
        let mut journal = Journal::begin(folder.path(), target.clone(), "run", false).unwrap();
        journal.note(&Message::Metrics(Vec::new())).unwrap();
        assert!(!journal.is_ended().unwrap());
        journal.note(&end).unwrap();
        journal.note(&Message::Model { name: "m".into(), promoted: false }).unwrap();
        assert!(journal.is_ended().unwrap(), "what is published from it is no part of its course");
        let journal = Journal::begin(folder.path(), target, "run", true).unwrap();
        assert!(!journal.is_ended().unwrap());
        assert_eq!(unsent(folder.path(), journal.state()).unwrap().last().unwrap().1, Message::GoesOn);
    }
}
