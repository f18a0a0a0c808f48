//! A training as a tracking server hears of it.

use anyhow::Result;
use heimdall_network::{Progress, TrainConfig};
use heimdall_simulate::world::World;

use super::Arguments;
use crate::tracking::{Ended, Journal, Message, Metric, Sender, flattened};

/// Steps of an epoch that one message stands for.
const EVERY: usize = 10;

/// A run with a tracking server.
pub(super) struct Tracked {
    journal: Journal,
    sender: Sender,
}

impl Tracked {
    /// Where a server is named: goes on with the run of the folder, or begins one.
    pub(super) fn begin(arguments: &Arguments, config: &TrainConfig, world: &World, seed: u64) -> Result<Option<Self>> {
        let Some(target) = arguments.tracking.target() else { return Ok(None) };
        let name = format!("{}, seed {seed}", world.name);
        let mut journal = Journal::begin(&arguments.out, target, &name, arguments.resume)?;
        if !arguments.resume {
            let mut parameters = flattened(&serde_json::to_value(config)?);
            parameters.push(("world".to_owned(), world.name.clone()));
            parameters.push(("world_seed".to_owned(), seed.to_string()));
            let scenes = arguments.scenes.unwrap_or(world.scenes.training);
            parameters.push(("simulated_scenes".to_owned(), scenes.to_string()));
            journal.note(&Message::Parameters(parameters))?;
        }
        let sender = Sender::start(journal.folder());
        Ok(Some(Self { journal, sender }))
    }

    /// Notes a moment.
    pub(super) fn take(&mut self, progress: &Progress) -> Result<()> {
        let ended = progress.validation;
        if ended.is_none() && !progress.step.is_multiple_of(EVERY) {
            return Ok(());
        }
        let step = ((progress.epoch - 1) * progress.steps + progress.step) as i64;
        let timestamp = crate::tracking::now_ms();
        let of_steps = [
            ("loss", progress.loss),
            ("learning_rate", progress.learning_rate),
            ("gradient_norm", progress.gradient_norm),
            ("scenes_per_s", progress.scenes_per_s),
        ];
        let of_epochs = ended.map(|metrics| {
            [
                ("rmse_m", metrics.rmse_m),
                ("median_m", metrics.median_m),
                ("coverage_68", metrics.coverage_68),
                ("coverage_95", metrics.coverage_95),
            ]
        });
        let metric = |(key, value): (&str, f64)| Metric { key: key.to_owned(), value, timestamp, step };
        let all = of_steps.into_iter().chain(of_epochs.into_iter().flatten()).map(metric);
        self.journal.note(&Message::Metrics(all.filter(|metric| metric.value.is_finite()).collect()))
    }

    /// Notes the end and what the run made; what the server does not hear now stays in the journal.
    pub(super) fn end(mut self) -> Result<()> {
        crate::tracking::end(&mut self.journal, Ended::Finished)?;
        if let Some(trouble) = self.sender.end() {
            eprintln!("heimdall: the tracking server hears of it later, by `heimdall track`: {trouble}");
        }
        Ok(())
    }
}
