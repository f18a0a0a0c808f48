//! What the page and its workers say to each other.
//!
//! A message is a JSON text of one of these enums, with files or samples beside it as transferables.
//! Requests carry all they need, so that a worker which died can be replaced and any worker can do any job;
//! only the solver keeps something, the channels it was given.

use heimdall_pipeline::export::ExportFormat;
use heimdall_pipeline::network::{CardText, NetworkNews, NetworkRequest, NetworkStep};
use heimdall_pipeline::{ChannelFacts, Checksums, Clocks, Plan, Refusal, Report, Scene, SceneRecording};
use heimdall_recording::{Checksum, Collection, ReceiverRow, ReportRow, SavedSession, TypedFacts};
use serde::{Deserialize, Serialize};

/// What the page asks of a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Open files that belong together and take a first look; the files are beside the message.
    Open {
        /// Names of the files, in their order.
        names: Vec<String>,
        /// What the user typed in for them.
        typed: TypedFacts,
    },
    /// Align the recordings' clocks on the reference that the settings name; the recordings' files are beside the
    /// message, one for each.
    Align {
        /// Everything but the samples, clocks as the recordings have them.
        scene: Scene,
    },
    /// Take the plan's band out of a recording; its file is beside the message.
    Extract {
        /// What is known of the recording.
        recording: Box<SceneRecording>,
        /// What to take out.
        plan: Plan,
    },
    /// Checksums of the file beside the message.
    Hash {
        /// What metadata states of it.
        stated: Vec<Checksum>,
    },
    /// Choose band and time grid.
    Plan {
        /// Everything but the samples.
        scene: Scene,
    },
    /// Keep a channel; its samples are beside the message. Not answered.
    Channel {
        /// What it is.
        facts: ChannelFacts,
    },
    /// Estimate from the channels kept.
    Solve {
        /// Everything but the samples.
        scene: Scene,
        /// What is known of a network.
        network: NetworkNews,
    },
    /// What to do next about a network.
    Step {
        /// Everything but the samples.
        scene: Scene,
        /// Text of the list of models.
        index: String,
        /// The card that was fetched last.
        card: Option<CardText>,
    },
    /// Take what a network is to hear out of a recording; its file is beside the message.
    Listen {
        /// What is known of the recording.
        recording: Box<SceneRecording>,
        /// What to take out: a `NetworkPlan` as JSON.
        plan: String,
    },
    /// For the worker that runs networks; the others do not know it.
    Network(NetworkRequest),
    /// Write what stands before, between and after files in an archive of them; the files are beside the message.
    Pack {
        /// Names of the files in the archive, in their order.
        names: Vec<String>,
        /// What the archive is to be opened with again.
        saved: Box<SavedSession>,
        /// What the user answered, by the name of the first of files that belong together.
        typed: Vec<(String, TypedFacts)>,
    },
    /// Write a report in a file format.
    Export {
        /// The format.
        format: ExportFormat,
        /// The report, checksums filled in.
        report: Box<Report>,
    },
}

/// What a worker answers; the last answer to a request is anything but [`Reply::Progress`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// Share of the request that is done, 0…1.
    Progress(f32),
    /// What the files hold.
    Opened(Vec<Opened>),
    /// How the clocks run; absent where all are good already.
    Aligned(Option<Box<Clocks>>),
    /// The samples are beside the message, interleaved re and im.
    Extracted(ChannelFacts),
    /// What the file's bytes add up to.
    Hashed(Checksums),
    /// No plan where no recording can take part.
    Planned(Option<Plan>),
    /// The answer.
    Solved(Box<Report>),
    /// What to do next about a network.
    Stepped(NetworkStep),
    /// What was heard, `HeardFacts` as JSON; the samples are beside the message, interleaved re and im.
    Listened(String),
    /// Text of a model's card; the page's own answer.
    Card(CardText),
    /// What the network says, a `NetworkAnswer` as JSON.
    Answered(String),
    /// The pieces: one before each file, one after the last.
    Packed(Vec<Vec<u8>>),
    /// Text of the file.
    Exported(String),
    /// It could not be done, in a sentence for the user.
    Failed(String),
}

/// One thing that was in the files of an [`Request::Open`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Opened {
    /// A recording with a first look at it; its identity is given by the page.
    Recording {
        /// Which of the files holds the samples.
        file: usize,
        /// What is known of it.
        recording: Box<SceneRecording>,
    },
    /// A table of receivers.
    Receivers(Vec<ReceiverRow>),
    /// A table of levels or bearings.
    Reports(Vec<ReportRow>),
    /// A list of recordings that belong together.
    Collection(Collection),
    /// A part that could not be read while the others could.
    Refused(Refusal),
    /// Worth knowing about the files as a whole.
    Notice(String),
}

#[cfg(test)]
mod tests {
    use heimdall_pipeline::network::NetworkReply;

    use super::*;

    /// The worker of networks links its own words; these must be the page's.
    #[test]
    fn the_page_understands_the_worker_that_runs_networks() {
        let heard =
            |reply: &NetworkReply| serde_json::from_str::<Reply>(&serde_json::to_string(reply).unwrap()).unwrap();
        assert_eq!(heard(&NetworkReply::Progress(0.5)), Reply::Progress(0.5));
        assert_eq!(heard(&NetworkReply::Failed("no".into())), Reply::Failed("no".into()));
        assert_eq!(heard(&NetworkReply::Answered("{}".into())), Reply::Answered("{}".into()));
    }
}
