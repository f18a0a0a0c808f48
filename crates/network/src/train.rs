use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::answer::{Answer, Density, Prediction};
use crate::calibrate::{Metrics, fit_density_temperature, fit_temperature};
use crate::checkpoint::{Checkpoint, State};
use crate::config::TrainConfig;
use crate::data::{Split, TrainingSet};
use crate::error::NetworkError;
use crate::gradient::{Step, Workers};
use crate::loss::Loss;
use crate::maps::{Replaced, fold};
use crate::network::NetworkConfig;
use crate::optimizer::{AdamW, clip, learning_rate};
use crate::weights::LocalizationNet;

/// Checkpoints that are kept beside the last one.
const KEPT: usize = 3;
/// From fewer sharp answers than this no factor on deviations can be told; it would make wide answers sharp.
const LEAST_SHARP: usize = 50;
/// The file that training goes on from.
pub const LAST_FILE: &str = "last.safetensors";

/// Where a run begins.
#[derive(Debug)]
pub enum Start {
    /// With random weights.
    Fresh,
    /// Where the run in the same folder stopped; the same result as if it had not. Only `epochs`, `patience`,
    /// `budget_s` and `workers` may differ from the configuration it began with, and `epochs` changes the learning rates
    /// to come.
    Resume,
    /// With the weights of a finished model, for other scenes of the same receivers.
    FineTune(Box<Checkpoint>),
}

/// How far a run is, after every step and every epoch.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The epoch under way, from 1; `epochs` at most.
    pub epoch: usize,
    /// As configured.
    pub epochs: usize,
    /// Steps done in this epoch.
    pub step: usize,
    /// Steps of an epoch.
    pub steps: usize,
    /// Mean loss of this epoch's steps so far.
    pub loss: f64,
    /// Of the last step.
    pub learning_rate: f64,
    /// Euclidean norm of the last step's gradient, before it was clipped.
    pub gradient_norm: f64,
    /// Training scenes done per second since this call began, validation included.
    pub scenes_per_s: f64,
    /// Since this call began.
    pub elapsed: Duration,
    /// Until the last epoch is done, unless training ends early.
    pub remaining: Duration,
    /// At the end of an epoch: on the validation scenes, tempered.
    pub validation: Option<Metrics>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// The best network on validation scenes, with its temperature.
    pub best: Checkpoint,
    /// Its file.
    pub path: PathBuf,
    /// Epochs that were done.
    pub epochs: usize,
    /// Validation stopped getting better, the budget of computing time is used up, or the caller said stop.
    pub ended_early: bool,
}

