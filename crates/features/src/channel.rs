//! The channeliser: mix, low-pass and resample one recording to a band on the common time grid, in one pass.
//!
//! Every output sample is a Kaiser-windowed sinc over the input around its own fractional position,
//! so the true sample rate of each recording (12001.07 Hz, say, where the header claims 12001) is
//! honoured exactly and no two-stage rounding of time exists.

use std::f64::consts::PI;

use num_complex::{Complex32, Complex64};

use crate::window::bessel_i0_of_roots;

/// Zero crossings of the sinc on either side; with β = 9 the stop band is 90 dB down.
const ZERO_CROSSINGS: f64 = 20.0;
const KAISER_BETA: f64 = 9.0;
/// Tabulated sub-sample phases; linear interpolation between them errs below −110 dB.
const PHASES: usize = 512;

/// What a [`Channeliser`] takes out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelSettings {
    /// True input rate, complex samples per second.
    pub input_rate_hz: f64,
    /// Middle of the band in the input's baseband, Hz.
    pub offset_hz: f64,
    /// Width of the band, Hz; kept flat.
    pub bandwidth_hz: f64,
    /// Output rate, complex samples per second.
    pub output_rate_hz: f64,
    /// Position of output sample 0, in input samples (fractional, may be negative).
    pub first_position: f64,
    /// Output samples wanted.
    pub output_len: usize,
}

/// Streams input blocks to output samples; memory holds the output and a filter's length of input.
pub struct Channeliser {
    settings: ChannelSettings,
    /// (PHASES + 1) rows of `taps` coefficients.
    table: Vec<f32>,
    taps: usize,
    /// Mixed input that future outputs may still need.
    pending: Vec<Complex32>,
    /// Input index of `pending[0]`.
    pending_start: i64,
    output: Vec<Complex32>,
}

impl Channeliser {
    /// A channeliser for `settings`; rates must be positive and finite.
    pub fn new(settings: ChannelSettings) -> Self {
        let input = settings.input_rate_hz;
        let output = settings.output_rate_hz;
        // The sinc's cut-off lies midway between the band's edge and the first alias of it.
        let alias_edge = (output - settings.bandwidth_hz / 2.0).min(input - settings.bandwidth_hz / 2.0);
        let cutoff = (0.5 * (settings.bandwidth_hz / 2.0 + alias_edge)).min(output.min(input) / 2.0 * 1.05) / input;
        let half_width = ZERO_CROSSINGS / (2.0 * cutoff);
        let taps = 2 * (half_width.ceil() as usize) + 2;
        let rows: Vec<Vec<f32>> = (0..=PHASES / 2)
            .map(|phase| windowed_sinc(phase as f64 / PHASES as f64, taps, cutoff, half_width))
            .collect();
        // A later phase is an earlier one seen from the other side.
        let later = rows.iter().rev().skip(1).flat_map(|row| row.iter().rev());
        let table = rows.iter().flatten().chain(later).copied().collect();
        Self {
            settings,
            table,
            taps,
            pending: Vec::new(),
            pending_start: 0,
            output: Vec::with_capacity(settings.output_len),
        }
    }

    /// Input indices `[first, last)` that the output depends on; what lies outside the recording counts as zero.
    pub fn input_range(&self) -> (i64, i64) {
        let half = (self.taps / 2) as i64 + 1;
        let s = &self.settings;
        let last = s.first_position + s.output_len as f64 * s.input_rate_hz / s.output_rate_hz;
        (s.first_position.floor() as i64 - half, last.ceil() as i64 + half)
    }

    /// Sets the input index of the next pushed sample. Call once, before the first [`Self::push`].
    pub fn start_at(&mut self, input_index: i64) {
        self.pending_start = input_index;
    }

    /// Takes the next input samples, in order and without gaps.
    pub fn push(&mut self, samples: &[Complex32]) {
        self.mix_in(samples);
        self.produce();
        self.forget();
    }

    /// The output; samples that lack input are zero.
    pub fn finish(mut self) -> Vec<Complex32> {
        let tail = vec![Complex32::default(); self.taps + 2];
        self.push(&tail);
        self.output.resize(self.settings.output_len, Complex32::default());
        self.output
    }

