//! From a world to the planes of its scenes, written once.

use std::path::Path;

use anyhow::{Context, Result};
use heimdall_features::{MelBank, Sides};
use heimdall_localize::{Geodesy, SPEED_OF_LIGHT_M_PER_S};
use heimdall_model::{Constellation, FeatureSettings, ReceiverInput, Site, planes};
use heimdall_network::{SceneLabel, SetHeader, Split, TrainingSetWriter};
use heimdall_simulate::world::{Fields, Split as Part, Station, World, scene_draw};
use heimdall_simulate::{IqWorkspace, simulate_receivers};

use crate::parallel;

/// Scenes whose planes are in memory at once.
const BATCH: usize = 64;

/// How many scenes of each part.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) training: usize,
    pub(crate) validation: usize,
    pub(crate) test: usize,
}

/// A world's receivers and how their recordings become planes.
pub(crate) struct Contract {
    pub(crate) constellation: Constellation,
    pub(crate) settings: FeatureSettings,
}

impl Contract {
    pub(crate) fn of(world: &World) -> Result<Contract> {
        let site = |station: &Station| Site { name: station.name.clone(), position: station.position };
        let sites = world.constellation.iter().map(site).collect();
        let constellation = Constellation::new(CONSTELLATION.to_owned(), sites)?;
        Ok(Contract { constellation, settings: FeatureSettings::for_rate(world.on_air.sample_rate_hz)? })
    }

    /// What all scenes of a realisation share.
    pub(crate) fn header(&self, world: &World, seed: u64) -> Result<SetHeader> {
        let Contract { constellation, settings } = self;
        let shared =
            |index: usize| world.delay.is_some() && world.constellation.get(index).is_some_and(|s| s.shared_clock);
        let receivers = constellation.receivers.len();
        let pairs = constellation.pairs().enumerate().filter(|(_, pair)| shared(pair.first) && shared(pair.second));
        let (frame, geodesy) = (constellation.frame(), Geodesy::default());
        Ok(SetHeader {
            receivers: constellation.receivers.iter().map(|site| site.name.clone()).collect(),
            receivers_enu_m: constellation
                .receivers
                .iter()
                .map(|site| frame.east_north_m(&geodesy, site.position))
                .collect(),
            feature_hash: settings.hash(constellation)?,
            scale_m: constellation.scale_m,
            extent_m: world.extent_m,
            lag_span_s: constellation
                .pairs()
                .map(|pair| settings.lag_margin * pair.baseline_m / SPEED_OF_LIGHT_M_PER_S)
                .collect(),
            noise_share: noise_share(settings)?,
            mel_floor: ((settings.level_floor_dbm - settings.level_shift_dbm) / settings.level_scale_db) as f32,
            decibels_per_unit: settings.level_scale_db as f32,
            stored_planes: (0..receivers).chain(pairs.map(|(index, _)| receivers + index)).collect(),
            source: format!("simulated: world '{}', seed {seed}", world.name),
        })
    }
}

/// Name of the worlds' receivers as a constellation: all worlds have the same.
const CONSTELLATION: &str = "north-western-italy";

/// What each band makes of white noise, over what all bands make of it.
fn noise_share(settings: &FeatureSettings) -> Result<Vec<f32>> {
    let bank = MelBank::new(&settings.mel, settings.sample_rate_hz(), Sides::Two)?;
    let powers: Vec<f32> = bank.band_powers(&vec![1.0; settings.mel.stft.fft_size]).collect();
    let total: f32 = powers.iter().sum();
    Ok(powers.into_iter().map(|power| power / total).collect())
}

/// Simulates scenes of one realisation as IQ, makes their planes and writes them to `folder`.
pub(crate) fn write(
    world: &World,
    seed: u64,
    counts: Counts,
    folder: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<()> {
    let contract = Contract::of(world)?;
    let fields = Fields::new(world, seed);
    let mut writer = TrainingSetWriter::create(folder, contract.header(world, seed)?)?;
    let scenes: Vec<(Part, usize)> =
        [(Part::Training, counts.training), (Part::Validation, counts.validation), (Part::Test, counts.test)]
            .into_iter()
            .flat_map(|(part, count)| (0..count).map(move |index| (part, index)))
            .collect();
    for (done, batch) in scenes.chunks(BATCH).enumerate() {
        progress(done * BATCH, scenes.len());
        let made = parallel::map(batch.len(), |index| {
            batch.get(index).map(|(part, scene)| one(&fields, &contract, *part, *scene))
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
    let (world, Contract { constellation, settings }) = (fields.world(), contract);
    let draw = scene_draw(fields, part, index, &world.on_air)?;
    let mut workspace = IqWorkspace::default();
    let iq = simulate_receivers(&draw, &mut workspace)?;
    let inputs: Vec<Option<ReceiverInput>> = iq
        .iter()
        .zip(&world.constellation)
        .map(|(receiver, station)| {
            (!receiver.iq.is_empty()).then_some(ReceiverInput {
                samples: &receiver.iq,
                sample_rate_hz: draw.sample_rate_hz,
                full_scale_dbm: draw.full_scale_dbm,
                start_s: 0.0,
                common_clock: world.delay.is_some() && station.shared_clock,
            })
        })
        .collect();
    let made = planes(constellation, settings, &inputs)?;
    let truth = fields.observe(part, index).truth;
    let position = world.plane().position(truth.east_north_m);
    let label = SceneLabel {
        target_enu_m: constellation.frame().east_north_m(&Geodesy::default(), position),
        block: (u64::from(truth.block.column) << 32) | u64::from(truth.block.row),
        split: match part {
            Part::Training => Split::Train,
            Part::Validation => Split::Validation,
            Part::Test => Split::Test,
        },
        present: inputs.iter().map(Option::is_some).collect(),
    };
    Ok((made.values().to_vec(), label))
}