/// Trains on the scenes of `set` and keeps the three best checkpoints and the last one in `folder`.
///
/// `report` hears of every step; when it breaks, the run ends after the last whole epoch and can be resumed.
///
/// # Errors
/// A set without training or validation places, numbers that stop being finite, the disk, or a `start` that belongs
/// to another set or network.
pub fn train(
    set: &TrainingSet,
    config: &TrainConfig,
    start: Start,
    folder: &Path,
    report: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Outcome, NetworkError> {
    let scenes = Scenes::of(set)?;
    std::fs::create_dir_all(folder).map_err(NetworkError::disk("make the folder", folder))?;
    let workers = Workers::new(config.workers)?;
    let (checkpoint, folds) = begin(set, config, start, folder, &scenes, &workers)?;
    let optimizer = checkpoint.optimizer.unwrap_or_else(|| AdamW::new(checkpoint.net.parameter_count()));
    let mut state = checkpoint.state;
    let run = Run {
        set,
        config,
        folder,
        scenes,
        workers,
        folds,
        net: checkpoint.net,
        optimizer,
        computed_s: state.computed_s.take().unwrap_or(0.0),
        state,
        began: Instant::now(),
        epoch_began: Instant::now(),
        first_epoch: 0,
    };
    run.go(report)
}

/// The scenes of a set by what they are for.
struct Scenes {
    train: Vec<usize>,
    validation: Vec<usize>,
}

impl Scenes {
    fn of(set: &TrainingSet) -> Result<Scenes, NetworkError> {
        let refused = |reason: &str| NetworkError::DataSet { reason: reason.into(), path: set.folder().to_path_buf() };
        let (train, validation) = (set.scenes(Split::Train), set.scenes(Split::Validation));
        if train.is_empty() {
            return Err(refused("it has no training scene; label or simulate some"));
        }
        if validation.is_empty() {
            return Err(refused("it has no validation scene: hold back the scenes of some blocks"));
        }
        let first = set.labels()[train[0]].target_enu_m;
        if train.iter().all(|i| set.labels()[*i].target_enu_m == first) {
            return Err(refused("all its training scenes are of one place; it needs many"));
        }
        Ok(Scenes { train, validation })
    }
}

fn begin(
    set: &TrainingSet,
    config: &TrainConfig,
    start: Start,
    folder: &Path,
    scenes: &Scenes,
    workers: &Workers,
) -> Result<(Checkpoint, Vec<Replaced>), NetworkError> {
    let planes = set.header().planes();
    if config.network.planes != 0 && config.network.planes != planes {
        let value = config.network.planes.to_string();
        return Err(NetworkError::Setting {
            key: "network.planes",
            value,
            allowed: "0, or the set's number of planes",
        });
    }
    let network = NetworkConfig { planes, ..config.network.clone() };
    let config = TrainConfig { network, ..config.clone() };
    match start {
        Start::Fresh => {
            let mut net = LocalizationNet::new(&config.network, config.seed)?;
            let folds = net.fit(set, &scenes.train, &scenes.validation, workers, true)?;
            Ok((Checkpoint::untrained(net, &config, set.header()), folds))
        }
        Start::Resume => {
            let path = folder.join(LAST_FILE);
            let mut checkpoint = Checkpoint::read(&path)?;
            checkpoint.check_set(set)?;
            let old = &checkpoint.state.config;
            let TrainConfig { epochs, patience, budget_s, workers: threads, .. } = config;
            if (TrainConfig { epochs, patience, budget_s, workers: threads, ..old.clone() }) != config {
                let reason = "it began with another configuration; resume with that one, or start fresh".into();
                return Err(NetworkError::Checkpoint { reason, path });
            }
            checkpoint.state.config = config;
            // The same maps again: they follow from the set alone.
            let folds = checkpoint.net.fit(set, &scenes.train, &scenes.validation, workers, false)?;
            Ok((checkpoint, folds))
        }
        Start::FineTune(model) => {
            model.check_set(set)?;
            if model.net.config != config.network {
                let reason = "its network is not the one configured under `network`".into();
                return Err(NetworkError::Checkpoint { reason, path: folder.to_path_buf() });
            }
            let mut net = model.net;
            let folds = net.fit(set, &scenes.train, &scenes.validation, workers, true)?;
            Ok((Checkpoint::untrained(net, &config, set.header()), folds))
        }
    }
}

struct Run<'a> {
    set: &'a TrainingSet,
    config: &'a TrainConfig,
    folder: &'a Path,
    scenes: Scenes,
    workers: Workers,
    /// What each fold of blocks is trained with; empty where the network has no maps.
    folds: Vec<Replaced>,
    net: LocalizationNet,
    optimizer: AdamW,
    state: State,
    began: Instant,
    /// Computing time of the epochs that are done.
    computed_s: f64,
    /// Where the time begins that is not in it.
    epoch_began: Instant,
    first_epoch: usize,
}

