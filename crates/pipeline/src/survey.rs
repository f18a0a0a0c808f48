//! The first look at a recording: a few spread blocks, whatever its length.

use heimdall_features::{gain_control_db, power_spectrum};
use heimdall_recording::{ByteSource, Recording};
use num_complex::Complex32;

use crate::{Error, Spectrum, Survey, Thumbnail};

const COLUMNS: usize = 160;
const ROWS: usize = 64;
const FFT: usize = 512;
/// Frames averaged per column.
const FRAMES: usize = 4;

/// Looks at [`COLUMNS`] spread blocks: power, spectrum, thumbnail, what is wrong.
///
/// # Errors
/// [`Error::Recording`] where samples cannot be read.
pub fn survey(recording: &Recording, source: &dyn ByteSource) -> Result<Survey, Error> {
    let stored = recording.samples(source);
    let look = heimdall_recording::sample_statistics(&stored)?;
    let block = FFT * (FRAMES + 1) / 2;
    let columns = COLUMNS.min((recording.sample_count as usize / block).max(1));
    let mut samples = vec![Complex32::default(); block];
    let mut spectrum = vec![0.0f64; FFT];
    let mut pixels = vec![0.0f64; columns * ROWS];
    let mut fingerprint = Fingerprint::default();
    let mut spectra: Vec<Vec<f64>> = Vec::with_capacity(columns);
    for column in 0..columns {
        let last = recording.sample_count.saturating_sub(block as u64);
        let first = (u128::from(last) * column as u128 / columns.max(2).saturating_sub(1) as u128) as u64;
        let read = stored.read(first.min(last), &mut samples)?.samples;
        fingerprint.add(samples.get(..read).unwrap_or(&[]));
        samples.iter_mut().skip(read).for_each(|sample| *sample = Complex32::default());
        let powers = power_spectrum(&samples, FFT);
        for (bin, power) in powers.iter().copied().enumerate() {
            if let Some(sum) = spectrum.get_mut(bin) {
                *sum += power / columns as f64;
            }
            // Highest frequency first.
            let row = ROWS - 1 - bin * ROWS / FFT;
            if let Some(pixel) = pixels.get_mut(row * columns + column) {
                *pixel = pixel.max(power);
            }
        }
        spectra.push(powers);
    }
    let rate_hz = recording.sample_rate_hz.as_ref().map_or(1.0, |rate| rate.value);
    Ok(Survey {
        power_dbfs: look.rms_dbfs.max(-200.0),
        silent: look.silent,
        clipped: look.clipped_fraction,
        non_finite: (look.non_finite_fraction * look.samples as f64).round() as u64,
        agc_db: gain_control_db(&spectra),
        fingerprint: fingerprint.0,
        spectrum: Spectrum {
            start_hz: -rate_hz / 2.0,
            step_hz: rate_hz / FFT as f64,
            power_dbfs: spectrum.iter().map(|power| decibels(*power)).collect(),
        },
        thumbnail: picture(&pixels, columns),
    })
}

/// Levels from the median's floor to the maximum as bytes.
fn picture(pixels: &[f64], width: usize) -> Thumbnail {
    let mut levels: Vec<f32> = pixels.iter().map(|power| decibels(*power)).collect();
    let values = levels.clone();
    levels.sort_by(f32::total_cmp);
    let at = |share: f64| levels.get((share * (levels.len().max(1) - 1) as f64) as usize).copied().unwrap_or(0.0);
    let (floor, ceiling) = (at(0.05), at(1.0).max(at(0.05) + 12.0));
    let byte = |level: &f32| (255.0 * ((level - floor) / (ceiling - floor)).clamp(0.0, 1.0)) as u8;
    Thumbnail {
        width,
        height: ROWS,
        floor_dbfs: floor,
        ceiling_dbfs: ceiling,
        values: values.iter().map(byte).collect(),
    }
}

fn decibels(power: f64) -> f32 {
    (10.0 * power.max(1e-20).log10()) as f32
}

/// FNV-1a over sample bits: recognises two drops of the same recording, nothing more.
struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    fn add(&mut self, samples: &[Complex32]) {
        for sample in samples {
            let bits = u64::from(sample.re.to_bits()) << 32 | u64::from(sample.im.to_bits());
            self.0 = (self.0 ^ bits).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
