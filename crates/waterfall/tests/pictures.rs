//! What a recording's picture shows: levels, frequencies, bursts, edges.
#![allow(clippy::unwrap_used)]

use std::f64::consts::TAU;

use heimdall_recording::{Content, Fact, InputFile, Origin, Recording, TypedFacts, open};
use heimdall_waterfall::{Computer, Grid, Lane, Pass, Piece, Taper, Tile, dbfs};
use num_complex::Complex32;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::rc::Rc;

const RATE_HZ: f64 = 1e6;

struct Scene {
    recording: Recording,
    bytes: Rc<Vec<u8>>,
}

impl Scene {
    /// 16-bit samples of a function of the sample number.
    fn new(samples: usize, mut value: impl FnMut(usize) -> Complex32) -> Self {
        let number = |part: f32| (part * 32_767.0).round() as i16;
        let bytes = (0..samples).flat_map(|at| {
            let sample = value(at);
            [number(sample.re), number(sample.im)].into_iter().flat_map(i16::to_le_bytes)
        });
        let bytes = Rc::new(bytes.collect::<Vec<u8>>());
        let file = InputFile { name: "a_100M_1M.cs16".into(), source: bytes.clone() };
        let contents = open(&[file], &TypedFacts::default()).unwrap();
        let Some(Content::Recording(mut recording)) = contents.into_iter().next() else { panic!("no recording") };
        recording.sample_rate_hz = Some(Fact::new(RATE_HZ, Origin::TypedIn));
        assert_eq!(recording.sample_count, samples as u64);
        Self { recording, bytes }
    }

    fn lane(&self) -> Lane {
        Lane {
            receiver: "A".into(),
            start_s: 0.0,
            rate_hz: RATE_HZ,
            samples: self.recording.sample_count,
            center_hz: 100e6,
            rate_known: true,
        }
    }

    /// The whole tile: rows from the top, in each the columns.
    fn picture(&self, tile: Tile, looks: u32) -> Vec<Vec<f32>> {
        let columns = tile.width(&self.lane());
        let piece = Piece { tile, first: 0, columns, pass: Pass { stride: 1, looks } };
        let levels = Computer::default().levels(&self.recording, self.bytes.as_ref(), &piece).unwrap();
        assert_eq!(levels.len(), (columns * tile.height()) as usize);
        let level = |kept: &i16| dbfs(*kept).unwrap_or(f32::NEG_INFINITY);
        levels.chunks(columns as usize).map(|row| row.iter().map(level).collect()).collect()
    }
}

fn tile(fft_log2: u32, column_log2: u32, pool_log2: u32) -> Tile {
    let grid = Grid { fft_log2, taper: Taper::Hann, column_log2, pool_log2 };
    Tile { lane: 0, grid, column: 0, row: 0 }
}

fn tone(hertz: f64, amplitude: f32, at: usize) -> Complex32 {
    let phase = TAU * (hertz * at as f64 / RATE_HZ).fract();
    Complex32::new(phase.cos() as f32, phase.sin() as f32) * amplitude
}

fn noise(seed: u64, sigma: f32) -> impl FnMut() -> Complex32 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    move || {
        let mut part = || {
            let value: f32 = StandardNormal.sample(&mut random);
            value * sigma / std::f32::consts::SQRT_2
        };
        Complex32::new(part(), part())
    }
}