impl Run<'_> {
    fn go(mut self, report: &mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Result<Outcome, NetworkError> {
        self.first_epoch = self.state.epoch;
        let mut ended_early = false;
        while self.state.epoch < self.config.epochs {
            if self.is_out_of_patience() || self.is_out_of_time() {
                ended_early = true;
                break;
            }
            self.epoch_began = Instant::now();
            let Some(mut progress) = self.epoch(report)? else {
                ended_early = true;
                break;
            };
            self.validate_and_keep()?;
            progress.validation = self.state.validation;
            if report(&progress).is_break() {
                ended_early = true;
                break;
            }
        }
        let Some((epoch, _)) = self.state.best.first() else {
            let what = "no epoch was finished; there is nothing to keep".to_owned();
            return Err(NetworkError::Worker(what));
        };
        let path = self.folder.join(file_name(*epoch));
        Ok(Outcome { best: Checkpoint::read(&path)?, path, epochs: self.state.epoch, ended_early })
    }

    fn is_out_of_patience(&self) -> bool {
        self.state.best.first().is_some_and(|(epoch, _)| self.state.epoch >= epoch + self.config.patience)
    }

    /// Not before there is a network to keep.
    fn is_out_of_time(&self) -> bool {
        !self.state.best.is_empty() && self.config.budget_s.is_some_and(|budget_s| self.computed_s >= budget_s)
    }

    /// One pass over the training scenes; `None` when the caller said stop. Nothing of a broken epoch is kept.
    fn epoch(
        &mut self,
        report: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Option<Progress>, NetworkError> {
        let config = self.config;
        let epoch = self.state.epoch;
        let batches = self.batches(epoch);
        let steps = batches.len();
        let warm_up = (config.warm_up_epochs * steps as f64) as u64;
        let trained = self.net.trained(config.freeze_backbone);
        let loss = if epoch < config.mean_only_epochs { Loss::MeanOnly } else { Loss::Gaussian };
        let mut total = 0.0;
        let mut progress = None;
        for (index, (fold, scenes)) in batches.iter().enumerate() {
            let done = self.optimizer.steps;
            let rate =
                learning_rate(config.learning_rate, config.last_rate, done, warm_up, (config.epochs * steps) as u64);
            // Apart from the shuffles' streams by its highest bit.
            let seed = config.seed ^ (1 << 63) ^ (done << 20);
            let replaced = self.folds.get(*fold).map_or(&[][..], Vec::as_slice);
            let random = Some((&config.augmentation, seed));
            let step = Step { set: self.set, scenes, loss, replaced, random };
            let (value, mut gradient) = self.workers.gradient(&self.net, &trained, &step)?;
            let norm = clip(&mut gradient, config.clip_norm);
            if !(value.is_finite() && norm.is_finite()) {
                let what = format!("the loss in epoch {}, step {}", epoch + 1, index + 1);
                let advice = "lower learning_rate, or look for damaged scenes; the checkpoints so far are kept";
                return Err(NetworkError::NotFinite { what, advice });
            }
            let values = &mut self.net.values;
            self.optimizer.step(&self.net.layout, values, &gradient, &trained, rate, config.weight_decay);
            total += value;
            let mut now = self.progress(index + 1, steps, total / (index + 1) as f64);
            (now.learning_rate, now.gradient_norm) = (rate, norm);
            if report(&now).is_break() {
                return Ok(None);
            }
            progress = Some(now);
        }
        self.state.epoch += 1;
        Ok(progress)
    }

    /// The scenes of each step of an epoch, with their fold. Scenes of several folds are never in one step.
    fn batches(&self, epoch: usize) -> Vec<(usize, Vec<usize>)> {
        let mut rng = stream(self.config.seed, epoch as u64);
        let mut order = self.scenes.train.clone();
        order.shuffle(&mut rng);
        let fold_of = |scene: &usize| fold(self.set.labels()[*scene].block);
        let mut batches = Vec::new();
        for index in 0..self.folds.len().max(1) {
            let own = order.iter().copied().filter(|scene| self.folds.is_empty() || fold_of(scene) == index);
            let own: Vec<usize> = own.collect();
            batches.extend(own.chunks(self.config.batch).map(|scenes| (index, scenes.to_vec())));
        }
        batches.shuffle(&mut rng);
        batches
    }

    fn progress(&self, step: usize, steps: usize, loss: f64) -> Progress {
        let elapsed = self.began.elapsed();
        let done = ((self.state.epoch - self.first_epoch) * steps + step) as f64;
        let scenes_per_step = self.scenes.train.len() as f64 / steps as f64;
        let left = ((self.config.epochs - self.state.epoch) * steps - step) as f64;
        Progress {
            epoch: self.state.epoch + 1,
            epochs: self.config.epochs,
            step,
            steps,
            loss,
            learning_rate: 0.0,
            gradient_norm: 0.0,
            scenes_per_s: done * scenes_per_step / elapsed.as_secs_f64(),
            elapsed,
            remaining: self.remaining(elapsed.mul_f64(left / done), elapsed.mul_f64((steps - step) as f64 / done)),
            validation: None,
        }
    }

    /// Until all epochs are done or the budget is used up, of which the epoch under way is the end.
    fn remaining(&self, all_epochs: Duration, this_epoch: Duration) -> Duration {
        let Some(budget_s) = self.config.budget_s else { return all_epochs };
        let left_s = (budget_s - self.computed_s - self.epoch_began.elapsed().as_secs_f64()).max(0.0);
        all_epochs.min(this_epoch.max(Duration::from_secs_f64(left_s)))
    }

    /// Scores the network as it is, writes it if it is among the best, and then the state to go on from.
    fn validate_and_keep(&mut self) -> Result<(), NetworkError> {
        calibrate(&self.net, &mut self.state, self.set, &self.scenes.validation, self.config.workers)?;
        self.state.steps = self.optimizer.steps;
        self.computed_s += self.epoch_began.elapsed().as_secs_f64();
        // Before the uncertainty is trained its likelihood says nothing.
        let fair = self.state.epoch > self.config.mean_only_epochs || self.state.epoch == self.config.epochs;
        let score = self.state.validation.map_or(f64::INFINITY, |m| m.negative_log_likelihood);
        let mut dropped = Vec::new();
        if fair && score.is_finite() {
            self.state.best.push((self.state.epoch, score));
            self.state.best.sort_by(|a, b| a.1.total_cmp(&b.1));
            dropped = self.state.best.split_off(self.state.best.len().min(KEPT));
            if self.state.best.iter().any(|(epoch, _)| *epoch == self.state.epoch) {
                self.checkpoint(None).write(&self.folder.join(file_name(self.state.epoch)))?;
            }
        }
        let mut last = self.checkpoint(Some(self.optimizer.clone()));
        last.state.computed_s = Some(self.computed_s);
        last.write(&self.folder.join(LAST_FILE))?;
        for (epoch, _) in dropped.into_iter().filter(|(epoch, _)| *epoch != self.state.epoch) {
            let path = self.folder.join(file_name(epoch));
            std::fs::remove_file(&path).map_err(NetworkError::disk("remove", &path))?;
        }
        Ok(())
    }

    fn checkpoint(&self, optimizer: Option<AdamW>) -> Checkpoint {
        Checkpoint { net: self.net.clone(), state: self.state.clone(), optimizer }
    }
}

fn file_name(epoch: usize) -> String {
    format!("epoch-{epoch:04}.safetensors")
}

/// Random numbers of one epoch.
fn stream(seed: u64, epoch: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch + 1);
    rng
}

