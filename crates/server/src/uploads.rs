//! Files on their way.

use std::path::PathBuf;
use std::sync::Arc;

use crate::{Error, Limits, Objects};

/// Files on their way.
#[derive(Debug)]
pub struct Uploads {
    folder: PathBuf,
    objects: Arc<Objects>,
    limits: Arc<Limits>,
}

impl Uploads {
    /// Those of a folder.
    pub(crate) fn open(folder: PathBuf, objects: Arc<Objects>, limits: Arc<Limits>) -> Result<Self, Error> {
        Ok(Self { folder, objects, limits })
    }
}
