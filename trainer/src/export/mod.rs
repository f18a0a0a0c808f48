//! `heimdall export`: a trained network as a published version: ONNX file, checkpoint, configuration, card.

mod checks;
mod disk;
mod held_out;
mod onnxruntime;
mod page;
mod parity;
mod piped;
pub(crate) mod promote;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use heimdall_model::{
    Constellation, DensityCard, FileCard, FusionCard, HELD_OUT_FILE, LEARNING_FILE, MetricsCard, ModelCard, ONNX_FILE,
    Promotion, WorldCard, is_file_name,
};
use heimdall_network::{Checkpoint, Precision, TrainingSet, export};
use heimdall_runtime::Localizer;
use heimdall_simulate::world::World;
use serde::Deserialize;

use crate::heard::Contract;
use crate::print::print;
use crate::tracking;
use crate::train::{MODEL_FILE, SCENES_FOLDER, SESSIONS_FILE, Used, WORLD_FILE};
use checks::{Promoted, checks};
use disk::{read, write_version};
use parity::Reference;

/// As [`ONNX_FILE`], with weights in half precision.
const HALF_FILE: &str = "model.f16.onnx";
const CHECKPOINT_FILE: &str = "checkpoint.safetensors";
const CONFIG_FILE: &str = "config.yaml";

/// What to publish and where.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of a finished `heimdall train`.
    run: PathBuf,
    /// Folder of all models; the version goes to CONSTELLATION/VERSION in it, and is promoted if it passes the checks.
    #[arg(long, conflicts_with = "into", required_unless_present = "into")]
    models: Option<PathBuf>,
    /// Folder for this version alone.
    #[arg(long)]
    into: Option<PathBuf>,
    /// Name of the model.
    #[arg(long, default_value = "localizer")]
    name: String,
    /// Version; the one after the last of its constellation when absent.
    #[arg(long)]
    version: Option<String>,
    /// Promote it even if a check fails; the reason is kept beside the version.
    #[arg(long, value_name = "REASON", requires = "models")]
    promote_because: Option<String>,
    /// Table of `heimdall evaluate world --json`: its rows become the card's metrics and baselines, and how much the
    /// network and classical experts count beside each other is taken from the first that says so.
    #[arg(long)]
    results: Vec<PathBuf>,
    /// How weights are stored. They are rounded first: what is measured is what is published.
    #[arg(long, default_value = "f32")]
    weights: Weights,
    /// A Python with the packages onnx and onnxruntime, which then must accept the file and say the same
    /// [default: HEIMDALL_ONNX_PYTHON, if that is set].
    #[arg(long, value_name = "PROGRAM")]
    onnx_python: Option<OsString>,
    #[command(flatten)]
    page: page::PageRuntime,
    /// Leave out the checkpoint.
    #[arg(long)]
    without_checkpoint: bool,
}

/// How weights are stored.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Weights {
    /// As trained; a file in half precision is published beside it.
    F32,
    /// Half precision: half the size.
    F16,
    /// Eight bits where the weights are many, half precision elsewhere: a quarter of the size.
    I8,
}