    fn mix_in(&mut self, samples: &[Complex32]) {
        let index = self.pending_start + self.pending.len() as i64;
        if self.settings.offset_hz == 0.0 {
            self.pending.extend_from_slice(samples);
            return;
        }
        let cycles_per_sample = self.settings.offset_hz / self.settings.input_rate_hz;
        let step = Complex64::from_polar(1.0, -2.0 * PI * cycles_per_sample);
        // Restarted from the exact phase every block, so that rounding never accumulates.
        for (block, chunk) in samples.chunks(1024).enumerate() {
            let start = (index + 1024 * block as i64) as f64 * cycles_per_sample;
            let mut rotation = Complex64::from_polar(1.0, -2.0 * PI * start.fract());
            for sample in chunk {
                self.pending.push(sample * Complex32::new(rotation.re as f32, rotation.im as f32));
                rotation *= step;
            }
        }
    }

    fn produce(&mut self) {
        let s = self.settings;
        let ratio = s.input_rate_hz / s.output_rate_hz;
        while self.output.len() < s.output_len {
            let position = s.first_position + self.output.len() as f64 * ratio;
            let whole = position.floor();
            let first = whole as i64 - (self.taps / 2 - 1) as i64 - self.pending_start;
            if first + self.taps as i64 > self.pending.len() as i64 {
                return;
            }
            let before = usize::try_from(-first).unwrap_or(0).min(self.taps);
            let start = usize::try_from(first).unwrap_or(0);
            let window = self.pending.get(start..start + self.taps - before).unwrap_or(&[]);
            self.output.push(self.filter(window, before, position - whole));
        }
    }

    /// Inner product of `window` with the taps from `skipped` on, at sub-sample phase `fraction`.
    fn filter(&self, window: &[Complex32], skipped: usize, fraction: f64) -> Complex32 {
        let exact = fraction * PHASES as f64;
        let row = (exact as usize).min(PHASES - 1);
        let blend = (exact - row as f64) as f32;
        let (lower, upper) = self.table[row * self.taps..(row + 2) * self.taps].split_at(self.taps);
        let mut sum = Complex32::default();
        for ((sample, low), high) in window.iter().zip(&lower[skipped..]).zip(&upper[skipped..]) {
            sum += sample * (low + blend * (high - low));
        }
        sum
    }

    fn forget(&mut self) {
        let s = &self.settings;
        let position = s.first_position + self.output.len() as f64 * s.input_rate_hz / s.output_rate_hz;
        let needed = position.floor() as i64 - self.taps as i64 - self.pending_start;
        let spent = usize::try_from(needed).unwrap_or(0).min(self.pending.len());
        self.pending.drain(..spent);
        self.pending_start += spent as i64;
    }
}

