//! From a scene to the samples of its receivers.

use std::f64::consts::TAU;

use heimdall_recording::Position;
use num_complex::{Complex32, Complex64};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rustfft::FftPlanner;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::bandlimited::BandlimitedSignal;
use crate::propagation::{SPEED_OF_LIGHT_M_PER_S, distance_m};
use crate::scene::{Noise, ReceiverSpec, Scene};

/// Thermal noise density kT₀ at 290 K.
const THERMAL_DBM_PER_HZ: f64 = -173.975;

/// What is true of one receiver, drawn values included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiverTruth {
    /// Geodesic distance to the transmitter.
    pub distance_m: f64,
    /// From emission to arrival: d/c and the excess.
    pub delay_s: f64,
    /// Delay beyond d/c.
    pub excess_delay_s: f64,
    /// What the stamp of sample 0 is late by.
    pub clock_error_ns: i64,
    /// Loss of the distance, without shadowing.
    pub path_loss_db: f64,
    /// Shadowing, positive where the signal is stronger.
    pub shadowing_db: f64,
    /// Mean power of the signal at the antenna.
    pub level_dbm: f64,
    /// The same as the recording shows it, gain error included.
    pub recorded_level_dbm: f64,
    /// Noise density at the antenna.
    pub noise_dbm_per_hz: f64,
    /// Signal over noise, both in the signal's bandwidth.
    pub snr_db: f64,
    /// Phase added to the emission's at the scene's beginning.
    pub carrier_phase_rad: f64,
    /// Middle of the emission in this receiver's baseband.
    pub frequency_offset_hz: f64,
}

/// The recording of one receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedReceiver {
    /// What it was asked to be.
    pub spec: ReceiverSpec,
    /// Samples; amplitude 1 is full scale.
    pub iq: Vec<Complex32>,
    /// Power of amplitude 1: level in dBm is level in dBFS plus this.
    pub full_scale_dbm: f64,
    /// Stamp of sample 0: its true time plus the clock error.
    pub start_time_unix_ns: i64,
    /// What is true.
    pub truth: ReceiverTruth,
}

/// A scene and what its receivers recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedScene {
    /// What was simulated.
    pub scene: Scene,
    /// In the scene's order.
    pub receivers: Vec<SimulatedReceiver>,
}

/// Random numbers for one purpose, so that a change in one place does not alter the rest.
pub(crate) fn stream(seed: u64, purpose: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(purpose);
    rng
}

pub(crate) const SIGNAL_STREAM: u64 = 0;
pub(crate) const SHADOWING_STREAM: u64 = 1;
/// Receiver i draws its constants from this + 2i and its noise from the stream after that.
pub(crate) const RECEIVER_STREAM: u64 = 2;

/// The samples of every receiver. A signal sent at t arrives at t + d/c + excess; the carrier's
/// phase is drawn for each receiver, since receivers share no oscillator.
///
/// # Errors
/// Where the scene is not usable ([`Scene::validate`]) or a stamp is not a time.
pub fn simulate(scene: &Scene) -> Result<SimulatedScene, Error> {
    scene.validate()?;
    let positions: Vec<Position> = scene.receivers.iter().map(|r| r.position).collect();
    let mut rng = stream(scene.seed, SHADOWING_STREAM);
    let shadowing_db = scene.propagation.draw_shadowing(&positions, &mut rng);
    let mut truths = Vec::with_capacity(positions.len());
    for (index, (spec, drawn_db)) in scene.receivers.iter().zip(shadowing_db).enumerate() {
        let mut rng = stream(scene.seed, RECEIVER_STREAM + 2 * index as u64);
        truths.push(draw_truth(scene, spec, drawn_db, &mut rng));
    }
    let signal = emission(scene, &truths)?;
    let mut receivers = Vec::with_capacity(positions.len());
    for (index, (spec, truth)) in scene.receivers.iter().zip(truths).enumerate() {
        let rng = stream(scene.seed, RECEIVER_STREAM + 2 * index as u64 + 1);
        receivers.push(receive(scene, spec, truth, &signal, rng)?);
    }
    Ok(SimulatedScene { scene: scene.clone(), receivers })
}

