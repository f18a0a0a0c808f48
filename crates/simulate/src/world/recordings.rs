//! Scenes of a world as samples.
//!
//! What is fixed in space and what each scene draws is that of [`Fields::observe`]: level and delay (path, excess and
//! residue) are the same numbers, and the level's measurement error is a gain error. Thermal noise is in the samples, so
//! how well a time can be measured follows from them and not from the world's `thermal_s`.

use heimdall_recording::TimeGrade;
use num_complex::Complex32;
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::observation::{Reception, Truth};
use super::split::mix;
use super::{Fields, Split, Station};
use crate::radio_noise::THERMAL_DBM_PER_HZ;
use crate::scene::within;
use crate::simulate::{decibels_to_amplitude, stream};
use crate::{
    Error, IqWorkspace, Modulation, Noise, Outage, Propagation, ReceiverDraw, ReceiverSpec, ReceiverTruth,
    SPEED_OF_LIGHT_M_PER_S, Scene, SceneDraw, SimulatedReceiver, SimulatedScene, Surroundings, Transmitter,
    simulate_receivers, system_noise_dbm_per_hz,
};

/// How a world's scenes sound: emissions, and recordings of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnAir {
    /// Waveforms that scenes draw from, each as likely as the others.
    pub modulations: Vec<Modulation>,
    /// Frequency at 0 Hz of every receiver's baseband, and the middle of the emission.
    pub center_frequency_hz: f64,
    /// Rate of all receivers.
    pub sample_rate_hz: f64,
    /// How long each receiver records.
    pub duration_s: f64,
    /// External and own noise of every receiver.
    pub noise: Noise,
}

impl Default for OnAir {
    /// A second in the 2 m band at the nominal rate, among homes, with a receiver of 5 dB; all waveforms.
    fn default() -> Self {
        let center_frequency_hz = 145.5e6;
        Self {
            modulations: vec![
                Modulation::NbfmVoiceLike { deviation_hz: 2500.0 },
                Modulation::Fsk { symbol_rate_hz: 1200.0, deviation_hz: 2400.0 },
                Modulation::CwKeyed { words_per_minute: 20.0 },
                Modulation::Ofdm { subcarriers: 52, spacing_hz: 250.0, prefix: 0.125 },
                Modulation::FlatNoise { bandwidth_hz: 12.5e3 },
            ],
            center_frequency_hz,
            sample_rate_hz: 192e3,
            duration_s: 1.0,
            noise: Noise::DensityDbmPerHz(system_noise_dbm_per_hz(Surroundings::Residential, center_frequency_hz, 5.0)),
        }
    }
}

/// Clocks that share nothing are wrong by up to this.
const UNSHARED_CLOCK_S: f64 = 0.02;
/// Where scenes begin, nanoseconds since 1970: 2026-01-01T00:00:00Z, and a minute later for each that follows.
const FIRST_START_UNIX_NS: i64 = 1_767_225_600_000_000_000;
const APART_NS: i64 = 60_000_000_000;
/// Power of amplitude 1 before each recording is scaled to fit.
const FULL_SCALE_DBM: f64 = 0.0;
/// Streams of the draw's seed that the simulation of samples does not use.
const CHOICE_STREAM: u64 = 1 << 60;

/// Scene `index` of a part as a fast simulation takes it; the same numbers always give the same draw.
///
/// Receivers are in the constellation's order, those that miss the scene are away. The draw is checked where it is
/// simulated ([`simulate_receivers`]).
///
/// # Errors
/// Where there is no waveform to draw from.
pub fn scene_draw(fields: &Fields, split: Split, index: usize, on_air: &OnAir) -> Result<SceneDraw, Error> {
    Ok(draw(fields, split, index, on_air)?.2)
}

type Drawn = (Truth, Vec<Reception>, SceneDraw);

fn draw(fields: &Fields, split: Split, index: usize, on_air: &OnAir) -> Result<Drawn, Error> {
    let choices = on_air.modulations.len();
    within("the scenes", "number of waveforms", choices as f64, choices > 0, "at least 1")?;
    let (truth, receptions) = fields.receive(split, index);
    let seed = mix(mix(mix(fields.seed()) ^ split as u64) ^ index as u64);
    let mut rng = stream(seed, CHOICE_STREAM);
    let modulation = *on_air.modulations.get(rng.random_range(0..choices)).ok_or(Error::NoReceivers)?;
    let noise = |level_dbm: f64| match on_air.noise {
        Noise::DensityDbmPerHz(density) => density,
        Noise::FigureDb(figure_db) => THERMAL_DBM_PER_HZ + figure_db,
        Noise::SnrDb(snr_db) => level_dbm - snr_db - 10.0 * modulation.bandwidth_hz().log10(),
    };
    let receivers = receptions.iter().zip(&fields.world().constellation).map(|(reception, station)| {
        let off_s = rng.random_range(-UNSHARED_CLOCK_S..UNSHARED_CLOCK_S);
        ReceiverDraw {
            gain_db: reception.level_error_db,
            clock_offset_s: if station.shared_clock { 0.0 } else { off_s },
            outage: if reception.heard { Outage::None } else { Outage::Away },
            ..ReceiverDraw::new(reception.level_dbm, reception.delay_s, noise(reception.level_dbm))
        }
    });
    let draw = SceneDraw {
        seed,
        modulation,
        center_frequency_hz: on_air.center_frequency_hz,
        frequency_offset_hz: 0.0,
        sample_rate_hz: on_air.sample_rate_hz,
        duration_s: on_air.duration_s,
        full_scale_dbm: FULL_SCALE_DBM,
        receivers: receivers.collect(),
    };
    Ok((truth, receptions, draw))
}