impl From<Weights> for Precision {
    fn from(weights: Weights) -> Self {
        match weights {
            Weights::F32 => Self::F32,
            Weights::F16 => Self::F16,
            Weights::I8 => Self::I8,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut checkpoint = Checkpoint::read(&arguments.run.join(MODEL_FILE))?;
    let precision = arguments.weights.into();
    checkpoint.net.round_to(precision);
    let path = arguments.run.join(WORLD_FILE);
    let world = World::read(&read(&path)?).with_context(|| path.display().to_string())?;
    let contract = Contract::of(&world)?;
    let mut card = card(arguments, &checkpoint, &contract, &world)?;
    ensure!(
        card.feature_hash == checkpoint.state.feature_hash,
        "the run was made with other planes than this program makes"
    );
    let changing = |models: &Path| {
        std::fs::create_dir_all(models).with_context(|| format!("cannot make {}", models.display()))?;
        disk::Changing::begin(models)
    };
    let _changing = arguments.models.as_deref().map(changing).transpose()?;
    let mut index = arguments.models.as_deref().map(disk::index).transpose()?.unwrap_or_default();
    let place = &contract.constellation.name;
    let entry = index.constellations.iter().find(|entry| entry.folder == *place);
    card.version = match &arguments.version {
        Some(version) => version.clone(),
        None => next_version(entry.map_or(&[], |entry| &entry.versions)),
    };
    ensure!(
        is_file_name(&card.version),
        "a version is named by letters, digits, '.', '-' and '_', and does not begin with '.': {}",
        card.version
    );
    ensure!(
        entry.is_none_or(|entry| same_receivers(&entry.constellation, &contract.constellation)),
        "the models of {place} are for other receivers than this run: publish it in a folder of its own (--models)"
    );
    let folder = match (&arguments.into, &arguments.models) {
        (Some(folder), _) => folder.clone(),
        (None, Some(models)) => models.join(place).join(&card.version),
        (None, None) => bail!("say where to: --models or --into"),
    };
    let listed = entry.is_some_and(|entry| entry.versions.contains(&card.version));
    if arguments.models.is_some() && !listed && folder.exists() {
        // Left by an export that was killed before it named the version in the list: nobody has seen it.
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    ensure!(!folder.exists(), "a published version never changes: choose another --version: {}", folder.display());
    let onnx = export(&checkpoint, precision)?;
    if let (Some(models), None, Some(entry)) = (&arguments.models, &arguments.version, entry)
        && let Some(card) = published_before(&models.join(place), &entry.versions, &onnx)?
    {
        // By an export that was killed before it could say so, or by mistake a second time.
        return told(place, &card, entry.promoted.as_deref() == Some(card.version.as_str()));
    }
    let mut files = vec![(ONNX_FILE, onnx.clone()), (CONFIG_FILE, read(&arguments.run.join(CONFIG_FILE))?)];
    if precision == Precision::F32 {
        files.push((HALF_FILE, export(&checkpoint, Precision::F16)?));
    }
    if !arguments.without_checkpoint {
        files.push((CHECKPOINT_FILE, checkpoint.to_bytes()?));
    }
    let course = arguments.run.join(LEARNING_FILE);
    if course.is_file() {
        files.push((LEARNING_FILE, read(&course)?));
    }
    // The network is loaded by its checksum; the list is made anew below.
    card.files = vec![FileCard::of(ONNX_FILE, &onnx)];
    card.fusion = Some(tables(&arguments.results, &mut card)?.unwrap_or_default());
    let set = TrainingSet::open(&arguments.run.join(SCENES_FOLDER))?;
    let localizer = Localizer::load(&card, &onnx)?;
    let reference = Reference::of(&checkpoint, &set)?;
    card.parity.push(reference.by_tract(&localizer)?);
    card.parity.extend(arguments.page.parity(&card, &onnx, &reference)?);
    let python = arguments.onnx_python.clone().or_else(|| std::env::var_os("HEIMDALL_ONNX_PYTHON"));
    if let Some(python) = python.filter(|python| !python.is_empty()) {
        card.parity.push(onnxruntime::parity(&python, &onnx, card.density, &reference)?);
    }
    let scores = held_out::scores(&localizer, card.density, &set)?;
    let held_out = held_out::by_scene(&scores, &card.constellation, &set, &world.name)?;
    files.push((HELD_OUT_FILE, serde_json::to_vec(&held_out)?));
    card.files = files.iter().map(|(name, bytes)| FileCard::of(name, bytes)).collect();
    let network = held_out::network(&scores, &world.name);
    let mean_place = held_out::mean_place(&set, &world.name)?;
    let promoted = entry.and_then(|entry| entry.promoted.as_deref()).zip(arguments.models.as_deref());
    let promoted = promoted.map(|(version, models)| {
        let metrics = promoted_metrics(&models.join(place).join(version), &card, &set, &world.name);
        metrics.map(|metrics| metrics.map(|metrics| Promoted { version, metrics }))
    });
    let promoted = promoted.transpose()?.flatten();
    card.checks = checks(&network, &mean_place, promoted.as_ref(), &card.parity);
    if !card.metrics.iter().any(|row| row.world == network.world) {
        card.metrics.push(network);
    }
    card.baselines.push(mean_place);
    card.validate()?;
    write_version(&folder, &files, &card)?;
    print(&format!("{}\n", folder.display()))?;
    let Some(models) = &arguments.models else {
        tell_checks(&card)?;
        return Ok(ExitCode::SUCCESS);
    };
    index.add(&card.constellation, &card.version);
    // A blank is no reason.
    let reason = arguments.promote_because.clone().filter(|reason| !reason.trim().is_empty());
    let promotes = card.passed() || reason.is_some();
    if promotes {
        index.promote(place, Promotion { version: card.version.clone(), at: now(), reason })?;
    }
    disk::write_index(models, &index)?;
    // It is published, whatever becomes of this.
    if let Err(error) = tracking::published(&arguments.run, place, &folder, promotes) {
        eprintln!("heimdall: the tracking server will not hear of it: {error:#}");
    }
    told(place, &card, promotes)
}

/// The version that was made of these very weights, where there is one.
fn published_before(folder: &Path, versions: &[String], onnx: &[u8]) -> Result<Option<ModelCard>> {
    for version in versions {
        let card = disk::card(&folder.join(version))?;
        if card.verify(ONNX_FILE, onnx).is_ok() {
            return Ok(Some(card));
        }
    }
    Ok(None)
}

fn tell_checks(card: &ModelCard) -> Result<()> {
    for check in &card.checks {
        print(&format!("{} {}\n", if check.passed { "passed:" } else { "FAILED:" }, check.sentence))?;
    }
    Ok(())
}

/// Says what became of a published version.
fn told(place: &str, card: &ModelCard, in_use: bool) -> Result<ExitCode> {
    let version = &card.version;
    tell_checks(card)?;
    if in_use {
        print(&format!("{place} {version} is in use\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&format!("{place} {version} is published and not in use: `heimdall promote` with a reason does that\n"))?;
    Ok(ExitCode::from(NOT_PROMOTED))
}

/// Exit status where a version was published that failed a check.
const NOT_PROMOTED: u8 = 3;

/// What is read of a table.
#[derive(Deserialize)]
struct Results {
    fusion: Option<FusionCard>,
    rows: Vec<MetricsCard>,
}

/// Methods of a table whose names begin so are the network, alone or fused.
const NETWORK: &str = "network";

/// Puts the rows of tables into the card; gives what the first of them says of fusing.
fn tables(paths: &[PathBuf], card: &mut ModelCard) -> Result<Option<FusionCard>> {
    let mut fusion = None;
    for path in paths {
        let table: Results = serde_json::from_slice(&read(path)?)
            .with_context(|| format!("{} is no table of `heimdall evaluate world --json`", path.display()))?;
        let (networks, others): (Vec<_>, Vec<_>) =
            table.rows.into_iter().partition(|row| row.method.starts_with(NETWORK));
        fusion = fusion.or(table.fusion);
        card.metrics.extend(networks);
        card.baselines.extend(others);
    }
    Ok(fusion)
}

/// The promoted version on the candidate's held-out scenes; `None` where it hears other planes.
fn promoted_metrics(
    folder: &Path,
    candidate: &ModelCard,
    set: &TrainingSet,
    world: &str,
) -> Result<Option<MetricsCard>> {
    let card = disk::card(folder)?;
    if card.feature_hash != candidate.feature_hash {
        return Ok(None);
    }
    let localizer = Localizer::load(&card, &read(&folder.join(ONNX_FILE))?)?;
    Ok(Some(held_out::network(&held_out::scores(&localizer, card.density, set)?, world)))
}

/// Whether two constellations are one, however their numbers were written.
fn same_receivers(one: &Constellation, other: &Constellation) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
    let mut pairs = one.receivers.iter().zip(&other.receivers);
    one.receivers.len() == other.receivers.len()
        && pairs.all(|(a, b)| {
            a.name == b.name
                && near(a.position.latitude_deg, b.position.latitude_deg)
                && near(a.position.longitude_deg, b.position.longitude_deg)
        })
}

/// The version after the last, its middle number one higher.
fn next_version(versions: &[String]) -> String {
    let numbers = |version: &String| {
        let mut parts = version.strip_prefix('v')?.split('.').map(|part| part.parse::<u64>().ok());
        Some((parts.next()??, parts.next()??))
    };
    let last = versions.iter().filter_map(numbers).max();
    last.map_or_else(|| "v1.0.0".to_owned(), |(major, minor)| format!("v{major}.{}.0", minor + 1))
}

/// RFC 3339, to the second.
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn card(arguments: &Arguments, checkpoint: &Checkpoint, contract: &Contract, world: &World) -> Result<ModelCard> {
    let state = &checkpoint.state;
    let network = checkpoint.net.config();
    let density = checkpoint.has_density().then_some(DensityCard { cells: network.cells, extent_m: state.extent_m });
    let (_, outputs) = ModelCard::contract(&contract.constellation, density.as_ref());
    let path = arguments.run.join(SESSIONS_FILE);
    let used: Used = if path.exists() { serde_json::from_slice(&read(&path)?)? } else { Used::default() };
    Ok(ModelCard {
        created: now(),
        outputs,
        size: format!("{:?}", network.size).to_lowercase(),
        parameters: checkpoint.net.parameter_count() as u64,
        sessions: used.sessions,
        tracking_run: tracking::run_id(&arguments.run),
        worlds: vec![WorldCard {
            name: world.name.clone(),
            seeds: state.world_seed.into_iter().collect(),
            scenes: used.simulated.unwrap_or(world.scenes.training) as u64,
            block_m: world.blocks.side_m,
            remark: "Simulated: fields of shadowing and delay are drawn, not measured.".into(),
        }],
        temperature: state.temperature,
        density,
        ..ModelCard::draft(&arguments.name, contract.constellation.clone(), contract.settings.clone())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_counted_on() {
        let next = |versions: &[&str]| next_version(&versions.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>());
        assert_eq!(next(&[]), "v1.0.0");
        assert_eq!(next(&["v1.0.0", "v1.9.0", "v1.10.3", "trial"]), "v1.11.0");
    }
}
