//! `heimdall locate --models`: the published model for a scene, from a folder.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, anyhow};
use heimdall_model::{ModelCard, ModelIndex, ONNX_FILE};
use heimdall_pipeline::Detail;
use heimdall_pipeline::network::{NetworkInput, NetworkName, choose, listen, network_plan, run};
use heimdall_runtime::Localizer;

use crate::scene::Opened;

/// The list of a folder's models.
const INDEX: &str = "index.json";

/// A folder of published models, and the one that was asked last: loading takes several times as long as an answer.
pub(crate) struct Models {
    folder: PathBuf,
    last: Mutex<Option<Arc<Loaded>>>,
}

struct Loaded {
    /// The text of its card, which names its files by their checksums.
    card_text: Vec<u8>,
    card: ModelCard,
    localizer: Localizer,
}

impl Models {
    pub(crate) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), last: Mutex::new(None) }
    }

    /// Whether nothing was published there yet.
    pub(crate) fn is_empty(&self) -> bool {
        !self.folder.join(INDEX).exists()
    }

    /// What the model for the scene says; one that is damaged is told and does not stop the others.
    pub(crate) fn ask(&self, opened: &Opened, detail: Detail) -> NetworkInput {
        match self.answer(opened, detail) {
            Ok(input) => input,
            Err(error) => NetworkInput::Silent { name: None, reason: format!("{error:#}.") },
        }
    }

    fn answer(&self, opened: &Opened, detail: Detail) -> anyhow::Result<NetworkInput> {
        // Read each time: another version may be in use by now.
        let index = ModelIndex::parse(&read(&self.folder.join(INDEX))?)?;
        let silent = |name, reason| Ok(NetworkInput::Silent { name, reason });
        let fit = match choose(&opened.scene, &index) {
            Ok(fit) => fit,
            Err(reason) => return silent(None, reason),
        };
        let Loaded { card, localizer, .. } = &*self.loaded(&self.folder.join(&fit.folder))?;
        let name = NetworkName { model: card.name.clone(), version: card.version.clone() };
        let plan = match network_plan(&opened.scene, &fit, card) {
            Ok(plan) => plan,
            Err(reason) => return silent(Some(name), reason),
        };
        let mut heard = Vec::new();
        for (entry, source) in opened.scene.recordings.iter().zip(&opened.sources) {
            if plan.recordings().any(|id| id == entry.id) {
                heard.push(listen(entry, source.as_ref(), &plan, &mut |_| ControlFlow::Continue(()))?);
            }
        }
        let network = |planes: &_| localizer.answer(planes).map_err(|error| error.to_string());
        let answer = run(card, &plan, &heard, detail, network).map_err(|sentence| anyhow!(sentence))?;
        Ok(NetworkInput::Answered(Box::new(answer)))
    }

    /// The version in a folder.
    fn loaded(&self, version: &Path) -> anyhow::Result<Arc<Loaded>> {
        let card_text = read(&version.join("metadata.json"))?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = last.as_ref().filter(|loaded| loaded.card_text == card_text) {
            return Ok(Arc::clone(loaded));
        }
        let card = ModelCard::parse(&card_text)?;
        let localizer = Localizer::load(&card, &read(&version.join(ONNX_FILE))?)?;
        let loaded = Arc::new(Loaded { card_text, card, localizer });
        *last = Some(Arc::clone(&loaded));
        Ok(loaded)
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("a model's file cannot be read: {}", path.display()))
}
