//! From a world to a training set, written once.

use std::path::Path;

use anyhow::{Context, Result};
use heimdall_features::{MelBank, Sides};
use heimdall_localize::{Geodesy, SPEED_OF_LIGHT_M_PER_S};
use heimdall_model::FeatureSettings;
use heimdall_network::{SceneLabel, SetHeader, Split, TrainingSetWriter};
use heimdall_simulate::world::{Fields, Split as Part, World};

use crate::heard::Contract;
use crate::parallel;

/// Scenes whose planes are in memory at once.
const BATCH: usize = 64;

/// How many scenes of each part.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) training: usize,
    pub(super) validation: usize,
    pub(super) test: usize,
}

/// What all scenes of a realisation share.
pub(super) fn header(contract: &Contract, world: &World, seed: u64) -> Result<SetHeader> {
    let Contract { constellation, settings } = contract;
    let shared = |index: usize| world.delay.is_some() && world.constellation.get(index).is_some_and(|s| s.shared_clock);
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
        source: format!("simulated: world '{}', seed {seed}", world.name),
    })
}

/// What each band makes of white noise, over what all bands make of it.
fn noise_share(settings: &FeatureSettings) -> Result<Vec<f32>> {
    let bank = MelBank::new(&settings.mel, settings.sample_rate_hz(), Sides::Two)?;
    let powers: Vec<f32> = bank.band_powers(&vec![1.0; settings.mel.stft.fft_size]).collect();
    let total: f32 = powers.iter().sum();
    Ok(powers.into_iter().map(|power| power / total).collect())
}

/// Simulates scenes of one realisation as IQ, makes their planes and writes them to `folder`.
pub(super) fn write(
    contract: &Contract,
    world: &World,
    seed: u64,
    counts: Counts,
    folder: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<()> {
    let fields = Fields::new(world, seed)?;
    let mut writer = TrainingSetWriter::create(folder, header(contract, world, seed)?)?;
    let scenes: Vec<(Part, usize)> =
        [(Part::Training, counts.training), (Part::Validation, counts.validation), (Part::Test, counts.test)]
            .into_iter()
            .flat_map(|(part, count)| (0..count).map(move |index| (part, index)))
            .collect();
    for (done, batch) in scenes.chunks(BATCH).enumerate() {
        progress(done * BATCH, scenes.len());
        let made = parallel::map(batch.len(), |index| {
            batch.get(index).map(|(part, scene)| one(&fields, contract, *part, *scene))
        });
        for result in made.into_iter().flatten() {
            let (values, label) = result?;
            writer.add(&values, label)?;
        }
    }
    progress(scenes.len(), scenes.len());
    writer.finish().context("the training set could not be finished")
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
