//! Objects on the disk and in the catalogue: every stored file has a row, and what nothing refers to is deleted.

use std::sync::Arc;
use std::time::Duration;

use heimdall_catalogue::{Catalogue, Object, Sha256};
use jiff::SignedDuration;
use tokio::sync::Mutex;

use crate::Objects;
use crate::auth::Identity;
use crate::problem::{Outcome, Problem};
use crate::uploads::{State, Uploads};

/// Time between two looks at what is to be deleted.
const PERIOD: Duration = Duration::from_secs(60);

/// Keeps objects and catalogue in agreement.
#[derive(Debug)]
pub struct Keeper {
    catalogue: Catalogue,
    objects: Arc<Objects>,
    unattached: SignedDuration,
    /// Entering an object and deleting its file exclude each other: what was acknowledged must not lose its file.
    one: Mutex<()>,
}

impl Keeper {
    pub(crate) fn new(catalogue: Catalogue, objects: Arc<Objects>, unattached: Duration) -> Self {
        let unattached = SignedDuration::try_from(unattached).unwrap_or(SignedDuration::MAX);
        Self { catalogue, objects, unattached, one: Mutex::new(()) }
    }

    /// Enters a stored file into the catalogue, where it is not there; its bytes count for who asks.
    ///
    /// # Errors
    /// 404 where there is no such file, 403 for viewers, 413 where it would exceed the token's quota.
    pub(crate) async fn enter(&self, identity: &Identity, sha256: &Sha256) -> Outcome<Object> {
        let _one = self.one.lock().await;
        let path = self.objects.path(sha256.as_str());
        let metadata = match path {
            Some(path) => tokio::fs::metadata(path).await.ok(),
            None => None,
        };
        let Some(metadata) = metadata else {
            return Err(Problem::not_found(format!("There is no stored file with this SHA-256; upload it: {sha256}")));
        };
        Ok(self.catalogue.add_object(&identity.actor(), sha256, metadata.len()).await?)
    }

    /// Deletes the files that nothing refers to any more, and what is kept of their uploads.
    ///
    /// # Errors
    /// 500 where disk or catalogue refuse; the next call goes on.
    pub(crate) async fn sweep(&self, uploads: &Arc<Uploads>) -> Outcome<()> {
        let _one = self.one.lock().await;
        for sha256 in self.catalogue.sweep(self.unattached).await? {
            let (objects, uploads, name) = (Arc::clone(&self.objects), Arc::clone(uploads), sha256.to_string());
            let removed = tokio::task::spawn_blocking(move || {
                forget_uploads(&uploads, &name);
                objects.remove(&name)
            });
            let removed = removed.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
            removed.map_err(|error| Problem::internal("Deleting an object", error))?;
            // The file first: after a crash between the two the row names it again.
            self.catalogue.forget_object(&sha256).await?;
        }
        Ok(())
    }

    /// Deletes the file of an upload that may not be kept, unless the catalogue knows it for another reason.
    pub(crate) async fn drop_unknown(&self, sha256: &Sha256) -> Outcome<()> {
        let _one = self.one.lock().await;
        if self.catalogue.object(sha256).await.is_err() {
            let (objects, name) = (Arc::clone(&self.objects), sha256.to_string());
            let removed = tokio::task::spawn_blocking(move || objects.remove(&name)).await;
            let removed = removed.unwrap_or_else(|error| Err(std::io::Error::other(error)));
            removed.map_err(|error| Problem::internal("Deleting an object", error))?;
        }
        Ok(())
    }

    /// At the start and every minute: enters what a crash kept from being entered, and sweeps.
    pub(crate) async fn tidy(self: Arc<Self>, uploads: Arc<Uploads>) {
        let owner = Identity::owner();
        loop {
            for upload in uploads.list(&owner) {
                if let State::Stored { sha256, .. } = upload.record().state
                    && let Ok(sha256) = sha256.parse()
                    // One that is to be deleted must not come back.
                    && let Ok(false) = self.catalogue.knows_object(&sha256).await
                {
                    // A file that was purged since is not there any more.
                    let _ = self.enter(&owner, &sha256).await;
                }
            }
            if let Err(problem) = self.sweep(&uploads).await {
                tracing::warn!("{}", problem.detail);
            }
            tokio::time::sleep(PERIOD).await;
        }
    }
}

/// Removes the records of uploads that became this object: they say what was in it. Blocks.
fn forget_uploads(uploads: &Uploads, object: &str) {
    for upload in uploads.list(&Identity::owner()) {
        if matches!(upload.record().state, State::Stored { sha256, .. } if sha256 == object)
            && let Err(problem) = uploads.remove(&upload)
        {
            tracing::warn!("the record of upload {} stays: {}", upload.id(), problem.detail);
        }
    }
}
