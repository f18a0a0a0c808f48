//! Scenes as a user drops them: files in memory, opened, surveyed, extracted and solved.
#![allow(dead_code, clippy::unwrap_used)]

use std::ops::ControlFlow;
use std::rc::Rc;

use heimdall_pipeline::{Channel, Report, Scene, SceneRecording, Solver, extract, plan, survey};
use heimdall_recording::{ByteSource, Content, InputFile, Position, TypedFacts};
use heimdall_simulate::{Modulation, Noise, Propagation, ReceiverSpec, SampleFormat, Transmitter};
use num_complex::Complex32;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde_json::json;

/// Start of all scenes: 2023-11-14T22:13:20Z.
pub const START_NS: i64 = 1_700_000_000_000_000_000;
pub const TRUTH: Position = Position { latitude_deg: 45.05, longitude_deg: 8.35 };
const PLACES: [(f64, f64); 5] = [(45.02, 7.29), (45.234, 7.857), (44.561, 8.956), (44.395, 8.456), (45.478, 9.123)];

pub fn place(latitude_deg: f64, longitude_deg: f64) -> Position {
    Position::new(latitude_deg, longitude_deg).unwrap()
}

/// A scene and the bytes of each of its recordings.
#[derive(Default)]
pub struct Dropped {
    pub scene: Scene,
    pub sources: Vec<Rc<dyn ByteSource>>,
}

impl Dropped {
    pub fn add(&mut self, files: &[(String, Vec<u8>)]) {
        let files: Vec<InputFile> = files
            .iter()
            .map(|(name, bytes)| InputFile { name: name.clone(), source: Rc::new(bytes.clone()) })
            .collect();
        let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        for members in heimdall_recording::group(&names) {
            let group: Vec<InputFile> = members.iter().map(|index| files[*index].clone()).collect();
            for content in heimdall_recording::open(&group, &TypedFacts::default()).unwrap() {
                match content {
                    Content::Recording(recording) => {
                        let source = Rc::clone(&group[recording.source_index].source);
                        let survey = survey(&recording, source.as_ref()).unwrap();
                        let id = format!("{}-{}", self.scene.recordings.len(), recording.name);
                        self.scene.recordings.push(SceneRecording { id, recording, survey, sha256: None });
                        self.sources.push(source);
                    }
                    Content::Receivers { rows, .. } => self.scene.receivers.extend(rows),
                    Content::Reports { rows, .. } => self.scene.reports.extend(rows),
                    Content::Collection(collection) => self.scene.collections.push(collection),
                    Content::Refused { name, error } => panic!("{name}: {error}"),
                }
            }
        }
    }

    pub fn channels(&self) -> Vec<Channel> {
        let Some(plan) = plan(&self.scene) else { return Vec::new() };
        let go_on = &mut |_| ControlFlow::Continue(());
        let both = self.scene.recordings.iter().zip(&self.sources);
        both.map(|(entry, source)| extract(entry, source.as_ref(), &plan, go_on).unwrap()).collect()
    }

    pub fn solve(&self) -> Report {
        self.solve_with(&mut Solver::default())
    }

    pub fn solve_with(&self, solver: &mut Solver) -> Report {
        solver.solve(&self.scene, &self.channels(), &mut |_| ControlFlow::Continue(()))
    }

    /// Level and bearing tables or receivers as text.
    pub fn with_csv(mut self, name: &str, text: &str) -> Self {
        self.add(&[(name.into(), text.as_bytes().to_vec())]);
        self
    }
}

/// A simulated scene around [`TRUTH`]: five receivers, flat noise of 10 kHz at 20 dB, 0.3 s, for tests to vary.
pub fn spec() -> heimdall_simulate::Scene {
    let receiver = |(index, (lat, lon)): (usize, &(f64, f64))| {
        let mut spec = ReceiverSpec::new(&format!("R{}", index + 1), place(*lat, *lon), 16e3, Noise::SnrDb(20.0));
        spec.start_offset_ns = 12_345_678 * index as i64;
        spec
    };
    heimdall_simulate::Scene {
        seed: 5,
        center_frequency_hz: 145.5e6,
        start_time_unix_ns: START_NS,
        duration_s: 0.3,
        transmitter: Transmitter {
            position: TRUTH,
            power_dbm: 40.0,
            frequency_offset_hz: 300.0,
            modulation: Modulation::FlatNoise { bandwidth_hz: 10e3 },
        },
        receivers: PLACES.iter().enumerate().map(receiver).collect(),
        propagation: Propagation::free_space(),
    }
}

