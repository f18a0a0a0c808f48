//! `heimdall export`: a trained network as a published version: ONNX file, checkpoint, configuration, card.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use heimdall_model::{
    DensityCard, FileCard, FusionCard, IndexEntry, MetricsCard, ModelCard, ModelIndex, ONNX_FILE, ParityCard, Planes,
    WorldCard,
};
use heimdall_network::{Answer, Checkpoint, Density, PLANE_LEN, Precision, Split, TrainingSet, export};
use heimdall_runtime::Localizer;
use heimdall_simulate::world::World;
use serde::Deserialize;

use crate::heard::Contract;
use crate::print::print;
use crate::train::{MODEL_FILE, SCENES_FOLDER, WORLD_FILE};

/// Scenes on which the exported file must say what the training framework says.
const PARITY_SCENES: usize = 64;
/// Largest difference of an output that is published, over the constellation's scale.
const PARITY_LIMIT: f64 = 1e-4;
/// As [`ONNX_FILE`], with weights in half precision.
const HALF_FILE: &str = "model.f16.onnx";
const CHECKPOINT_FILE: &str = "checkpoint.safetensors";
const CONFIG_FILE: &str = "config.yaml";
const CARD_FILE: &str = "metadata.json";
const INDEX_FILE: &str = "index.json";

