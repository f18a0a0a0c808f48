//! What every request can reach.

use std::path::PathBuf;
use std::sync::Arc;

use heimdall_catalogue::Catalogue;
use tokio::sync::watch;

use crate::auth::{Hosts, Tokens};
use crate::locate::Locator;
use crate::trainings::Trainings;
use crate::uploads::Uploads;
use crate::{Events, Folder, Keeper, Limits, Objects};

/// What every request can reach; a clone is another handle to the same.
#[derive(Clone)]
pub struct AppState {
    /// The data folder.
    pub folder: Arc<Folder>,
    /// Folder of the built page.
    pub page: Option<Arc<PathBuf>>,
    /// Who a token stands for.
    pub tokens: Arc<Tokens>,
    /// Names under which the server may be called.
    pub hosts: Arc<Hosts>,
    /// What happened, for those who listen.
    pub events: Arc<Events>,
    /// Finished files by content.
    pub objects: Arc<Objects>,
    /// Sessions and all that belongs to them.
    pub catalogue: Catalogue,
    /// Keeps objects and catalogue in agreement.
    pub keeper: Arc<Keeper>,
    /// Files on their way.
    pub uploads: Arc<Uploads>,
    /// Trainings, of a program that can train.
    pub trainings: Option<Trainings>,
    /// Locates, of a program that has networks.
    pub(crate) locator: Option<Arc<Locator>>,
    /// What requests may take.
    pub limits: Arc<Limits>,
    /// True once the server is to end: long answers finish then.
    pub stopping: watch::Receiver<bool>,
}
