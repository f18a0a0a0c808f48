//! Receivers whose clocks nobody disciplines, and a transmitter of known place to align them on.

use std::f64::consts::TAU;

use heimdall_recording::Position;
use num_complex::{Complex32, Complex64};
use rand::Rng;
use rand_distr::StandardNormal;
use rustfft::FftPlanner;

use crate::bandlimited::BandlimitedSignal;
use crate::propagation::{SPEED_OF_LIGHT_M_PER_S, distance_m};
use crate::scene::{Scene, finite, on_earth, positive, within};
use crate::simulate::{
    RECEIVER_STREAM, SHADOWING_STREAM, SIGNAL_STREAM, SimulatedReceiver, SimulatedScene, decibels_to_amplitude,
    draw_truth, fitting_full_scale_dbm, stream,
};
use crate::{Error, Modulation};

/// Streams of random numbers: the reference's waveform, and its paths.
const REFERENCE_STREAM: u64 = 1 << 40;
/// Oscillators further off than this are defects, not errors.
const MAX_PPM: f64 = 1000.0;

/// A receiver's own oscillators. Both run high by the stated parts, growing with time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FreeClock {
    /// The sample clock: samples are closer together than the recording says.
    pub sample_ppm: f64,
    /// Its change.
    pub sample_drift_ppm_per_s: f64,
    /// The tuner: emissions appear too low by this part of the frequency tuned to.
    pub tuning_ppm: f64,
    /// Its change.
    pub tuning_drift_ppm_per_s: f64,
}

/// A transmitter whose place is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReferenceEmission {
    /// Where it is.
    pub position: Position,
    /// Middle of its emission.
    pub frequency_hz: f64,
    /// Waveform.
    pub modulation: Modulation,
    /// Signal over noise at every receiver, both in its own bandwidth.
    pub snr_db: f64,
    /// 1 σ of the excess delay of its paths, a draw for each receiver.
    pub excess_delay_sigma_s: f64,
}

/// What a scene without a common clock has beside a [`Scene`].
#[derive(Clone, Debug, PartialEq)]
pub struct Unshared {
    /// The reference.
    pub reference: ReferenceEmission,
    /// Clocks in the order of the scene's receivers. The stamps' errors are the scene's `clock_error_s`.
    pub clocks: Vec<FreeClock>,
    /// Seconds after which the tuner goes from the reference's frequency to the scene's, and after as many more back
    /// again; absent where it stays on the scene's and the reference lies in the same band.
    pub part_s: Option<f64>,
}

impl Unshared {
    fn validate(&self, scene: &Scene) -> Result<(), Error> {
        let place = "the reference";
        on_earth(place, self.reference.position)?;
        positive(place, "frequency_hz", self.reference.frequency_hz)?;
        finite(place, "snr_db", self.reference.snr_db)?;
        self.reference.modulation.validate()?;
        positive(place, "part_s", self.part_s.unwrap_or(1.0))?;
        let all = self.clocks.len() == scene.receivers.len();
        within(place, "clocks", self.clocks.len() as f64, all, "one for each receiver")?;
        for clock in &self.clocks {
            for ppm in [clock.sample_ppm, clock.tuning_ppm] {
                within(place, "ppm", ppm, ppm.abs() <= MAX_PPM, "at most 1000")?;
            }
        }
        Ok(())
    }

    /// Frequency that a receiver is tuned to, `u_s` by its own clock after its sample 0.
    fn tuned_hz(&self, scene: &Scene, u_s: f64) -> f64 {
        let middle = |part_s: f64| (part_s..2.0 * part_s).contains(&u_s);
        match self.part_s {
            Some(part_s) if !middle(part_s) => self.reference.frequency_hz,
            _ => scene.center_frequency_hz,
        }
    }
}

