//! How the clocks of two receivers differ, from a signal of known origin that both record.
//!
//! Each channel lies on its receiver's own time axis: sample n at n/rate by the rate that the receiver claims. What
//! the first has at t, the second has at t + D(t), D quadratic: clock offset, rate and drift of the rate. First the
//! delay to a sample by [`coarse`], then the oscillators' difference, then three times the delays of a dozen blocks and
//! a robust quadratic through them, with the second channel moved onto the first one's clock between.

mod coarse;
mod frequency;
mod polynomial;
mod reclock;

use std::ops::Range;

use num_complex::Complex32;

use crate::fft::{Transform, bin_frequency_hz};
use crate::{CorrelationSettings, PairChannel, PairCorrelation, Segments, Weighting, correlate_pair};
use coarse::{CoarseDelay, Products, Reach};
use frequency::frequency_offset_hz;
use polynomial::{Point, Quadratic};
pub use reclock::reclock;

/// Oscillators of receivers are not further off than this (each 50 ppm, opposed).
const MOST_RATE: f64 = 100e-6;
/// 1 σ of a pair's relative rate, and of its change per second: a quartz that warms up moves by 1 ppm a minute.
const RATE_SIGMA: f64 = 40e-6;
const DRIFT_SIGMA_PER_S: f64 = 2e-8;
/// 1 σ of the change of the oscillators' difference per second.
const TONE_SIGMA_HZ_PER_S: f64 = 5.0;
/// Blocks of the coarse search, and of the fit.
const COARSE_BLOCKS: usize = 8;
const FINE_BLOCKS: usize = 12;
/// Time times bandwidth of a coarse block: at [`MOST_RATE`] the delay moves by one resolution within it.
const COARSE_PRODUCT: f64 = 1e4;
/// A peak of the coarse search this far over the rest is no chance, even if no other block agrees with it.
const SURE: f64 = 8.0;
/// Samples that a block needs.
const LEAST_SAMPLES: usize = 512;
const ROUNDS: usize = 3;
/// Below this integrated signal-to-noise ratio a block's peak may be noise.
const LEAST_DETECTION: f64 = 25.0;

/// A signal of known origin as one receiver recorded it.
pub struct ClockChannel<'a> {
    /// Samples on the receiver's own time axis.
    pub samples: &'a [Complex32],
    /// Which of them were recorded while it was tuned to that signal.
    pub present: &'a [Range<usize>],
    /// Where the receiver's direct current lies in the channel, Hz.
    pub notch_hz: f64,
}

/// What is known beforehand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockSearch {
    /// Sample rate of both channels, by the receivers' own clocks.
    pub rate_hz: f64,
    /// Band kept, around 0 Hz.
    pub bandwidth_hz: f64,
    /// D(0) as far as it is known, seconds …
    pub expected_delay_s: f64,
    /// … and how wrong that may be.
    pub reach_s: f64,
    /// True where `expected_delay_s` is from stamps: of several delays that fit, the one much nearer to it is taken.
    pub stamped: bool,
    /// The time of the first channel in which the clocks are needed, seconds after its sample 0.
    pub wanted_s: [f64; 2],
}

/// How two clocks differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairClock {
    /// D(t) = c₀ + c₁t + ½c₂t², seconds, t of the first channel.
    pub delay: [f64; 3],
    /// The second channel's frequency above the first one's, f₀ + f₁t, hertz.
    pub frequency: [f64; 2],
    /// 1 σ of D's mean over the wanted time, seconds: covariance of the fit, widened by the blocks' scatter.
    pub sigma_s: f64,
    /// Root mean square of the blocks' residuals in their own σ.
    pub scatter: f64,
    /// Blocks that took part.
    pub blocks: usize,
}

/// Why two clocks cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoClock {
    /// There is too little of the signal.
    TooShort,
    /// The second channel does not hold the first one's signal within the reach.
    NotFound,
    /// Several delays fit: the signal repeats itself, or its blocks disagree.
    Ambiguous,
}

