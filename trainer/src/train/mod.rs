//! `heimdall train`: simulate the scenes of a world, make their planes, train, and say how good the network is.

mod curve;
mod scenes;
mod sessions;
mod tracked;

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use heimdall_model::LEARNING_FILE;
use heimdall_network::{Checkpoint, Metrics, Progress, Split, Start, TrainConfig, TrainingSet, train};
use heimdall_simulate::world::World;

use crate::heard::Contract;
use crate::{tracking, worlds};
use curve::Curve;
use scenes::{Counts, Scenes};
use sessions::List;
pub(crate) use sessions::{SESSIONS_FILE, Used};
use tracked::Tracked;

/// The best network of a run.
pub(crate) const MODEL_FILE: &str = "model.safetensors";
/// The planes it was trained on.
pub(crate) const SCENES_FOLDER: &str = "scenes";
/// The world that it was trained on.
pub(crate) const WORLD_FILE: &str = "world.json";
/// Files of a finished run.
pub(crate) const RUN_FILES: [&str; 6] =
    ["config.yaml", WORLD_FILE, SESSIONS_FILE, LEARNING_FILE, "learning.svg", MODEL_FILE];
/// Threads that predict.
const WORKERS: usize = 2;

/// What to train on and how.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// World file, see docs/worlds.md.
    world: PathBuf,
    #[command(flatten)]
    about: worlds::About,
    /// Folder for planes, checkpoints and results; planes that are already there are used again.
    #[arg(long)]
    out: PathBuf,
    /// Realisation of the world; the world's first when absent.
    #[arg(long)]
    seed: Option<u64>,
    /// Configuration, YAML; docs/training.md lists the keys and their defaults.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Simulated training scenes instead of the world's own number; with `--sessions` there may be none.
    #[arg(long)]
    scenes: Option<usize>,
    /// Learn from these recorded sessions as well: a list, see docs/training.md.
    #[arg(long)]
    sessions: Option<PathBuf>,
    /// Go on where the run in the folder stopped.
    #[arg(long, conflicts_with = "from")]
    resume: bool,
    /// Fine-tune this checkpoint.
    #[arg(long)]
    from: Option<PathBuf>,
    #[command(flatten)]
    tracking: tracking::Tracking,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let at = |path: &Path| path.display().to_string();
    let world = arguments.about.load(&arguments.world)?;
    let seed = arguments.seed.or(world.seeds.first().copied()).context("the world names no seed; give --seed")?;
    let config = match &arguments.config {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", at(path)))?;
            TrainConfig::from_yaml(&text).with_context(|| at(path))?
        }
        None => TrainConfig::default(),
    };
    let set = planes(&world, seed, arguments)?;
    let start = match &arguments.from {
        Some(path) => Start::FineTune(Box::new(Checkpoint::read(path)?)),
        None if arguments.resume => Start::Resume,
        None => Start::Fresh,
    };
    let mut curve = Curve::new(&arguments.out, arguments.resume)?;
    let mut tracked = Tracked::begin(arguments, &config, &world, seed)?;
    // A picture that cannot be drawn must not end the training.
    let mut undrawn = None;
    let mut outcome = train(&set, &config, start, &arguments.out, &mut |progress| {
        undrawn = curve.take(progress).err().or(undrawn.take());
        if let Some(tracked) = &mut tracked {
            undrawn = tracked.take(progress).err().or(undrawn.take());
        }
        report(progress)
    })?;
    if let Some(error) = undrawn {
        status(&format!("the learning curve is incomplete: {error:#}\n"));
    }
    outcome.best.state.world_seed = Some(seed);
    std::fs::write(arguments.out.join("config.yaml"), config.to_yaml()?).context("cannot write config.yaml")?;
    let own = serde_json::to_vec_pretty(&world)?;
    std::fs::write(arguments.out.join(WORLD_FILE), own).context("cannot write world.json")?;
    // The last file of a run: where it is, all are.
    outcome.best.write(&arguments.out.join(MODEL_FILE))?;
    if let Some(tracked) = tracked {
        tracked.end()?;
    }
    let state = &outcome.best.state;
    let (epoch, temperature) = (state.epoch, state.temperature);
    crate::print::print(&format!(
        "best of {} epochs: {epoch}, temperature {temperature:.3}, {}\n",
        outcome.epochs,
        outcome.path.display()
    ))?;
    for (name, split) in [("validation", Split::Validation), ("test", Split::Test)] {
        crate::print::print(&format!("{name:<12}{}\n", quality(&outcome.best, &set, split)?))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The planes of all scenes, from the folder or made now.
fn planes(world: &World, seed: u64, arguments: &Arguments) -> Result<TrainingSet> {
    let folder = arguments.out.join(SCENES_FOLDER);
    let contract = Contract::of(world)?;
    let counts = Counts {
        training: arguments.scenes.unwrap_or(world.scenes.training),
        validation: world.scenes.validation,
        test: world.scenes.test,
    };
    let sessions = arguments.sessions.as_deref().map(List::read).transpose()?.map_or_else(Vec::new, |l| l.sessions);
    let scenes = Scenes { contract: &contract, world, seed, counts, sessions: &sessions };
    if folder.join("set.json").exists() {
        let set = TrainingSet::open(&folder)?;
        if set.header() != &scenes.header()? {
            bail!("{} holds the planes of other scenes: choose another --out or delete it", folder.display());
        }
        return Ok(set);
    }
    std::fs::create_dir_all(&arguments.out).with_context(|| format!("cannot make {}", arguments.out.display()))?;
    let list = arguments.out.join(SESSIONS_FILE);
    let used = scenes.write(&folder, &list, &mut |done, all| status(&format!("planes {done} of {all}")))?;
    status("\n");
    for left in &used.left_out {
        status(&format!("session {} is left out: {}\n", left.id, left.reason));
    }
    Ok(TrainingSet::open(&folder)?)
}

/// Error and coverage on one part of the set.
fn quality(model: &Checkpoint, set: &TrainingSet, split: Split) -> Result<String> {
    let scenes = set.scenes(split);
    let answers = model.predict_scenes(set, &scenes, WORKERS)?;
    let targets = scenes.iter().filter_map(|scene| set.labels().get(*scene)).map(|label| label.target_enu_m);
    let pairs: Vec<_> = answers.into_iter().zip(targets).collect();
    let Some(metrics) = Metrics::of(&pairs) else { return Ok("no scenes".into()) };
    Ok(line(&metrics))
}

fn line(metrics: &Metrics) -> String {
    format!(
        "RMSE {:.2} km, mean {:.2}, median {:.2}, p90 {:.2}; 68 % holds {:.1} %, 95 % holds {:.1} % of {} scenes",
        metrics.rmse_m / 1e3,
        metrics.mean_m / 1e3,
        metrics.median_m / 1e3,
        metrics.p90_m / 1e3,
        100.0 * metrics.coverage_68,
        100.0 * metrics.coverage_95,
        metrics.scenes
    )
}

fn report(progress: &Progress) -> ControlFlow<()> {
    let minutes = progress.remaining.as_secs() as f64 / 60.0;
    let step = format!("epoch {}/{} step {}/{}", progress.epoch, progress.epochs, progress.step, progress.steps);
    status(&format!("{step} loss {:.3}, {minutes:.0} min to go", progress.loss));
    if let Some(metrics) = &progress.validation {
        status(&format!("{step} loss {:.3}; validation {}\n", progress.loss, line(metrics)));
    }
    ControlFlow::Continue(())
}

/// One line that is written over; nothing depends on it, so a closed terminal does no harm.
fn status(text: &str) {
    let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
}