/// As [`crate::simulate`], with clocks of the receivers' own and a reference transmitter. Recordings state the nominal
/// rate and stamps that are late by their clock errors.
///
/// # Errors
/// Where the scene is not usable or a stamp is not a time.
pub fn simulate_unshared(scene: &Scene, unshared: &Unshared) -> Result<SimulatedScene, Error> {
    scene.validate()?;
    unshared.validate(scene)?;
    let positions: Vec<Position> = scene.receivers.iter().map(|receiver| receiver.position).collect();
    let shadowing_db = scene.propagation.draw_shadowing(&positions, &mut stream(scene.seed, SHADOWING_STREAM));
    let reference = &unshared.reference;
    let mut paths = stream(scene.seed, REFERENCE_STREAM + 1);
    let mut truths = Vec::new();
    let mut reference_delays_s = Vec::new();
    for (index, (spec, drawn_db)) in scene.receivers.iter().zip(shadowing_db).enumerate() {
        let mut rng = stream(scene.seed, RECEIVER_STREAM + 2 * index as u64);
        truths.push(draw_truth(scene, spec, drawn_db, &mut rng));
        let excess_s = reference.excess_delay_sigma_s * paths.sample::<f64, _>(StandardNormal);
        reference_delays_s.push(distance_m(reference.position, spec.position) / SPEED_OF_LIGHT_M_PER_S + excess_s);
    }
    let target_delays_s: Vec<f64> = truths.iter().map(|truth| truth.delay_s).collect();
    let target = emission(scene, &scene.transmitter.modulation, &target_delays_s, SIGNAL_STREAM)?;
    let known = emission(scene, &reference.modulation, &reference_delays_s, REFERENCE_STREAM)?;
    let target_hz = scene.center_frequency_hz + scene.transmitter.frequency_offset_hz;
    let mut receivers = Vec::new();
    for (index, (spec, truth)) in scene.receivers.iter().zip(truths).enumerate() {
        let mut rng = stream(scene.seed, RECEIVER_STREAM + 2 * index as u64 + 1);
        let (Some(clock), Some(delay_s)) = (unshared.clocks.get(index), reference_delays_s.get(index)) else {
            continue;
        };
        let gain = decibels_to_amplitude(spec.gain_error_db);
        let noise_dbm = truth.noise_dbm_per_hz + 10.0 * spec.sample_rate_hz.log10();
        let noise_per_axis = gain * decibels_to_amplitude(noise_dbm) * 0.5_f64.sqrt();
        let reference_dbm =
            truth.noise_dbm_per_hz + reference.snr_db + 10.0 * reference.modulation.bandwidth_hz().log10();
        let emissions = [
            (&target, target_hz, truth.delay_s, gain * decibels_to_amplitude(truth.level_dbm)),
            (&known, reference.frequency_hz, *delay_s, gain * decibels_to_amplitude(reference_dbm)),
        ];
        let start_s = spec.start_offset_ns as f64 * 1e-9;
        let phases: [f64; 2] = [truth.carrier_phase_rad / TAU, rng.random()];
        let samples: Vec<Complex64> = (0..spec.sample_count(scene.duration_s))
            .map(|n| {
                let u_s = n as f64 / spec.sample_rate_hz;
                let taken_s = u_s / (1.0 + clock.sample_ppm * 1e-6) - 0.5e-6 * clock.sample_drift_ppm_per_s * u_s * u_s;
                let tuned_hz = unshared.tuned_hz(scene, u_s);
                let high = 1e-6 * taken_s * (clock.tuning_ppm + 0.5 * clock.tuning_drift_ppm_per_s * taken_s);
                let mut sample =
                    Complex64::new(rng.sample(StandardNormal), rng.sample(StandardNormal)) * noise_per_axis;
                for ((signal, frequency_hz, delay_s, amplitude), phase) in emissions.iter().zip(phases) {
                    // The receiver's own filter keeps out what it is not tuned to.
                    if (frequency_hz - tuned_hz).abs() < 0.5 * spec.sample_rate_hz {
                        let turns = (frequency_hz - tuned_hz) * taken_s - tuned_hz * high + phase;
                        let value = signal.at_time(start_s + taken_s - delay_s);
                        sample += value * Complex64::cis(TAU * turns.fract()) * *amplitude;
                    }
                }
                sample
            })
            .collect();
        let full_scale_dbm = spec.full_scale_dbm.unwrap_or_else(|| fitting_full_scale_dbm(&samples));
        let scale = decibels_to_amplitude(-full_scale_dbm);
        let iq = samples.iter().map(|x| Complex32::new((x.re * scale) as f32, (x.im * scale) as f32)).collect();
        let start_time_unix_ns = spec
            .start_offset_ns
            .checked_add(truth.clock_error_ns)
            .and_then(|offset_ns| scene.start_time_unix_ns.checked_add(offset_ns))
            .ok_or(Error::StartTime { unix_ns: scene.start_time_unix_ns })?;
        receivers.push(SimulatedReceiver { spec: spec.clone(), iq, full_scale_dbm, start_time_unix_ns, truth });
    }
    Ok(SimulatedScene { scene: scene.clone(), receivers })
}

/// A waveform as sent, with a period so long that no receiver hears any of it twice.
fn emission(
    scene: &Scene,
    modulation: &Modulation,
    delays_s: &[f64],
    random_stream: u64,
) -> Result<BandlimitedSignal, Error> {
    let sent =
        || scene.receivers.iter().zip(delays_s).map(|(spec, delay_s)| spec.start_offset_ns as f64 * 1e-9 - delay_s);
    let pad_s = 32.0 / modulation.bandwidth_hz();
    let first_s = sent().fold(f64::INFINITY, f64::min) - pad_s;
    let last_s = sent().fold(f64::NEG_INFINITY, f64::max) + scene.duration_s * (1.0 + 2e-6 * MAX_PPM) + pad_s;
    let rng = &mut stream(scene.seed, random_stream);
    let harmonics = modulation.harmonics(last_s - first_s, rng, &mut FftPlanner::new())?;
    Ok(BandlimitedSignal::new(&harmonics, last_s - first_s, first_s))
}