/// Compares the clocks of two channels of one signal.
///
/// # Errors
/// [`NoClock`] where they cannot be compared.
pub fn compare_clocks(first: &ClockChannel, second: &ClockChannel, search: &ClockSearch) -> Result<PairClock, NoClock> {
    let (own, other) = (limited(first.samples, search), limited(second.samples, search));
    let (first, second) = (&ClockChannel { samples: &own, ..*first }, &ClockChannel { samples: &other, ..*second });
    let found = coarse(first, second, search)?;
    let points =
        found.iter().map(|block| (middle_s(block, search.rate_hz), block.delay / search.rate_hz, 0.5 / search.rate_hz));
    let line = polynomial::fit(&points.collect::<Vec<_>>(), &[0.0; 3], [MOST_RATE, 1e-12]).ok_or(NoClock::NotFound)?;
    let mut delay = line.curve;
    let mut frequency = coarse_frequency(first, second, &found, search.rate_hz).ok_or(NoClock::NotFound)?;
    let mut result = Err(NoClock::NotFound);
    for round in 0..ROUNDS {
        let moved = moved(first, second, &delay, &frequency, search.rate_hz);
        let blocks = measure(first, &moved, second, search, if round == 0 { 8.0 } else { 4.0 });
        let tones: Vec<Point> =
            blocks.iter().filter_map(|block| Some((block.t, block.frequency_hz?, block.tone_sigma_hz))).collect();
        if let Some(fit) = polynomial::fit(&tones, &frequency, [TONE_SIGMA_HZ_PER_S, 1e-6]) {
            frequency = polynomial::sum(&frequency, &fit.curve);
        }
        // No weighting suits all signals: the one whose delays fit most closely speaks.
        let fits = [Weighting::Plain, Weighting::HalfWhitened, Weighting::MaximumLikelihood].into_iter().filter_map(
            |weighting| {
                let points: Vec<Point> = blocks.iter().filter_map(|block| block.point(weighting)).collect();
                let fit = polynomial::fit(&points, &delay, [RATE_SIGMA, DRIFT_SIGMA_PER_S])?;
                let variance = fit.variance_of_mean(search.wanted_s[0], search.wanted_s[1]);
                (points.len() >= 2).then_some((fit, variance, points.len()))
            },
        );
        let Some((fit, variance, blocks)) = fits.min_by(|a, b| a.1.total_cmp(&b.1)) else {
            return Err(NoClock::NotFound);
        };
        delay = polynomial::sum(&delay, &fit.curve);
        result = Ok(PairClock {
            delay,
            frequency: [frequency[0], frequency[1]],
            sigma_s: variance.sqrt(),
            scatter: fit.scatter,
            blocks,
        });
    }
    result
}

/// The band alone: beyond its edges the channeliser's slope lets through what stands beside the signal.
fn limited(samples: &[Complex32], search: &ClockSearch) -> Vec<Complex32> {
    let size = samples.len().next_power_of_two();
    let mut transform = Transform::new(size);
    let mut spectrum = samples.to_vec();
    spectrum.resize(size, Complex32::default());
    transform.forward(&mut spectrum);
    for (bin, value) in spectrum.iter_mut().enumerate() {
        let inside = bin_frequency_hz(bin, size, search.rate_hz).abs() <= search.bandwidth_hz / 2.0;
        *value *= if inside { 1.0 / size as f32 } else { 0.0 };
    }
    transform.inverse(&mut spectrum);
    spectrum.truncate(samples.len());
    spectrum
}

fn middle_s(block: &CoarseDelay, rate_hz: f64) -> f64 {
    (block.start as f64 + 0.5 * block.len as f64) / rate_hz
}

/// `count` blocks over the present samples, as long as fits but at most `longest`.
fn blocks(present: &[Range<usize>], count: usize, longest: usize) -> Vec<Range<usize>> {
    let total: usize = present.iter().map(Range::len).sum();
    let mut result = Vec::new();
    for range in present {
        let share = (count * range.len()).div_ceil(total.max(1)).max(1);
        let step = range.len() / share;
        let len = step.min(longest);
        result.extend((0..share).map(|k| {
            let start = range.start + k * step + (step - len) / 2;
            start..start + len
        }));
    }
    result.retain(|block| block.len() >= LEAST_SAMPLES);
    result
}

/// Delays of blocks that agree with one another.
fn coarse(first: &ClockChannel, second: &ClockChannel, search: &ClockSearch) -> Result<Vec<CoarseDelay>, NoClock> {
    let longest = (COARSE_PRODUCT / search.bandwidth_hz * search.rate_hz) as usize;
    let blocks = blocks(first.present, COARSE_BLOCKS, longest.max(LEAST_SAMPLES));
    if blocks.is_empty() {
        return Err(NoClock::TooShort);
    }
    let (a, b) = (Products::new(first.samples, first.present), Products::new(second.samples, second.present));
    let within = Reach {
        expected: (search.expected_delay_s * search.rate_hz).round() as i64,
        reach: (search.reach_s * search.rate_hz).ceil() as usize,
        stamped: search.stamped,
    };
    let found: Vec<CoarseDelay> =
        blocks.into_iter().filter_map(|block| coarse::search(&a, block, &b, within)).collect();
    let agree = |one: &CoarseDelay, other: &CoarseDelay| {
        let apart = (one.start as f64 - other.start as f64).abs();
        (one.delay - other.delay).abs() <= MOST_RATE * apart + 3.0
    };
    let support = |anchor: &CoarseDelay| -> f64 {
        found.iter().filter(|other| agree(anchor, other)).map(|other| other.strength).sum()
    };
    let anchor = found.iter().max_by(|a, b| support(a).total_cmp(&support(b))).ok_or(NoClock::NotFound)?;
    let agreeing: Vec<CoarseDelay> = found.iter().filter(|other| agree(anchor, other)).copied().collect();
    if agreeing.iter().any(|block| block.clear) && agreeing.len() >= 2 && 2 * agreeing.len() > found.len() {
        Ok(agreeing)
    } else if found.iter().all(|block| block.strength < SURE) {
        // Where the channels overlap in part only, what single blocks show may be chance.
        Err(NoClock::NotFound)
    } else {
        Err(NoClock::Ambiguous)
    }
}