/// The frequency is bin 160 of 512 above the middle for every size here; the level is the tone's own.
#[test]
fn a_tone_is_at_its_frequency_and_level_at_every_size_and_zoom() {
    let hertz = RATE_HZ * 10.0 / 64.0;
    let scene = Scene::new(1 << 18, |at| tone(hertz, 0.1, at));
    for fft_log2 in [6, 8, 11, 13] {
        for (column_log2, pool_log2) in [(fft_log2 - 2, 0), (fft_log2, 0), (fft_log2 + 3, 2), (16, fft_log2 - 3)] {
            let first = tile(fft_log2, column_log2, pool_log2);
            let found = (0..(1_u32 << (fft_log2 - pool_log2)).div_ceil(1024)).find_map(|row| {
                let tile = Tile { row, ..first };
                let (column, row) = tile.element(&scene.lane(), (1e-3, 100e6 + hertz))?;
                Some((tile, column, row))
            });
            let (tile, column, row) = found.unwrap();
            let picture = scene.picture(tile, 4);
            let level = picture[row as usize][column as usize];
            assert!((level + 20.0).abs() < 0.05, "{tile:?}: {level}");
            let strongest = picture.iter().map(|row| row[column as usize]).fold(f32::MIN, f32::max);
            assert!((strongest - level).abs() < 0.02, "{tile:?}: the strongest element is another");
        }
    }
}

/// One millisecond in four seconds, 500 transforms to a column: the mean alone would bury it 24 dB deep.
#[test]
fn a_short_burst_stays_visible_at_its_level_when_zoomed_out() {
    let mut noise = noise(1, 0.01);
    let at_burst = 2_000_384..2_001_384;
    let scene = Scene::new(4_000_000, |at| {
        noise() + if at_burst.contains(&at) { tone(0.0, 0.05, at) } else { Complex32::ZERO }
    });
    let picture = scene.picture(tile(8, 17, 0), u32::MAX);
    let burst = picture[127][2_000_384 >> 17];
    assert!((burst + 26.0).abs() < 0.8, "{burst}");
}

/// White noise of power P reads `P · 1.5 / N` in a bin under a Hann taper, whatever a column stands for.
#[test]
fn noise_keeps_its_level_at_every_zoom_in_time() {
    let mut noise = noise(2, 0.1);
    let scene = Scene::new(1 << 20, |_| noise());
    let wanted = 10.0 * (0.01 * 1.5 / 256.0_f32).log10();
    for column_log2 in [6, 8, 12, 16] {
        let picture = scene.picture(tile(8, column_log2, 0), u32::MAX);
        let levels: Vec<f32> = picture.into_iter().flatten().collect();
        let mean = levels.iter().map(|level| 10_f32.powf(level / 10.0)).sum::<f32>() / levels.len() as f32;
        let mean = 10.0 * mean.log10();
        assert!((mean - wanted).abs() < 0.3, "2^{column_log2}: {mean}, not {wanted}");
    }
}

/// A glimpse of each column must not take more samples than it says, and shows the same steady signal.
#[test]
fn a_glimpse_shows_what_the_whole_shows_of_a_steady_signal() {
    let scene = Scene::new(1 << 20, |at| tone(125e3, 0.5, at));
    let glimpse = scene.picture(tile(10, 14, 2), 1);
    let whole = scene.picture(tile(10, 14, 2), u32::MAX);
    let strongest = |picture: &[Vec<f32>]| picture.iter().flatten().copied().fold(f32::MIN, f32::max);
    assert!((strongest(&glimpse) - strongest(&whole)).abs() < 0.05);
}

#[test]
fn a_recording_shorter_than_a_transform_has_a_picture() {
    let scene = Scene::new(100, |at| tone(0.0, 1.0, at));
    let tile = tile(10, 6, 2);
    assert_eq!(tile.width(&scene.lane()), 2);
    let picture = scene.picture(tile, 1);
    assert!(picture.iter().flatten().all(|level| level.is_finite()));
}

/// The end of a signal lies at its column, although the transform at the edge is moved inward.
#[test]
fn the_last_columns_belong_to_the_last_samples() {
    let samples = 100_000 + 77;
    let scene = Scene::new(samples, |at| tone(0.0, if at < 90_000 { 0.5 } else { 0.0005 }, at));
    let picture = scene.picture(tile(8, 9, 0), u32::MAX);
    let row = &picture[127];
    assert_eq!(row.len(), samples.div_ceil(512));
    assert!((row[90_000 / 512 - 1] + 6.0).abs() < 0.1);
    assert!(row[90_000 / 512 + 1..].iter().all(|level| (level + 66.0).abs() < 1.0), "{row:?}");
}
