//! From a draw to samples.

use std::f64::consts::TAU;

use num_complex::{Complex32, Complex64};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rustfft::FftPlanner;

use super::draw::{Outage, ReceiverDraw, SceneDraw};
use super::interpolate::{EmissionGrid, Taps};
use super::noise::{self, BLOCK};
use crate::Error;
use crate::simulate::{decibels_to_amplitude, stream};

/// Streams of random numbers: the emission has this, receiver i the one i + 1 later.
const EMISSION_STREAM: u64 = 1 << 32;

/// What one receiver recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReceiverIq {
    /// Samples at the nominal rate, amplitude 1 is [`SceneDraw::full_scale_dbm`]. Empty where the
    /// receiver is away.
    pub iq: Vec<Complex32>,
    /// Mean level of the emission in the samples, decibels of full scale. Truth.
    pub level_dbfs: f64,
    /// Mean level of the noise over the whole rate, decibels of full scale. Truth.
    pub noise_dbfs: f64,
}

/// Buffers and tables that outlive a draw. Holding one per thread saves allocations and plans.
pub struct IqWorkspace {
    taps: Taps,
    planner: FftPlanner<f32>,
    waveform_planner: FftPlanner<f64>,
    emission: EmissionGrid,
    receivers: Vec<ReceiverIq>,
}

impl Default for IqWorkspace {
    fn default() -> Self {
        Self {
            taps: Taps::new(),
            planner: FftPlanner::new(),
            waveform_planner: FftPlanner::new(),
            emission: EmissionGrid::default(),
            receivers: Vec::new(),
        }
    }
}

/// The samples of every receiver, in the draw's order. They stay in the workspace until the next
/// draw. The carrier's phase is drawn for each receiver, since receivers share no oscillator.
///
/// # Errors
/// Where the draw is not usable ([`SceneDraw::validate`]).
pub fn simulate_receivers<'a>(draw: &SceneDraw, workspace: &'a mut IqWorkspace) -> Result<&'a [ReceiverIq], Error> {
    draw.validate()?;
    let IqWorkspace { taps, planner, waveform_planner, emission, receivers } = workspace;
    load_emission(draw, taps, planner, waveform_planner, emission)?;
    receivers.resize_with(draw.receivers.len(), ReceiverIq::default);
    for (index, (receiver, out)) in draw.receivers.iter().zip(receivers.iter_mut()).enumerate() {
        let seeds = &mut stream(draw.seed, EMISSION_STREAM + 1 + index as u64);
        receive(draw, receiver, emission, taps, &mut Xoshiro256PlusPlus::from_rng(seeds), out);
    }
    Ok(receivers)
}

/// The waveform as sent, with a period so long that no receiver hears any of it twice.
fn load_emission(
    draw: &SceneDraw,
    taps: &Taps,
    planner: &mut FftPlanner<f32>,
    waveform_planner: &mut FftPlanner<f64>,
    emission: &mut EmissionGrid,
) -> Result<(), Error> {
    let (mut first_s, mut last_s) = (f64::INFINITY, f64::NEG_INFINITY);
    for receiver in &draw.receivers {
        first_s = first_s.min(receiver.first_sent_s());
        last_s = last_s.max(receiver.first_sent_s() + draw.sample_count() as f64 * receiver.step_s(draw));
    }
    // Room for the ringing of the band limit where the period closes.
    let pad_s = 32.0 / draw.modulation.bandwidth_hz();
    let period_s = last_s - first_s + 2.0 * pad_s;
    let rng = &mut stream(draw.seed, EMISSION_STREAM);
    let harmonics = draw.modulation.harmonics(period_s, rng, waveform_planner)?;
    emission.load(&harmonics, period_s, first_s - pad_s, taps, planner);
    Ok(())
}

fn receive(
    draw: &SceneDraw,
    receiver: &ReceiverDraw,
    emission: &EmissionGrid,
    taps: &Taps,
    rng: &mut Xoshiro256PlusPlus,
    out: &mut ReceiverIq,
) {
    let step_s = receiver.step_s(draw);
    out.level_dbfs = receiver.level_dbm + receiver.gain_db - draw.full_scale_dbm;
    let noise_dbm = receiver.noise_dbm_per_hz + 10.0 * draw.sample_rate_hz.log10();
    out.noise_dbfs = noise_dbm + receiver.gain_db - draw.full_scale_dbm;
    let (start, end) = match receiver.outage {
        Outage::Away => {
            out.iq.clear();
            return;
        }
        Outage::None => (0, 0),
        // Casts of what lies outside saturate.
        Outage::Gap { from_s, to_s } => {
            ((from_s * draw.sample_rate_hz).round() as usize, (to_s * draw.sample_rate_hz).round() as usize)
        }
    };
    out.iq.resize(draw.sample_count(), Complex32::default());
    let noise_amplitude = decibels_to_amplitude(out.noise_dbfs) as f32;
    let turns_per_sample = receiver.apparent_offset_hz(draw) * step_s;
    let turn = |n: usize| Complex64::cis(TAU * (turns_per_sample * n as f64).fract());
    let within_block: [Complex32; BLOCK] = std::array::from_fn(|n| single(turn(n)));
    // The carrier starts anywhere, so the phase of the first sample is the one drawn.
    let first = Complex64::from_polar(decibels_to_amplitude(out.level_dbfs), rng.random_range(0.0..TAU));
    let mut reader = emission.reader(taps, receiver.first_sent_s(), step_s);
    let mut noise = [Complex32::default(); BLOCK];
    for (block, samples) in out.iq.chunks_mut(BLOCK).enumerate() {
        noise::fill(rng, &mut noise);
        let carrier = single(first * turn(block * BLOCK));
        for ((sample, noise), turn) in samples.iter_mut().zip(&noise).zip(&within_block) {
            *sample = reader.next() * (carrier * turn) + noise * noise_amplitude;
        }
    }
    let count = out.iq.len();
    if let Some(gap) = out.iq.get_mut(start.min(count)..end.min(count)) {
        gap.fill(Complex32::default());
    }
}

fn single(value: Complex64) -> Complex32 {
    Complex32::new(value.re as f32, value.im as f32)
}