/// Coefficients of a low pass at `cutoff` (in parts of the rate), for the value `fraction` of a sample behind the middle.
fn windowed_sinc(fraction: f64, taps: usize, cutoff: f64, half_width: f64) -> Vec<f32> {
    const TOGETHER: usize = 8;
    let [normal] = bessel_i0_of_roots([KAISER_BETA * KAISER_BETA]);
    let mut row = Vec::with_capacity(taps.next_multiple_of(TOGETHER));
    for first in (0..taps).step_by(TOGETHER) {
        let offsets: [f64; TOGETHER] =
            std::array::from_fn(|tap| (first + tap) as f64 - (taps / 2 - 1) as f64 - fraction);
        let inside = offsets.map(|u| 1.0 - (u / half_width).powi(2));
        let windows = bessel_i0_of_roots(inside.map(|inside| KAISER_BETA * KAISER_BETA * inside.max(0.0)));
        row.extend(offsets.iter().zip(inside).zip(windows).map(|((u, inside), window)| {
            let window = if inside > 0.0 { window / normal } else { 0.0 };
            (2.0 * cutoff * sinc(2.0 * cutoff * u) * window) as f32
        }));
    }
    row.truncate(taps);
    row
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-12 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// Samples that [`kernel`] spans.
pub(crate) const KERNEL: usize = 32;

/// Weights of the samples `whole − 15 … whole + 16` for the value at `whole + fraction` of a
/// band-limited sequence: a Kaiser-windowed sinc (β = 10: flat to 1e-5 over 0.8 of the band).
pub(crate) fn kernel(fraction: f64) -> [f64; KERNEL] {
    const BETA: f64 = 10.0;
    let half = KERNEL as f64 / 2.0;
    let sine = (PI * fraction).sin();
    let offsets: [f64; KERNEL] = std::array::from_fn(|tap| fraction - (tap as f64 - (half - 1.0)));
    let squares = offsets.map(|u| BETA * BETA * (1.0 - (u / half).powi(2)).max(0.0));
    let windows = bessel_i0_of_roots(squares);
    let [normal] = bessel_i0_of_roots([BETA * BETA]);
    std::array::from_fn(|tap| {
        let u = offsets[tap];
        // sin(π(f − k)) = (−1)^k sin(πf): one sine for the whole row.
        let sign = if tap % 2 == 1 { 1.0 } else { -1.0 };
        let sinc = if u.abs() < 1e-9 { 1.0 } else { sign * sine / (PI * u) };
        if u.abs() < half { sinc * windows[tap] / normal } else { 0.0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(frequency_hz: f64, rate_hz: f64, start_s: f64, len: usize) -> Vec<Complex32> {
        (0..len)
            .map(|n| {
                let value = Complex64::from_polar(1.0, 2.0 * PI * frequency_hz * (start_s + n as f64 / rate_hz));
                Complex32::new(value.re as f32, value.im as f32)
            })
            .collect()
    }

    /// A tone sampled at an odd rate from an odd instant must come out as the same tone sampled on the grid.
    #[test]
    fn output_is_the_input_at_the_grid_times() {
        let input_rate_hz = 12_001.07;
        let start_s = -0.0123;
        let input = tone(2_345.6, input_rate_hz, start_s, 14_000);
        for (offset_hz, bandwidth_hz, output_rate_hz) in [(0.0, 10_000.0, 12_800.0), (2_000.0, 1_500.0, 2_000.0)] {
            let settings = ChannelSettings {
                input_rate_hz,
                offset_hz,
                bandwidth_hz,
                output_rate_hz,
                first_position: -start_s * input_rate_hz,
                output_len: (output_rate_hz * 1.0) as usize,
            };
            let mut channeliser = Channeliser::new(settings);
            for block in input.chunks(777) {
                channeliser.push(block);
            }
            let output = channeliser.finish();
            // Mixing is by the input's own time, so the phase at its sample 0 is the reference.
            let phase = Complex64::from_polar(1.0, 2.0 * PI * offset_hz * start_s);
            let expected = tone(2_345.6 - offset_hz, output_rate_hz, 0.0, output.len());
            for n in 100..output.len() - 100 {
                let want = phase * Complex64::new(f64::from(expected[n].re), f64::from(expected[n].im));
                let got = Complex64::new(f64::from(output[n].re), f64::from(output[n].im));
                assert!((got - want).norm() < 2e-4, "sample {n}: {got} is not {want}");
            }
        }
    }

    #[test]
    fn what_lies_outside_the_band_is_gone() {
        let input = tone(30_000.0, 96_000.0, 0.0, 96_000);
        let mut channeliser = Channeliser::new(ChannelSettings {
            input_rate_hz: 96_000.0,
            offset_hz: 0.0,
            bandwidth_hz: 10_000.0,
            output_rate_hz: 12_800.0,
            first_position: 0.0,
            output_len: 12_800,
        });
        channeliser.push(&input);
        let output = channeliser.finish();
        let power: f32 = output[200..12_000].iter().map(Complex32::norm_sqr).sum::<f32>() / 11_800.0;
        assert!(10.0 * power.log10() < -75.0, "{} dB of a tone outside the band", 10.0 * power.log10());
    }

    #[test]
    fn times_before_and_after_the_recording_are_zero() {
        let mut channeliser = Channeliser::new(ChannelSettings {
            input_rate_hz: 1000.0,
            offset_hz: 0.0,
            bandwidth_hz: 700.0,
            output_rate_hz: 1000.0,
            first_position: -500.0,
            output_len: 2000,
        });
        channeliser.push(&[Complex32::new(1.0, 0.0); 1000]);
        let output = channeliser.finish();
        assert_eq!(output.len(), 2000);
        assert!(output[..400].iter().chain(&output[1600..]).all(|sample| sample.norm() < 1e-6));
        assert!(output[600..1400].iter().all(|sample| (sample.norm() - 1.0).abs() < 1e-3));
    }
}