pub fn dropped(spec: &heimdall_simulate::Scene) -> Dropped {
    let simulated = heimdall_simulate::simulate(spec).unwrap();
    let files = heimdall_simulate::sigmf_collection(&simulated, "scene", SampleFormat::Cf32Le).unwrap();
    let mut dropped = Dropped::default();
    dropped.add(&files.into_iter().map(|file| (file.name, file.bytes)).collect::<Vec<_>>());
    dropped
}

/// What a hand-made recording says of itself.
pub struct Meta<'a> {
    pub station: &'a str,
    pub rate_hz: f64,
    pub center_hz: f64,
    pub start: &'a str,
    pub position: (f64, f64),
    pub time_grade: &'a str,
}

impl Default for Meta<'_> {
    fn default() -> Self {
        Self {
            station: "R1",
            rate_hz: 16e3,
            center_hz: 145.5e6,
            start: "2023-11-14T22:13:20.000000000Z",
            position: (45.0, 8.0),
            time_grade: "gnss",
        }
    }
}

impl Meta<'_> {
    /// A SigMF pair of floats.
    pub fn floats(&self, samples: &[Complex32]) -> Vec<(String, Vec<u8>)> {
        self.files("cf32_le", samples.iter().flat_map(|s| [s.re, s.im]).flat_map(f32::to_le_bytes).collect())
    }

    /// A SigMF pair of 16-bit integers; what exceeds full scale is clipped.
    pub fn integers(&self, samples: &[Complex32]) -> Vec<(String, Vec<u8>)> {
        let values = samples.iter().flat_map(|s| [s.re, s.im]);
        self.files("ci16_le", values.flat_map(|v| ((v * 32_768.0).round() as i16).to_le_bytes()).collect())
    }

    fn files(&self, datatype: &str, data: Vec<u8>) -> Vec<(String, Vec<u8>)> {
        let meta = json!({
            "global": {
                "core:datatype": datatype, "core:sample_rate": self.rate_hz, "core:version": "1.2.0",
                "heimdall:station": self.station, "heimdall:time_grade": self.time_grade,
            },
            "captures": [{
                "core:sample_start": 0, "core:frequency": self.center_hz, "core:datetime": self.start,
                "core:geolocation": {"type": "Point", "coordinates": [self.position.1, self.position.0]},
            }],
            "annotations": [],
        });
        let name = |extension: &str| format!("{}.{extension}", self.station);
        vec![(name("sigmf-meta"), meta.to_string().into_bytes()), (name("sigmf-data"), data)]
    }
}

pub fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Complex white noise of mean power 1.
pub fn noise(rng: &mut ChaCha8Rng, len: usize) -> Vec<Complex32> {
    let mut axis = || -> f32 { StandardNormal.sample(rng) };
    (0..len).map(|_| Complex32::new(axis(), axis()) * std::f32::consts::FRAC_1_SQRT_2).collect()
}

pub fn tone(frequency_hz: f64, rate_hz: f64, amplitude: f64, len: usize) -> Vec<Complex32> {
    let phase = |n: usize| std::f64::consts::TAU * (frequency_hz * n as f64 / rate_hz).fract();
    let sample = |n: usize| num_complex::Complex64::from_polar(amplitude, phase(n));
    (0..len).map(sample).map(|z| Complex32::new(z.re as f32, z.im as f32)).collect()
}

pub fn sum(a: &[Complex32], b: &[Complex32], gain: f32) -> Vec<Complex32> {
    a.iter().zip(b).map(|(a, b)| a + b * gain).collect()
}

pub fn says(sentences: &[String], part: &str) -> bool {
    sentences.iter().any(|sentence| sentence.contains(part))
}