/// Fits the temperatures on validation scenes and scores the network with them.
fn calibrate(
    net: &LocalizationNet,
    state: &mut State,
    set: &TrainingSet,
    scenes: &[usize],
    workers: usize,
) -> Result<(), NetworkError> {
    let found = net.predict_scenes(set, scenes, workers)?;
    let truth = scenes.iter().map(|i| set.labels()[*i].target_enu_m);
    let pairs: Vec<(Answer, [f64; 2])> = found.into_iter().zip(truth).collect();
    // Each temperature from the scenes whose regions it makes.
    let sharp = pairs.iter().filter(|(answer, _)| answer.wide().is_none());
    let mut gaussians: Vec<(Prediction, [f64; 2])> = sharp.map(|(answer, t)| (answer.gaussian, *t)).collect();
    if gaussians.len() < LEAST_SHARP {
        gaussians = pairs.iter().map(|(answer, t)| (answer.gaussian, *t)).collect();
    }
    let wide = |(answer, t): &(Answer, [f64; 2])| Some((answer.wide()?.clone(), *t));
    let densities: Vec<(Density, [f64; 2])> = pairs.iter().filter_map(wide).collect();
    let (deviation, density) = (fit_temperature(&gaussians), fit_density_temperature(&densities));
    (state.temperature, state.density_temperature) = (deviation, density);
    let tempered: Vec<_> = pairs.iter().map(|(answer, t)| (answer.tempered(deviation, density), *t)).collect();
    state.validation = Metrics::of(&tempered);
    Ok(())
}
