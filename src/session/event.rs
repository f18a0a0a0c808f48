//! What happens to a session and what it wants done.

use heimdall_pipeline::Settings;
use heimdall_pipeline::export::ExportFormat;
use heimdall_recording::{Origin, Position, TypedFacts};

use crate::preferences::Preferences;
use crate::protocol::{Reply, Request};

/// Names a file that the browser side holds.
pub type FileId = u32;
/// Names files that are opened together.
pub type GroupId = u32;
/// Names a request under way.
pub type JobId = u32;

/// Which workers do a job. Each lane can be emptied without touching the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Several workers, a recording each.
    Recordings,
    /// One worker, which keeps the channels.
    Solver,
    /// One worker that reads whole files, at leisure.
    Checksums,
    /// One worker of another module, which runs networks and keeps what they heard; started when one fits.
    Network,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// Files came in.
    Dropped(Vec<(FileId, String)>),
    /// The user answered questions about a group.
    Answered(GroupId, TypedFacts),
    /// The user exchanged I and Q of a recording.
    Exchanged(String),
    /// The user took a group away.
    Dismissed(GroupId),
    /// The user wants to start anew.
    Cleared,
    /// A receiver was switched on (true) or off.
    Switched(String, bool),
    /// A receiver was placed by the user.
    Placed(String, Position, Origin),
    /// A receiver is in the user's hand over this place; where it is let go, it is placed.
    Dragged(String, Position),
    /// The user wants remembered positions forgotten.
    Forgot,
    /// The user chose other settings.
    Set(Settings),
    /// The user takes the last choice back.
    Undone,
    /// The user takes up again what was undone.
    Redone,
    /// The user wants things shown otherwise.
    Preferred(Preferences),
    /// Something happened outside the session, a sentence.
    Told(String),
    /// Something went wrong outside the session, a sentence.
    Failed(String),
    /// The user wants the work stopped.
    Cancelled,
    /// The user wants the work taken up again.
    Resumed,
    /// The user wants the answer as a file.
    ExportWanted(ExportFormat),
    /// The user wants files, settings and answers in one file.
    SessionWanted,
    /// A worker answered.
    Replied(JobId, Reply),
    /// A worker ended in the middle of a job.
    Died(JobId, String),
    /// The solver was replaced; its channels are gone.
    SolverLost,
    /// The worker that runs networks was replaced; what it heard is gone.
    NetworkLost,
    /// The text of the list of models is there, or was looked at again.
    Models(String),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Give a job to a worker, with files beside it.
    Submit {
        /// Names the job in replies.
        job: JobId,
        /// Who does it.
        lane: Lane,
        /// What is to be done.
        request: Box<Request>,
        /// Files that it needs.
        files: Vec<FileId>,
    },
    /// Send the samples that came with a job's reply on to another lane's worker.
    ForwardSamples {
        /// The job that was answered with samples.
        job: JobId,
        /// Whose worker keeps them.
        lane: Lane,
        /// What they are.
        request: Box<Request>,
    },
    /// Fetch a model's card.
    FetchCard {
        /// Names the job in replies.
        job: JobId,
        /// Folder of the model.
        folder: String,
    },
    /// Take a job back, by ending its worker where it has begun.
    Abort(JobId),
    /// End all work of a lane.
    Empty(Lane),
    /// Write positions to the browser's memory.
    Remember(Vec<(String, Position)>),
    /// Show things so from now on, and remember it.
    Prefer(Preferences),
    /// Hand a file to the user.
    Download {
        /// File name.
        name: String,
        /// Media type.
        media_type: &'static str,
        /// Contents, one after the other.
        parts: Vec<Part>,
    },
}

/// A piece of a file that is handed to the user.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// As they are.
    Bytes(Vec<u8>),
    /// One of the user's files, which is not read for it.
    File(FileId),
}