/// Line through the oscillators' difference over the blocks.
fn coarse_frequency(
    first: &ClockChannel,
    second: &ClockChannel,
    found: &[CoarseDelay],
    rate_hz: f64,
) -> Option<Quadratic> {
    let points: Vec<Point> = found
        .iter()
        .filter_map(|block| {
            let start = usize::try_from(block.start as i64 + block.delay.round() as i64).ok()?;
            let (a, b) = (
                first.samples.get(block.start..block.start + block.len)?,
                second.samples.get(start..start + block.len)?,
            );
            Some((middle_s(block, rate_hz), frequency_offset_hz(b, a, rate_hz)?, 0.1 * rate_hz / block.len as f64))
        })
        .collect();
    Some(polynomial::fit(&points, &[0.0; 3], [TONE_SIGMA_HZ_PER_S, 1e-6])?.curve)
}

/// The second channel on the first one's clock and frequency.
fn moved(
    first: &ClockChannel,
    second: &ClockChannel,
    delay: &Quadratic,
    frequency: &Quadratic,
    rate_hz: f64,
) -> Vec<Complex32> {
    let time = |n: usize| n as f64 / rate_hz;
    let position = |n: usize| n as f64 + polynomial::value(delay, time(n)) * rate_hz;
    let turns = |n: usize| time(n) * (frequency[0] + 0.5 * frequency[1] * time(n));
    let mut moved = reclock(second.samples, first.samples.len(), position, turns);
    // What the second receiver recorded of something else is no signal.
    let mut at = 0;
    let mut inside = |n: usize| {
        let place = position(n);
        while second.present.get(at).is_some_and(|range| place >= range.end as f64) {
            at += 1;
        }
        second.present.get(at).is_some_and(|range| place >= range.start as f64)
    };
    for (n, sample) in moved.iter_mut().enumerate() {
        if !inside(n) {
            *sample = Complex32::default();
        }
    }
    moved
}

/// What one block says.
struct Block {
    t: f64,
    correlation: Option<PairCorrelation>,
    frequency_hz: Option<f64>,
    tone_sigma_hz: f64,
}

impl Block {
    fn point(&self, weighting: Weighting) -> Option<Point> {
        let weighted = self.correlation.as_ref()?.weighted.iter().find(|weighted| weighted.weighting == weighting)?;
        let sigma_s = weighted.thermal_sigma_s.hypot(weighted.scatter_sigma_s);
        let lag_s = weighted.peaks.first()?.lag_s;
        (weighted.detection > LEAST_DETECTION && sigma_s > 0.0).then_some((self.t, lag_s, sigma_s))
    }
}

/// Delays and frequencies that are left.
fn measure(
    first: &ClockChannel,
    moved: &[Complex32],
    second: &ClockChannel,
    search: &ClockSearch,
    reach: f64,
) -> Vec<Block> {
    let rate_hz = search.rate_hz;
    let max_lag_s = reach / rate_hz;
    blocks(first.present, FINE_BLOCKS, usize::MAX)
        .into_iter()
        .filter_map(|block| {
            let (own, other) = (first.samples.get(block.clone())?, moved.get(block.clone())?);
            // Silence agrees with itself; the block must have been recorded by both.
            let heard = other.iter().position(|sample| sample.norm_sqr() > 0.0)?;
            let end = other.iter().rposition(|sample| sample.norm_sqr() > 0.0)? + 1;
            if end - heard < LEAST_SAMPLES {
                return None;
            }
            let (own, other) = (own.get(heard..end)?, other.get(heard..end)?);
            let settings = CorrelationSettings::choose(rate_hz, search.bandwidth_hz, own.len(), max_lag_s);
            let present = 0..own.len();
            let (a, b) = (
                Segments::new(other, &present, second.notch_hz, settings),
                Segments::new(own, &present, first.notch_hz, settings),
            );
            let channel = |samples, segments| PairChannel { samples, present: present.clone(), segments };
            let correlation = correlate_pair(&channel(other, &a), &channel(own, &b), max_lag_s);
            Some(Block {
                t: (block.start as f64 + 0.5 * (heard + end) as f64) / rate_hz,
                correlation,
                frequency_hz: frequency_offset_hz(other, own, rate_hz),
                tone_sigma_hz: 0.05 * rate_hz / own.len() as f64,
            })
        })
        .collect()
}
