//! Spectrograms and mel bands against SciPy and librosa, and against closed forms.
//!
//! Refresh the expected values with `tests/golden/make_goldens.py`.
#![allow(clippy::unwrap_used)]

use std::f64::consts::{PI, TAU};

use heimdall_features::{
    MelBank, MelScale, MelSettings, Sides, Stft, StftSettings, Window, iq_to_mel_spectrogram, noise_bandwidth_bins,
    real_to_mel_spectrogram, spectrogram,
};
use num_complex::{Complex32, Complex64};
use serde::Deserialize;

const TOLERANCE_DB: f32 = 1e-3;

#[derive(Deserialize)]
struct Golden {
    stft: Vec<StftCase>,
    one_sided_mel: Vec<MelCase>,
    two_sided_mel_dbfs: Vec<f32>,
}

#[derive(Deserialize)]
struct StftCase {
    window: Window,
    fft_size: usize,
    hop: usize,
    power_dbfs: Vec<f32>,
}

#[derive(Deserialize)]
struct MelCase {
    scale: MelScale,
    area_normalised: bool,
    low_hz: f64,
    high_hz: Option<f64>,
    power_dbfs: Vec<f32>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/spectra.json")).unwrap()
}

/// Uniform noise in −0.5…0.5 of a 32-bit linear congruential generator.
fn noise(count: usize, seed: u32) -> Vec<f64> {
    let mut state = seed;
    let mut draw = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    };
    (0..count).map(|_| draw()).collect()
}

fn complex_noise(count: usize, seed: u32) -> Vec<Complex32> {
    let drawn = noise(2 * count, seed);
    drawn.chunks(2).map(|pair| Complex32::new(pair[0] as f32, pair[1] as f32)).collect()
}

/// The formula of `test_signal` in make_goldens.py.
fn test_signal(count: usize) -> Vec<Complex32> {
    let drawn = noise(2 * count, 12345);
    (0..count)
        .map(|index| {
            let n = index as f64;
            let sum = Complex64::cis(PI * (n * n / count as f64 - n)) * 0.4
                + Complex64::cis(TAU * 0.1234 * n) * 0.2
                + Complex64::cis(-TAU * 0.31 * n) * 0.05
                + Complex64::new(drawn[2 * index], drawn[2 * index + 1]) * 0.1;
            Complex32::new(sum.re as f32, sum.im as f32)
        })
        .collect()
}

fn assert_levels(measured: &[f32], expected: &[f32], case: &str) {
    assert_eq!(measured.len(), expected.len(), "{case}");
    for (index, (is, should)) in measured.iter().zip(expected).enumerate() {
        assert!((is - should).abs() < TOLERANCE_DB, "{case}, value {index}: {is} for {should}");
    }
}

#[test]
fn spectrograms_are_those_of_scipy() {
    for case in golden().stft {
        let levels = spectrogram(&test_signal(256), 1.0, case.fft_size, case.hop, case.window).unwrap();
        let name = format!("{:?} {}", case.window, case.fft_size);
        assert_levels(&levels.power_dbfs, &case.power_dbfs, &name);
    }
}

#[test]
fn one_sided_mel_is_that_of_librosa() {
    let samples: Vec<f32> = test_signal(1536).iter().map(|x| x.re).collect();
    for case in golden().one_sided_mel {
        let settings = MelSettings {
            sample_rate_hz: 16e3,
            stft: StftSettings { fft_size: 512, hop: 256, window: Window::Hann },
            band_count: 24,
            scale: case.scale,
            area_normalised: case.area_normalised,
            low_hz: case.low_hz,
            high_hz: case.high_hz,
        };
        let mel = real_to_mel_spectrogram(&samples, 16e3, &settings).unwrap();
        assert_levels(&mel.power_dbfs, &case.power_dbfs, &format!("{settings:?}"));
    }
}

#[test]
fn two_sided_mel_is_librosas_filters_on_each_half() {
    let mel = iq_to_mel_spectrogram(&test_signal(3072), 192e3, &MelSettings::default()).unwrap();
    assert_eq!((mel.bands, mel.frames), (128, 3));
    assert_levels(&mel.power_dbfs, &golden().two_sided_mel_dbfs, "two-sided");
}

#[test]
fn a_tone_below_zero_lights_the_band_at_its_frequency() {
    let frequency_hz = -30e3;
    let iq: Vec<Complex32> = (0..2048)
        .map(|n| Complex64::cis(TAU * frequency_hz * f64::from(n) / 192e3))
        .map(|x| Complex32::new(x.re as f32, x.im as f32))
        .collect();
    let mel = iq_to_mel_spectrogram(&iq, 192e3, &MelSettings::default()).unwrap();
    let strongest = (0..128).max_by(|a, b| mel.power_dbfs[*a].total_cmp(&mel.power_dbfs[*b]));
    let nearest = (0..128).min_by(|a, b| {
        let distance = |band: usize| (mel.centers_hz[band] - frequency_hz).abs();
        distance(*a).total_cmp(&distance(*b))
    });
    assert_eq!(strongest, nearest);
    assert!(mel.centers_hz.is_sorted());
}

