//! From a world to the planes of its scenes, written once.

use std::path::Path;

use anyhow::{Context, Result};
use heimdall_localize::Geodesy;
use heimdall_model::{Constellation, FeatureSettings, ReceiverInput, Site, planes};
use heimdall_network::{SceneLabel, SetHeader, Split, TrainingSetWriter};
use heimdall_simulate::world::{Fields, Observation, Split as Part, World};
use heimdall_simulate::{IqWorkspace, Modulation, Outage, ReceiverDraw, SceneDraw, simulate_receivers};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::parallel;

/// Thermal noise of 290 K with a receiver of 4 dB noise figure; man-made noise is not in these worlds.
const NOISE_DBM_PER_HZ: f64 = -170.0;
/// Emissions lie within this of the middle of the recorded band.
const LARGEST_OFFSET_HZ: f64 = 60e3;
const CENTER_FREQUENCY_HZ: f64 = 145e6;
/// Scenes whose planes are in memory at once.
const BATCH: usize = 64;

/// How many scenes of each part.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) training: usize,
    pub(super) validation: usize,
    pub(super) test: usize,
}

/// The receivers of a world as the constellation of a model.
fn constellation(world: &World) -> Result<Constellation> {
    let site =
        |station: &heimdall_simulate::world::Station| Site { name: station.name.clone(), position: station.position };
    let sites = world.constellation.iter().map(site).collect();
    Ok(Constellation::new(world.name.clone(), sites)?)
}

/// Simulates scenes of one realisation as IQ, makes their planes and writes them to `folder`.
pub(super) fn write(
    world: &World,
    seed: u64,
    counts: Counts,
    folder: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<()> {
    let (constellation, settings) = (constellation(world)?, FeatureSettings::default());
    let fields = Fields::new(world, seed);
    let mut writer = TrainingSetWriter::create(folder, header(world, seed)?)?;
    let scenes: Vec<(Part, usize)> =
        [(Part::Training, counts.training), (Part::Validation, counts.validation), (Part::Test, counts.test)]
            .into_iter()
            .flat_map(|(part, count)| (0..count).map(move |index| (part, index)))
            .collect();
    for (done, batch) in scenes.chunks(BATCH).enumerate() {
        progress(done * BATCH, scenes.len());
        let made = parallel::map(batch.len(), |index| {
            batch.get(index).map(|(part, scene)| one(world, &fields, seed, &constellation, &settings, *part, *scene))
        });
        for result in made.into_iter().flatten() {
            let (values, label) = result?;
            writer.add(&values, label)?;
        }
    }
    progress(scenes.len(), scenes.len());
    writer.finish().context("the training set could not be finished")
}

/// What all scenes of a realisation share.
pub(super) fn header(world: &World, seed: u64) -> Result<SetHeader> {
    let (constellation, settings) = (constellation(world)?, FeatureSettings::default());
    let shared = |index: usize| world.delay.is_some() && world.constellation.get(index).is_some_and(|s| s.shared_clock);
    let receivers = world.constellation.len();
    let pairs = constellation.pairs().enumerate().filter(|(_, pair)| shared(pair.first) && shared(pair.second));
    Ok(SetHeader {
        receivers: world.constellation.iter().map(|station| station.name.clone()).collect(),
        feature_hash: settings.hash(&constellation)?,
        scale_m: constellation.scale_m,
        mel_floor: ((settings.level_floor_dbm - settings.level_shift_dbm) / settings.level_scale_db) as f32,
        decibels_per_unit: settings.level_scale_db as f32,
        stored_planes: (0..receivers).chain(pairs.map(|(index, _)| receivers + index)).collect(),
        source: format!("simulated: world '{}', seed {seed}", world.name),
    })
}

fn one(
    world: &World,
    fields: &Fields,
    seed: u64,
    constellation: &Constellation,
    settings: &FeatureSettings,
    part: Part,
    index: usize,
) -> Result<(Vec<f32>, SceneLabel)> {
    let observation = fields.observe(part, index);
    let draw = draw(seed, settings, &observation, part, index);
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
    let truth = &observation.truth;
    let position = world.plane().position(truth.east_north_m);
    let label = SceneLabel {
        target_enu_m: constellation.frame().east_north_m(&Geodesy::default(), position),
        block: (u64::from(truth.block.column as u32) << 32) | u64::from(truth.block.row as u32),
        split: match part {
            Part::Training => Split::Train,
            Part::Validation => Split::Validation,
            Part::Test => Split::Test,
        },
        present: inputs.iter().map(Option::is_some).collect(),
    };
    Ok((made.values().to_vec(), label))
}

/// The scene as IQ: an emission of any kind somewhere in the band, with the levels and times that were observed.
fn draw(seed: u64, settings: &FeatureSettings, observation: &Observation, part: Part, index: usize) -> SceneDraw {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((1 << 62) + ((part as u64) << 48) + index as u64);
    let modulation = match rng.random_range(0..4) {
        0 => Modulation::FlatNoise { bandwidth_hz: 12.5e3 },
        1 => Modulation::NbfmVoiceLike { deviation_hz: 2.5e3 },
        2 => Modulation::Fsk { symbol_rate_hz: 4800.0, deviation_hz: 1800.0 },
        _ => Modulation::Ofdm { subcarriers: 52, spacing_hz: 1000.0, prefix: 0.25 },
    };
    let receivers = (observation.level_dbm.iter().zip(&observation.arrival))
        .map(|(level_dbm, arrival)| {
            let delay_s = arrival.map_or(0.0, |arrival| arrival.time_s);
            let mut receiver = ReceiverDraw::new(level_dbm.unwrap_or(-200.0), delay_s, NOISE_DBM_PER_HZ);
            if level_dbm.is_none() {
                receiver.outage = Outage::Away;
            }
            receiver
        })
        .collect();
    SceneDraw {
        seed: rng.random(),
        modulation,
        center_frequency_hz: CENTER_FREQUENCY_HZ,
        frequency_offset_hz: rng.random_range(-LARGEST_OFFSET_HZ..LARGEST_OFFSET_HZ),
        sample_rate_hz: settings.sample_rate_hz(),
        duration_s: settings.duration_s,
        full_scale_dbm: 0.0,
        receivers,
    }
}