/// What to publish and where.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder of a finished `heimdall train`.
    run: PathBuf,
    /// Folder of all models; the version goes to CONSTELLATION/VERSION in it, and is promoted.
    #[arg(long, conflicts_with = "into", required_unless_present = "into")]
    models: Option<PathBuf>,
    /// Folder for this version alone.
    #[arg(long)]
    into: Option<PathBuf>,
    /// Name of the model.
    #[arg(long, default_value = "localizer")]
    name: String,
    /// Version.
    #[arg(long, default_value = "v1.0.0")]
    version: String,
    /// Exponent, 0 to 1, on the classical likelihood of time differences beside the network; `heimdall evaluate world`
    /// prints the one that validation scenes choose.
    #[arg(long, default_value_t = 0.0)]
    tdoa_share: f64,
    /// The same of levels.
    #[arg(long, default_value_t = 0.0)]
    level_share: f64,
    /// Table of `heimdall evaluate world --json`, whose rows become the card's metrics and baselines.
    #[arg(long)]
    results: Vec<PathBuf>,
    /// Round all weights to half precision first: half the file, and what runs is what is published.
    #[arg(long)]
    half: bool,
    /// Leave out the checkpoint.
    #[arg(long)]
    without_checkpoint: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut checkpoint = Checkpoint::read(&arguments.run.join(MODEL_FILE))?;
    if arguments.half {
        checkpoint.net.round_to_half();
    }
    let path = arguments.run.join(WORLD_FILE);
    let world = World::read(&read(&path)?).with_context(|| path.display().to_string())?;
    let contract = Contract::of(&world)?;
    let hash = contract.settings.hash(&contract.constellation)?;
    ensure!(hash == checkpoint.state.feature_hash, "the run was made with other planes than this program makes");
    let folder = match (&arguments.into, &arguments.models) {
        (Some(folder), _) => folder.clone(),
        (None, Some(models)) => models.join(&contract.constellation.name).join(&arguments.version),
        (None, None) => bail!("say where to: --models or --into"),
    };
    ensure!(!folder.exists(), "a published version never changes: choose another --version: {}", folder.display());
    let onnx = export(&checkpoint, if arguments.half { Precision::F16 } else { Precision::F32 })?;
    let mut files = vec![(ONNX_FILE, onnx.clone()), (CONFIG_FILE, read(&arguments.run.join(CONFIG_FILE))?)];
    if !arguments.half {
        files.push((HALF_FILE, export(&checkpoint, Precision::F16)?));
    }
    if !arguments.without_checkpoint {
        files.push((CHECKPOINT_FILE, checkpoint.to_bytes()?));
    }
    let mut card = card(arguments, &checkpoint, &contract, &world);
    card.files = files.iter().map(|(name, bytes)| FileCard::of(name, bytes)).collect();
    card.feature_hash = hash;
    for path in &arguments.results {
        let table: Results = serde_json::from_slice(&read(path)?)
            .with_context(|| format!("{} is no table of `heimdall evaluate world --json`", path.display()))?;
        let (networks, others): (Vec<_>, Vec<_>) =
            table.rows.into_iter().partition(|row| row.method.starts_with(NETWORK));
        card.metrics.extend(networks);
        card.baselines.extend(others);
    }
    let set = TrainingSet::open(&arguments.run.join(SCENES_FOLDER))?;
    card.parity.push(parity(&checkpoint, &card, &onnx, &set)?);
    card.validate()?;
    publish(&folder, &files, &card)?;
    if let Some(models) = &arguments.models {
        promote(models, &card)?;
    }
    let differ = card.parity.first().map_or(0.0, |parity| parity.largest_difference);
    print(&format!("{}: tract differs by {differ:.1e} of the scale on {PARITY_SCENES} scenes\n", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// What is read of a table.
#[derive(Deserialize)]
struct Results {
    rows: Vec<MetricsCard>,
}

/// Methods of a table whose names begin so are the network, alone or fused.
const NETWORK: &str = "network";

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn card(arguments: &Arguments, checkpoint: &Checkpoint, contract: &Contract, world: &World) -> ModelCard {
    let state = &checkpoint.state;
    let network = checkpoint.net.config();
    let density = checkpoint.has_density().then_some(DensityCard { cells: network.cells, extent_m: state.extent_m });
    let (inputs, outputs) = ModelCard::contract(&contract.constellation, density.as_ref());
    ModelCard {
        name: arguments.name.clone(),
        version: arguments.version.clone(),
        created: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        constellation: contract.constellation.clone(),
        features: contract.settings.clone(),
        feature_hash: String::new(),
        inputs,
        outputs,
        size: format!("{:?}", network.size).to_lowercase(),
        parameters: checkpoint.net.parameter_count() as u64,
        files: Vec::new(),
        sessions: Vec::new(),
        worlds: vec![WorldCard {
            name: world.name.clone(),
            seeds: state.world_seed.into_iter().collect(),
            scenes: world.scenes.training as u64,
            block_m: world.blocks.side_m,
            remark: "Simulated: fields of shadowing and delay are drawn, not measured.".into(),
        }],
        metrics: Vec::new(),
        baselines: Vec::new(),
        temperature: state.temperature,
        density,
        fusion: Some(FusionCard { tdoa: arguments.tdoa_share, level: arguments.level_share }),
        uncalibrated_full_scale_dbm: None,
        parity: Vec::new(),
        tracking_run: None,
        parent_version: None,
    }
}

/// Runs the file on validation scenes and compares it with the training framework.
fn parity(checkpoint: &Checkpoint, card: &ModelCard, onnx: &[u8], set: &TrainingSet) -> Result<ParityCard> {
    let localizer = Localizer::load(card, onnx)?;
    let scenes: Vec<usize> = set.scenes(Split::Validation).into_iter().take(PARITY_SCENES).collect();
    let expected = checkpoint.predict_scenes(set, &scenes, 2)?;
    let mut largest = 0.0f64;
    for (scene, expected) in scenes.iter().zip(&expected) {
        let mut values = vec![0.0; set.header().planes() * PLANE_LEN];
        set.read(*scene, &mut values)?;
        let found = localizer.answer(&Planes::new(set.header().planes(), values)?)?;
        let Answer { gaussian, density } = expected;
        let pairs = found.position_enu_m.iter().chain(&found.factor_m);
        for (found, expected) in pairs.zip(gaussian.position_enu_m.iter().chain(&gaussian.factor_m)) {
            largest = largest.max((found - expected).abs() / checkpoint.state.scale_m);
        }
        if let (Some(found), Some(Density { log_probability, .. })) = (&found.density, density) {
            for (found, expected) in found.iter().zip(log_probability) {
                largest = largest.max(f64::from(found.exp() - expected.exp()).abs() * DENSITY_WEIGHT);
            }
        }
    }
    ensure!(largest <= PARITY_LIMIT, "the ONNX file differs by {largest:.1e} of the scale from the network");
    Ok(ParityCard { runtime: "tract".into(), scenes: scenes.len() as u64, largest_difference: largest })
}

/// A cell's probability may differ by a hundredth before that counts as the whole limit.
const DENSITY_WEIGHT: f64 = 1e-2;

/// Writes everything beside its place and the card last: a folder with a card is whole.
fn publish(folder: &Path, files: &[(&str, Vec<u8>)], card: &ModelCard) -> Result<()> {
    let parent = folder.parent().context("the version's folder has a name")?;
    let partial = parent.join(format!(".{}.partial", card.version));
    let wrote = |path: &Path, bytes: &[u8]| {
        std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    std::fs::create_dir_all(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    for (name, bytes) in files {
        wrote(&partial.join(name), bytes)?;
    }
    wrote(&partial.join(CARD_FILE), &serde_json::to_vec_pretty(card)?)?;
    std::fs::rename(&partial, folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Names the version in the index as the one to use.
fn promote(models: &Path, card: &ModelCard) -> Result<()> {
    let path = models.join(INDEX_FILE);
    let mut index = if path.exists() { ModelIndex::parse(&read(&path)?)? } else { ModelIndex::default() };
    let folder = &card.constellation.name;
    if !index.constellations.iter().any(|entry| entry.folder == *folder) {
        index.constellations.push(IndexEntry {
            folder: folder.clone(),
            constellation: card.constellation.clone(),
            versions: Vec::new(),
            promoted: None,
        });
    }
    for entry in index.constellations.iter_mut().filter(|entry| entry.folder == *folder) {
        entry.versions.push(card.version.clone());
        entry.promoted = Some(card.version.clone());
    }
    let partial = models.join(format!(".{INDEX_FILE}.partial"));
    std::fs::write(&partial, serde_json::to_vec_pretty(&index)?).context("cannot write the list of models")?;
    std::fs::rename(&partial, &path).with_context(|| format!("cannot write {}", path.display()))
}
