//! Recorded sessions with known transmitters, as scenes to learn from.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use heimdall_localize::Geodesy;
use heimdall_model::{ModelCard, ModelIndex, Planes, Promotion};
use heimdall_network::{SceneLabel, Split};
use heimdall_pipeline::Settings;
use heimdall_pipeline::network::{choose, listen, network_plan, scene_planes};
use heimdall_recording::{Position, TypedFacts};
use heimdall_simulate::world::{Split as Part, World};
use serde::{Deserialize, Serialize};

use crate::heard::Contract;
use crate::scene;

/// Sessions of a run: what was asked for, and what became of it.
pub(crate) const SESSIONS_FILE: &str = "sessions.json";

/// A list of sessions, as `--sessions` reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    pub(crate) sessions: Vec<Session>,
}

/// Recordings of one emission, and where its transmitter was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) source: Source,
    pub(crate) files: Vec<ListedFile>,
}

/// A transmitter's place, degrees on WGS84.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) lat: f64,
    pub(crate) lon: f64,
}

/// A file of a session: recordings, their metadata, tables of receivers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListedFile {
    /// As the recording's maker called it: what a file is, its name says as well.
    pub(crate) name: String,
    /// Where it is, from the list's folder.
    pub(crate) path: PathBuf,
    /// What the file does not say of itself, as `heimdall locate --fact` takes it: `position`, `station`, ….
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) facts: BTreeMap<String, String>,
}

/// What a run learned from, beside its world.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Used {
    /// Simulated training scenes; of a run from before this was kept, the world's own number.
    #[serde(default)]
    pub(crate) simulated: Option<usize>,
    pub(crate) sessions: Vec<String>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// A session that cannot be learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LeftOut {
    pub(crate) id: String,
    pub(crate) reason: String,
}

impl List {
    /// Reads a list; its paths then are from the working folder.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut list: Self = serde_json::from_slice(&bytes)
            .with_context(|| format!("no list of sessions, see docs/training.md: {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        for session in &mut list.sessions {
            let Source { lat, lon } = session.source;
            ensure!(
                lat.abs() <= 90.0 && lon.abs() <= 180.0,
                "the source of session {} is at {lat}, {lon}, which is nowhere: {}",
                session.id,
                path.display()
            );
            session.files.iter_mut().for_each(|file| file.path = folder.join(&file.path));
        }
        Ok(list)
    }
}

/// What was said of the session's files, by their names.
fn typed(session: &Session) -> Result<BTreeMap<String, TypedFacts>> {
    let mut typed: BTreeMap<String, TypedFacts> = BTreeMap::new();
    for ListedFile { name, facts, .. } in &session.files {
        let of_file = typed.entry(name.clone()).or_default();
        for (key, value) in facts {
            of_file.set(key, value)?;
        }
    }
    typed.retain(|_, facts| *facts != TypedFacts::default());
    Ok(typed)
}

/// Planes of a session and its label. Blocks of places that the world holds out are held out here as well.
///
/// # Errors
/// Where it was not recorded by these receivers, or not as the network hears.
pub(super) fn hear(session: &Session, contract: &Contract, world: &World, seed: u64) -> Result<(Planes, SceneLabel)> {
    let files: Vec<(String, PathBuf)> =
        session.files.iter().map(|file| (file.name.clone(), file.path.clone())).collect();
    let opened = scene::open_named(&files, Settings::default(), &typed(session)?);
    let refused = opened.scene.refused.iter().map(|refusal| format!("{}: {}", refusal.name, refusal.reason));
    let refused: Vec<String> = refused.collect();
    let card = ModelCard::draft("session", contract.constellation.clone(), contract.settings.clone())?;
    let mut index = ModelIndex::default();
    index.add(&card.constellation, &card.version);
    let promotion = Promotion { version: card.version.clone(), at: String::new(), reason: None };
    index.promote(&card.constellation.name, promotion)?;
    let why = |sentence: String| anyhow!("{}", [vec![sentence], refused.clone()].concat().join(" "));
    let fit = choose(&opened.scene, &index).map_err(why)?;
    let plan = network_plan(&opened.scene, &fit, &card).map_err(why)?;
    let mut heard = Vec::new();
    for (entry, source) in opened.scene.recordings.iter().zip(&opened.sources) {
        if plan.recordings().any(|id| id == entry.id) {
            heard.push(listen(entry, source.as_ref(), &plan, &mut |_| ControlFlow::Continue(()))?);
        }
    }
    let planes = scene_planes(&card, &plan, &heard).map_err(why)?;
    let position = Position { latitude_deg: session.source.lat, longitude_deg: session.source.lon };
    let target_enu_m = contract.constellation.frame().east_north_m(&Geodesy::default(), position);
    let half_m = world.extent_m / 2.0;
    let at_m = world.plane().east_north_m(position);
    ensure!(at_m.iter().all(|x| x.abs() <= half_m), "its transmitter is outside of the world's square");
    let block = world.block(at_m);
    let split = match world.split(seed, block) {
        Part::Training => Split::Train,
        Part::Validation => Split::Validation,
        Part::Test => Split::Test,
    };
    let block = (u64::from(block.column) << 32) | u64::from(block.row);
    let present = plan.listeners.iter().map(Option::is_some).collect();
    Ok((planes, SceneLabel { target_enu_m, block, split, present }))
}