#[test]
fn bands_share_every_bin_between_the_outer_tips_without_loss() {
    // Neighbouring triangles are 1 together, so a frame of equal bins must be counted once.
    for scale in [MelScale::Htk, MelScale::Slaney] {
        let settings = MelSettings { scale, ..MelSettings::default() };
        let bank = MelBank::new(&settings, 192e3, Sides::Two).unwrap();
        let centers: Vec<f64> = bank.centers_hz().collect();
        for bin in 0..2048 {
            let frequency_hz = (bin as f64 - 1024.0) * 93.75;
            let mut frame = vec![0.0; 2048];
            frame[bin] = 1.0;
            let sum: f32 = bank.band_powers(&frame).sum();
            if (centers[64]..centers[127]).contains(&frequency_hz.abs()) {
                assert!((sum - 1.0).abs() < 1e-5, "{scale:?} {frequency_hz} {sum}");
            } else {
                assert!(sum < 1.0);
            }
        }
    }
}

#[test]
fn area_normalised_bands_read_white_noise_alike() {
    let settings = MelSettings { area_normalised: true, ..MelSettings::default() };
    let bank = MelBank::new(&settings, 192e3, Sides::Two).unwrap();
    // Density 1 per hertz: every band reads 1, save where few bins sample a narrow triangle.
    let frame = vec![93.75; 2048];
    for (power, center_hz) in bank.band_powers(&frame).zip(bank.centers_hz()) {
        let tolerance = if center_hz.abs() > 2e3 { 0.05 } else { 0.6 };
        assert!((power - 1.0).abs() < tolerance, "{center_hz} {power}");
    }
}

#[test]
fn settings_for_another_rate_are_refused_and_true_rates_are_not() {
    let settings = MelSettings::default();
    assert!(iq_to_mel_spectrogram(&[], 12_000.0, &settings).is_err());
    assert!(iq_to_mel_spectrogram(&[], 192_017.1, &settings).is_ok());
}

#[test]
fn bands_without_a_bin_and_uneven_halves_are_refused() {
    let narrow = MelSettings { band_count: 512, ..MelSettings::default() };
    assert!(MelBank::new(&narrow, 192e3, Sides::Two).is_err());
    let odd = MelSettings { band_count: 31, ..MelSettings::default() };
    assert!(MelBank::new(&odd, 192e3, Sides::Two).is_err());
}

#[test]
fn bins_of_white_noise_sum_to_its_power_times_the_noise_bandwidth() {
    let iq = complex_noise(65_536, 7);
    let mean_power = iq.iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>() / iq.len() as f64;
    // Parseval: without a taper the bins of one frame hold exactly its mean power.
    let rectangular = Window::Kaiser { beta: 0.0 };
    let mut stft = Stft::new(StftSettings { fft_size: 65_536, hop: 65_536, window: rectangular }).unwrap();
    let mut sum = 0.0;
    stft.feed(&iq, |power| sum += power.iter().map(|p| f64::from(*p)).sum::<f64>());
    assert!((sum / mean_power - 1.0).abs() < 1e-5, "{sum} {mean_power}");
    // With one, the mean over frames holds the noise bandwidth times that (Harris 1978).
    for window in [Window::Hann, Window::BlackmanHarris] {
        let bandwidth = noise_bandwidth_bins(&window.coefficients(64));
        let mut stft = Stft::new(StftSettings { fft_size: 64, hop: 16, window }).unwrap();
        let (mut sum, mut frames) = (0.0, 0.0);
        stft.feed(&iq, |power| {
            sum += power.iter().map(|p| f64::from(*p)).sum::<f64>();
            frames += 1.0;
        });
        assert!((sum / frames / mean_power / bandwidth - 1.0).abs() < 0.02, "{window:?}");
    }
}

#[test]
fn blocks_of_any_size_yield_the_frames_of_one_block() {
    let iq = complex_noise(1000, 3);
    for hop in [20, 64, 100] {
        let settings = StftSettings { fft_size: 64, hop, window: Window::Hann };
        let mut whole = Vec::new();
        Stft::new(settings).unwrap().feed(&iq, |power| whole.push(power.to_vec()));
        assert_eq!(whole.len() as u64, settings.frame_count(1000));
        for block in [1, 63, 333] {
            let mut parts = Vec::new();
            let mut stft = Stft::new(settings).unwrap();
            for block in iq.chunks(block) {
                stft.feed(block, |power| parts.push(power.to_vec()));
            }
            assert_eq!(parts, whole);
        }
    }
}
