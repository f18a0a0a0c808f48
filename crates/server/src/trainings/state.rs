//! Where a training stands.

use serde::{Deserialize, Serialize};

/// Its stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Waits for those before it.
    Queued,
    /// Under way.
    Running,
    /// Stopped by a user; resuming puts it in the queue again.
    Paused,
    /// Ended by a user.
    Cancelled,
    /// Ended by an error.
    Failed,
    /// Its network is published, in use or not.
    Published,
}

impl Stage {
    /// Nothing more happens without a user.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Failed | Self::Published)
    }
}

/// What is kept of a training beside its request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrainingState {
    /// Its stage.
    pub stage: Stage,
    /// When it came to that, RFC 3339.
    pub since: String,
    /// A sentence: why it failed, which version it became.
    pub sentence: String,
    /// Sessions that it learns from.
    pub sessions: Vec<String>,
}

/// What a user can ask of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Stop and keep what is done.
    Pause,
    /// Go on.
    Resume,
    /// Stop for good.
    Cancel,
}

impl Wish {
    /// The stage that follows from it; `None` where it makes no sense.
    pub(super) fn applied(self, stage: Stage) -> Option<Stage> {
        match (self, stage) {
            (Self::Pause, Stage::Queued | Stage::Running) => Some(Stage::Paused),
            (Self::Resume, Stage::Paused | Stage::Failed | Stage::Cancelled) => Some(Stage::Queued),
            (Self::Cancel, Stage::Queued | Stage::Running | Stage::Paused) => Some(Stage::Cancelled),
            _ => None,
        }
    }
}
