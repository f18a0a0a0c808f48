//! From a world and recorded sessions to a training set, written once.

use std::path::Path;

use anyhow::{Context, Result};
use heimdall_features::{MelBank, Sides};
use heimdall_localize::{Geodesy, SPEED_OF_LIGHT_M_PER_S};
use heimdall_model::FeatureSettings;
use heimdall_network::{SceneLabel, SetHeader, Split, TrainingSetWriter};
use heimdall_simulate::world::{Fields, Split as Part, World};

use super::sessions::{self, LeftOut, Session, Used};
use crate::heard::Contract;
use crate::parallel;

/// Scenes whose planes are in memory at once.
const BATCH: usize = 64;

/// How many simulated scenes of each part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub(super) training: usize,
    pub(super) validation: usize,
    pub(super) test: usize,
}

/// What a run learns from.
pub(super) struct Scenes<'a> {
    pub(super) contract: &'a Contract,
    pub(super) world: &'a World,
    pub(super) seed: u64,
    pub(super) counts: Counts,
    pub(super) sessions: &'a [Session],
}

impl Scenes<'_> {
    /// What all of them share.
    pub(super) fn header(&self) -> Result<SetHeader> {
        let Self { contract: Contract { constellation, settings }, world, .. } = self;
        let stations = &world.constellation;
        let shared = |index: usize| world.delay.is_some() && stations.get(index).is_some_and(|s| s.shared_clock);
        let receivers = constellation.receivers.len();
        let pairs = constellation.pairs().enumerate().filter(|(_, pair)| shared(pair.first) && shared(pair.second));
        let (frame, geodesy) = (constellation.frame(), Geodesy::default());
        let place = |site: &heimdall_model::Site| frame.east_north_m(&geodesy, site.position);
        let span = |baseline_m: f64| settings.lag_margin * baseline_m / SPEED_OF_LIGHT_M_PER_S;
        Ok(SetHeader {
            receivers: constellation.receivers.iter().map(|site| site.name.clone()).collect(),
            receivers_enu_m: constellation.receivers.iter().map(place).collect(),
            feature_hash: settings.hash(constellation)?,
            scale_m: constellation.scale_m,
            extent_m: world.extent_m,
            lag_span_s: constellation.pairs().map(|pair| span(pair.baseline_m)).collect(),
            noise_share: noise_share(settings)?,
            mel_floor: ((settings.level_floor_dbm - settings.level_shift_dbm) / settings.level_scale_db) as f32,
            decibels_per_unit: settings.level_scale_db as f32,
            stored_planes: (0..receivers).chain(pairs.map(|(index, _)| receivers + index)).collect(),
            source: self.source()?,
        })
    }

    /// In words: what differs makes other planes.
    fn source(&self) -> Result<String> {
        let Counts { training, validation, test } = self.counts;
        let simulated = format!("world '{}', seed {}: {training}, {validation}, {test}", self.world.name, self.seed);
        if self.sessions.is_empty() {
            return Ok(simulated);
        }
        let sum = crc32fast::hash(&serde_json::to_vec(self.sessions)?);
        Ok(format!("{simulated}; {} sessions, {sum:08x}", self.sessions.len()))
    }

    /// Simulates scenes of one realisation as IQ, opens the sessions, makes their planes and writes them to `folder`,
    /// and which sessions they hold to the file `list`.
    /// Sessions that cannot be learned from are left out.
    pub(super) fn write(&self, folder: &Path, list: &Path, progress: &mut dyn FnMut(usize, usize)) -> Result<Used> {
        let fields = Fields::new(self.world, self.seed)?;
        let mut writer = TrainingSetWriter::create(folder, self.header()?)?;
        let Counts { training, validation, test } = self.counts;
        let scenes: Vec<(Part, usize)> =
            [(Part::Training, training), (Part::Validation, validation), (Part::Test, test)]
                .into_iter()
                .flat_map(|(part, count)| (0..count).map(move |index| (part, index)))
                .collect();
        let all = scenes.len() + self.sessions.len();
        for (done, batch) in scenes.chunks(BATCH).enumerate() {
            progress(done * BATCH, all);
            let made = parallel::map(batch.len(), |index| {
                batch.get(index).map(|(part, scene)| one(&fields, self.contract, *part, *scene))
            });
            for result in made.into_iter().flatten() {
                let (values, label) = result?;
                writer.add(&values, label)?;
            }
        }
        let mut used = Used { simulated: Some(training), ..Used::default() };
        for (done, session) in self.sessions.iter().enumerate() {
            progress(scenes.len() + done, all);
            match sessions::hear(session, self.contract, self.world, self.seed) {
                Ok((planes, label)) => {
                    writer.add(planes.values(), label)?;
                    used.sessions.push(session.id.clone());
                }
                Err(error) => {
                    used.left_out.push(LeftOut { id: session.id.clone(), reason: format!("{error:#}") });
                }
            }
        }
        progress(all, all);
        // Before the set is whole: one without this list would be taken for one without sessions.
        std::fs::write(list, serde_json::to_vec_pretty(&used)?)
            .with_context(|| format!("cannot write {}", list.display()))?;
        writer.finish().context("the training set could not be finished")?;
        Ok(used)
    }
}

/// What each band makes of white noise, over what all bands make of it.
fn noise_share(settings: &FeatureSettings) -> Result<Vec<f32>> {
    let bank = MelBank::new(&settings.mel, settings.sample_rate_hz(), Sides::Two)?;
    let powers: Vec<f32> = bank.band_powers(&vec![1.0; settings.mel.stft.fft_size]).collect();
    let total: f32 = powers.iter().sum();
    Ok(powers.into_iter().map(|power| power / total).collect())
}

fn one(fields: &Fields, contract: &Contract, part: Part, index: usize) -> Result<(Vec<f32>, SceneLabel)> {
    let (made, present) = contract.hear(fields, part, index, &[])?;
    let truth = fields.observe(part, index).truth;
    let position = fields.world().plane().position(truth.east_north_m);
    let label = SceneLabel {
        target_enu_m: contract.constellation.frame().east_north_m(&Geodesy::default(), position),
        block: (u64::from(truth.block.column) << 32) | u64::from(truth.block.row),
        split: match part {
            Part::Training => Split::Train,
            Part::Validation => Split::Validation,
            Part::Test => Split::Test,
        },
        present,
    };
    Ok((made.values().to_vec(), label))
}