pub(crate) fn draw_truth(
    scene: &Scene,
    spec: &ReceiverSpec,
    drawn_shadowing_db: f64,
    rng: &mut ChaCha8Rng,
) -> ReceiverTruth {
    let carrier_phase_rad = rng.random_range(0.0..TAU);
    let drawn_excess_s = scene.propagation.excess_delay_sigma_s * rng.sample::<f64, _>(StandardNormal);
    let drawn_clock_s = spec.clock_sigma_s * rng.sample::<f64, _>(StandardNormal);
    let transmitter = &scene.transmitter;
    let distance_m = distance_m(transmitter.position, spec.position);
    let excess_delay_s = spec.excess_delay_s.unwrap_or(drawn_excess_s);
    let path_loss_db = scene.propagation.path_loss_db(distance_m, scene.center_frequency_hz);
    let shadowing_db = spec.shadowing_db.unwrap_or(drawn_shadowing_db);
    let level_dbm = transmitter.power_dbm - path_loss_db + shadowing_db;
    let bandwidth_db = 10.0 * transmitter.modulation.bandwidth_hz().log10();
    let noise_dbm_per_hz = match spec.noise {
        Noise::FigureDb(figure_db) => THERMAL_DBM_PER_HZ + figure_db,
        Noise::DensityDbmPerHz(density) => density,
        Noise::SnrDb(snr_db) => level_dbm - snr_db - bandwidth_db,
    };
    ReceiverTruth {
        distance_m,
        delay_s: distance_m / SPEED_OF_LIGHT_M_PER_S + excess_delay_s,
        excess_delay_s,
        clock_error_ns: ((spec.clock_error_s + drawn_clock_s) * 1e9).round() as i64,
        path_loss_db,
        shadowing_db,
        level_dbm,
        recorded_level_dbm: level_dbm + spec.gain_error_db,
        noise_dbm_per_hz,
        snr_db: level_dbm - noise_dbm_per_hz - bandwidth_db,
        carrier_phase_rad,
        frequency_offset_hz: spec.apparent_offset_hz(scene),
    }
}

/// The waveform as sent, with a period so long that no receiver hears any of it twice.
fn emission(scene: &Scene, truths: &[ReceiverTruth]) -> Result<BandlimitedSignal, Error> {
    let modulation = &scene.transmitter.modulation;
    let (mut first_s, mut last_s) = (f64::INFINITY, f64::NEG_INFINITY);
    for (spec, truth) in scene.receivers.iter().zip(truths) {
        let sent_s = spec.start_offset_ns as f64 * 1e-9 - truth.delay_s;
        first_s = first_s.min(sent_s);
        last_s = last_s.max(sent_s + scene.duration_s);
    }
    // Room for the ringing of the band limit where the period closes.
    let pad_s = 32.0 / modulation.bandwidth_hz();
    let period_s = last_s - first_s + 2.0 * pad_s;
    let mut rng = stream(scene.seed, SIGNAL_STREAM);
    let harmonics = modulation.harmonics(period_s, &mut rng, &mut FftPlanner::new())?;
    Ok(BandlimitedSignal::new(&harmonics, period_s, first_s - pad_s))
}

fn receive(
    scene: &Scene,
    spec: &ReceiverSpec,
    truth: ReceiverTruth,
    signal: &BandlimitedSignal,
    mut rng: ChaCha8Rng,
) -> Result<SimulatedReceiver, Error> {
    let start_s = spec.start_offset_ns as f64 * 1e-9;
    let step_s = 1.0 / spec.sample_rate_hz;
    let count = spec.sample_count(scene.duration_s);
    // Amplitudes are √mW until the full scale is known.
    let gain = decibels_to_amplitude(spec.gain_error_db);
    let noise_dbm = truth.noise_dbm_per_hz + 10.0 * spec.sample_rate_hz.log10();
    let noise_per_axis = gain * decibels_to_amplitude(noise_dbm) * 0.5_f64.sqrt();
    let amplitude = gain * decibels_to_amplitude(truth.level_dbm);
    let turn = Complex64::cis(TAU * (truth.frequency_offset_hz * step_s).fract());
    let start_turns = (truth.frequency_offset_hz * start_s).fract();
    let mut carrier = Complex64::cis(truth.carrier_phase_rad + TAU * start_turns) * amplitude;
    let samples: Vec<Complex64> = signal
        .sample(start_s - truth.delay_s, step_s, count)
        .map(|value| {
            let noise = Complex64::new(rng.sample(StandardNormal), rng.sample(StandardNormal));
            let sample = value * carrier + noise * noise_per_axis;
            carrier *= turn;
            sample
        })
        .collect();
    let full_scale_dbm = spec.full_scale_dbm.unwrap_or_else(|| fitting_full_scale_dbm(&samples));
    let scale = decibels_to_amplitude(-full_scale_dbm);
    let iq = samples.iter().map(|x| Complex32::new((x.re * scale) as f32, (x.im * scale) as f32));
    let offset_ns = spec.start_offset_ns.checked_add(truth.clock_error_ns);
    let start_time_unix_ns = offset_ns
        .and_then(|offset_ns| scene.start_time_unix_ns.checked_add(offset_ns))
        .ok_or(Error::StartTime { unix_ns: scene.start_time_unix_ns })?;
    Ok(SimulatedReceiver { spec: spec.clone(), iq: iq.collect(), full_scale_dbm, start_time_unix_ns, truth })
}

/// A whole number of decibels that leaves 1 to 2 dB above the largest sample.
pub(crate) fn fitting_full_scale_dbm(samples: &[Complex64]) -> f64 {
    let peak = samples.iter().map(|x| x.re.abs().max(x.im.abs())).fold(0.0, f64::max);
    if peak > 0.0 { (20.0 * peak.log10() + 1.0).ceil() } else { 0.0 }
}

pub(crate) fn decibels_to_amplitude(decibels: f64) -> f64 {
    10_f64.powf(decibels / 20.0)
}
