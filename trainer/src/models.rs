//! `heimdall locate --models`: the published model for a scene, from a folder.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, anyhow};
use heimdall_model::{ModelCard, ModelIndex, ONNX_FILE};
use heimdall_pipeline::network::{NetworkInput, NetworkName, choose, listen, network_plan, run};
use heimdall_runtime::Localizer;

use crate::scene::Opened;

/// What the model of `folder` for the scene says; a model that is damaged is told and does not stop the others.
pub(crate) fn ask(folder: &Path, opened: &Opened) -> NetworkInput {
    match answer(folder, opened) {
        Ok(input) => input,
        Err(error) => NetworkInput::Silent { name: None, reason: format!("{error:#}.") },
    }
}

fn answer(folder: &Path, opened: &Opened) -> anyhow::Result<NetworkInput> {
    let index = ModelIndex::parse(&read(&folder.join("index.json"))?)?;
    let silent = |name, reason| Ok(NetworkInput::Silent { name, reason });
    let fit = match choose(&opened.scene, &index) {
        Ok(fit) => fit,
        Err(reason) => return silent(None, reason),
    };
    let card = ModelCard::parse(&read(&folder.join(&fit.folder).join("metadata.json"))?)?;
    let name = NetworkName { model: card.name.clone(), version: card.version.clone() };
    let plan = match network_plan(&opened.scene, &fit, &card) {
        Ok(plan) => plan,
        Err(reason) => return silent(Some(name), reason),
    };
    let mut heard = Vec::new();
    for (entry, source) in opened.scene.recordings.iter().zip(&opened.sources) {
        if plan.recordings().any(|id| id == entry.id) {
            heard.push(listen(entry, source.as_ref(), &plan, &mut |_| ControlFlow::Continue(()))?);
        }
    }
    let localizer = Localizer::load(&card, &read(&folder.join(&fit.folder).join(ONNX_FILE))?)?;
    let network = |planes: &_| localizer.answer(planes).map_err(|error| error.to_string());
    let answer = run(&card, &plan, &heard, network).map_err(|sentence| anyhow!(sentence))?;
    Ok(NetworkInput::Answered(Box::new(answer)))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("a model's file cannot be read: {}", path.display()))
}