/// Scene `index` of a part as recordings for [`sigmf_collection`](crate::sigmf_collection): those of the receivers that
/// take part, each scaled to leave 1 to 2 dB above its largest sample, with clocks graded `gnss` where they are shared
/// and `none` elsewhere.
///
/// # Errors
/// Where `on_air` is not usable or no receiver takes part.
pub fn scene_recordings(
    fields: &Fields,
    split: Split,
    index: usize,
    on_air: &OnAir,
    workspace: &mut IqWorkspace,
) -> Result<SimulatedScene, Error> {
    let (truth, receptions, draw) = draw(fields, split, index, on_air)?;
    let recorded = simulate_receivers(&draw, workspace)?;
    let minutes = i64::try_from(index).unwrap_or(i64::MAX);
    let start_time_unix_ns = FIRST_START_UNIX_NS.saturating_add(APART_NS.saturating_mul(minutes));
    let mut receivers = Vec::new();
    for (receiver, recorded) in recorded.iter().enumerate() {
        let (Some(station), Some(reception), Some(drawn)) =
            (fields.world().constellation.get(receiver), receptions.get(receiver), draw.receivers.get(receiver))
        else {
            continue;
        };
        if !reception.heard {
            continue;
        }
        let truth = receiver_truth(fields, receiver, truth.east_north_m, &draw, drawn);
        let spec = specification(station, &draw, drawn, &truth);
        let full_scale_dbm = FULL_SCALE_DBM + headroom_db(&recorded.iq);
        let scale = decibels_to_amplitude(FULL_SCALE_DBM - full_scale_dbm) as f32;
        let iq = recorded.iq.iter().map(|sample| sample * scale).collect();
        receivers.push(SimulatedReceiver { spec, iq, full_scale_dbm, start_time_unix_ns, truth });
    }
    if receivers.is_empty() {
        return Err(Error::NoReceivers);
    }
    let path = &fields.world().path;
    let scene = Scene {
        seed: draw.seed,
        center_frequency_hz: draw.center_frequency_hz,
        start_time_unix_ns,
        duration_s: draw.duration_s,
        transmitter: Transmitter {
            position: fields.world().plane().position(truth.east_north_m),
            power_dbm: truth.power_dbm,
            frequency_offset_hz: draw.frequency_offset_hz,
            modulation: draw.modulation,
        },
        receivers: receivers.iter().map(|receiver| receiver.spec.clone()).collect(),
        propagation: Propagation {
            exponent: path.exponent,
            reference_loss_db: Some(path.reference_loss_db),
            ..Propagation::free_space()
        },
    };
    Ok(SimulatedScene { scene, receivers })
}

fn receiver_truth(
    fields: &Fields,
    receiver: usize,
    place: [f64; 2],
    draw: &SceneDraw,
    drawn: &ReceiverDraw,
) -> ReceiverTruth {
    let distance_m = fields.distance_m(receiver, place);
    let bandwidth_db = 10.0 * draw.modulation.bandwidth_hz().log10();
    ReceiverTruth {
        distance_m,
        delay_s: drawn.delay_s,
        excess_delay_s: drawn.delay_s - distance_m / SPEED_OF_LIGHT_M_PER_S,
        clock_error_ns: (drawn.clock_offset_s * 1e9).round() as i64,
        path_loss_db: -fields.path_gain_db(receiver, place),
        shadowing_db: fields.shadowing_db(receiver, place),
        level_dbm: drawn.level_dbm,
        recorded_level_dbm: drawn.level_dbm + drawn.gain_db,
        noise_dbm_per_hz: drawn.noise_dbm_per_hz,
        snr_db: drawn.level_dbm - drawn.noise_dbm_per_hz - bandwidth_db,
        // The fast simulation draws it unseen.
        carrier_phase_rad: 0.0,
        frequency_offset_hz: draw.frequency_offset_hz,
    }
}

fn specification(station: &Station, draw: &SceneDraw, drawn: &ReceiverDraw, truth: &ReceiverTruth) -> ReceiverSpec {
    let noise = Noise::DensityDbmPerHz(drawn.noise_dbm_per_hz);
    ReceiverSpec {
        gain_error_db: drawn.gain_db,
        clock_error_s: drawn.clock_offset_s,
        time_grade: if station.shared_clock { TimeGrade::Gnss } else { TimeGrade::None },
        shadowing_db: Some(truth.shadowing_db),
        excess_delay_s: Some(truth.excess_delay_s),
        ..ReceiverSpec::new(&station.name, station.position, draw.sample_rate_hz, noise)
    }
}

/// A whole number of decibels that leaves 1 to 2 dB above the largest sample.
fn headroom_db(iq: &[Complex32]) -> f64 {
    let peak = iq.iter().map(|x| x.re.abs().max(x.im.abs())).fold(0.0, f32::max);
    if peak > 0.0 { (20.0 * f64::from(peak).log10() + 1.0).ceil() } else { 0.0 }
}
