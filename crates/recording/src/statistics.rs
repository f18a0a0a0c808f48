//! A cheap statistical look at a recording: is there anything in it, and is it healthy?

use num_complex::{Complex32, Complex64};
use serde::{Deserialize, Serialize};

use crate::{ByteSource, Error, Layout, Samples, decode};

/// Samples of one look.
const BLOCK: usize = 1024;
/// Looks at a recording, spread over its length.
const BLOCKS: u64 = 64;
/// Looks that decide whether two channels carry the same.
const ALIKE_BLOCKS: u64 = 16;
/// A peak below this, relative to full scale, is silence.
const SILENT_PEAK: f32 = 1e-6;
/// Correlation from which on two channels are called the same.
const ALIKE_CORRELATION: f64 = 0.95;

/// What a look at up to 64 spread blocks of 1024 samples shows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleStatistics {
    /// Samples that were looked at.
    pub samples: u64,
    /// Largest magnitude of I or Q, relative to full scale.
    pub peak: f32,
    /// Root of the mean power |z|², dB relative to full scale; −∞ in silence.
    pub rms_dbfs: f64,
    /// Share of I and Q numbers at the end of the integer range, 0…1.
    pub clipped_fraction: f64,
    /// Share of samples that were infinite or not a number, 0…1.
    pub non_finite_fraction: f64,
    /// Nothing but zeros (to 10⁻⁶ of full scale).
    pub silent: bool,
    /// Mean of I and Q, magnitude relative to full scale: the carrier leakage.
    pub dc: f64,
    /// Power of I over power of Q, dB; 0 for a healthy receiver.
    pub iq_imbalance_db: f64,
    /// Correlation of I and Q, −1…1; near 0 for IQ, near ±1 for twice the same channel.
    pub iq_correlation: f64,
}

/// Looks at the recording without reading all of it: at most 64 × 1024 samples.
///
/// # Errors
/// [`Error::Unreadable`] where the source fails.
pub fn sample_statistics(samples: &Samples) -> Result<SampleStatistics, Error> {
    look(&samples.recording.layout, &samples.recording.name, &samples.bytes, BLOCKS)
}

/// True where both channels carry nearly the same (or the opposite). Unreadable is not alike.
pub(crate) fn channels_alike(layout: &Layout, name: &str, source: &dyn ByteSource) -> bool {
    let statistics = look(layout, name, source, ALIKE_BLOCKS);
    statistics.is_ok_and(|seen| !seen.silent && seen.iq_correlation.abs() > ALIKE_CORRELATION)
}

fn look(layout: &Layout, name: &str, source: &dyn ByteSource, blocks: u64) -> Result<SampleStatistics, Error> {
    let count = layout.sample_count();
    let blocks = blocks.min(count.div_ceil(BLOCK as u64)).max(1);
    let mut buffer = vec![Complex32::ZERO; BLOCK];
    let mut sums = Sums::default();
    for block in 0..blocks {
        let spread = count.saturating_sub(BLOCK as u64) as f64 * block as f64;
        let first = (spread / (blocks.max(2) - 1) as f64) as u64;
        let outcome = decode::read(layout, name, source, first, &mut buffer)?;
        sums.clipped += outcome.clipped;
        sums.non_finite += outcome.non_finite;
        sums.add(buffer.get(..outcome.samples).unwrap_or_default());
    }
    Ok(sums.statistics())
}

#[derive(Default)]
struct Sums {
    count: f64,
    peak: f32,
    sum: Complex64,
    power_i: f64,
    power_q: f64,
    product: f64,
    clipped: u64,
    non_finite: u64,
}

impl Sums {
    fn add(&mut self, samples: &[Complex32]) {
        for sample in samples {
            let (i, q) = (f64::from(sample.re), f64::from(sample.im));
            self.peak = self.peak.max(sample.re.abs()).max(sample.im.abs());
            self.sum += Complex64::new(i, q);
            self.power_i += i * i;
            self.power_q += q * q;
            self.product += i * q;
            self.count += 1.0;
        }
    }

    fn statistics(&self) -> SampleStatistics {
        let count = self.count.max(1.0);
        let mean = self.sum / count;
        let variance_i = (self.power_i / count - mean.re * mean.re).max(0.0);
        let variance_q = (self.power_q / count - mean.im * mean.im).max(0.0);
        let covariance = self.product / count - mean.re * mean.im;
        let scale = (variance_i * variance_q).sqrt();
        SampleStatistics {
            samples: self.count as u64,
            peak: self.peak,
            rms_dbfs: 10.0 * ((self.power_i + self.power_q) / count).log10(),
            clipped_fraction: self.clipped as f64 / (2.0 * count),
            non_finite_fraction: self.non_finite as f64 / count,
            silent: self.peak < SILENT_PEAK,
            dc: mean.norm(),
            iq_imbalance_db: match scale > 0.0 {
                true => 10.0 * (variance_i / variance_q).log10(),
                false => 0.0,
            },
            iq_correlation: if scale > 0.0 { covariance / scale } else { 0.0 },
        }
    }
}
