//! Prints how often the hint at exchanged I and Q is given where it should, and where it should not:
//! `cargo run --release -p heimdall-pipeline --example mirrored`.
//!
//! Each scene: one emission of random kind, place in the band and signal-to-noise ratio (−5…30 dB at each receiver); in
//! each recording up to three carriers that the others do not hear, a receiver's offset, and a filter that tilts.

use std::ops::ControlFlow;

use heimdall_pipeline::{Report, Scene, SceneRecording, Solver, survey};
use heimdall_recording::{Content, InputFile, Position, TypedFacts, open};
use heimdall_simulate::{
    Modulation, Noise, Propagation, ReceiverSpec, SampleFormat, Transmitter, sigmf_collection, simulate,
};
use num_complex::Complex32;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const RATE_HZ: f64 = 48e3;
const SCENES: usize = 200;

fn main() -> Outcome<()> {
    println!("receivers  emission   mirrored: found   others hinted at   none mirrored: scenes with a hint");
    for receivers in [2, 3, 4, 6] {
        for centred in [false, true] {
            let (mut found, mut wrong, mut others, mut alarms) = (0, 0, 0, 0);
            for number in 0..SCENES {
                let mut rng = ChaCha8Rng::seed_from_u64((number * 8 + receivers) as u64);
                let scene = draw(&mut rng, receivers, centred)?;
                let hinted = |report: &Report| -> Vec<bool> {
                    let is_hint = |notice: &String| notice.contains("mirror image");
                    report.recordings.iter().map(|recording| recording.notices.iter().any(is_hint)).collect()
                };
                alarms += usize::from(hinted(&solve(&scene)).contains(&true));
                let hints = hinted(&solve(&mirror_first(&scene)?));
                found += usize::from(hints.first() == Some(&true));
                wrong += hints.iter().skip(1).filter(|hint| **hint).count();
                others += receivers - 1;
            }
            let share = |count: usize, of: usize| 100.0 * count as f64 / of as f64;
            println!(
                "{receivers:9}  {:9}  {:14.1} %  {:15.1} %  {:32.1} %",
                if centred { "centred" } else { "beside" },
                share(found, SCENES),
                share(wrong, others),
                share(alarms, SCENES)
            );
        }
    }
    Ok(())
}

/// A scene whose recordings are as they should be, with their files.
struct Drawn {
    scene: Scene,
    files: Vec<Vec<InputFile>>,
}

fn solve(drawn: &Drawn) -> Report {
    Solver::default().solve(&drawn.scene, &[], &mut |_| ControlFlow::Continue(()))
}

fn draw(rng: &mut ChaCha8Rng, count: usize, centred: bool) -> Outcome<Drawn> {
    let modulations = [
        Modulation::FlatNoise { bandwidth_hz: rng.random_range(1e3..15e3) },
        Modulation::Fsk { symbol_rate_hz: 1200.0, deviation_hz: 2400.0 },
        Modulation::NbfmVoiceLike { deviation_hz: 2500.0 },
        Modulation::CwKeyed { words_per_minute: 20.0 },
        Modulation::Am { depth: 0.7 },
        Modulation::Ofdm { subcarriers: 16, spacing_hz: 250.0, prefix: 0.1 },
    ];
    let modulation = modulations.get(rng.random_range(0..modulations.len())).copied().ok_or("no modulation")?;
    let receiver = |index: usize, rng: &mut ChaCha8Rng| {
        let place =
            Position::new(45.0 + rng.random_range(-0.5..0.5), 8.0 + rng.random_range(-0.5..0.5)).ok_or("no place")?;
        let noise = Noise::SnrDb(rng.random_range(-5.0..30.0));
        Ok::<_, &str>(ReceiverSpec::new(&format!("R{index}"), place, RATE_HZ, noise))
    };
    let mut simulated = simulate(&heimdall_simulate::Scene {
        seed: rng.random(),
        center_frequency_hz: 145.5e6,
        start_time_unix_ns: 1_700_000_000_000_000_000,
        duration_s: 0.5,
        transmitter: Transmitter {
            position: Position::new(45.05, 8.35).ok_or("no place")?,
            power_dbm: 40.0,
            frequency_offset_hz: if centred { 0.0 } else { rng.random_range(-12e3..12e3) },
            modulation,
        },
        receivers: (0..count).map(|index| receiver(index, rng)).collect::<Result<_, _>>()?,
        propagation: Propagation::free_space(),
    })?;
    for receiver in &mut simulated.receivers {
        spoil(&mut receiver.iq, rng);
    }
    let mut files: Vec<Vec<InputFile>> = Vec::new();
    let named = sigmf_collection(&simulated, "scene", SampleFormat::Cf32Le)?;
    let inputs: Vec<InputFile> =
        named.into_iter().map(|file| InputFile { name: file.name, source: std::rc::Rc::new(file.bytes) }).collect();
    let names: Vec<String> = inputs.iter().map(|file| file.name.clone()).collect();
    for members in heimdall_recording::group(&names) {
        files.push(members.into_iter().filter_map(|member| inputs.get(member).cloned()).collect());
    }
    files.retain(|group| group.len() == 2);
    let mut drawn = Drawn { scene: Scene::default(), files: Vec::new() };
    for group in files {
        drawn.scene.recordings.push(opened(&group, &TypedFacts::default())?);
        drawn.files.push(group);
    }
    Ok(drawn)
}

/// The scene with I and Q of the first recording exchanged.
fn mirror_first(drawn: &Drawn) -> Outcome<Drawn> {
    let mut scene = drawn.scene.clone();
    let typed = TypedFacts { iq_swap: Some(true), ..TypedFacts::default() };
    if let (Some(first), Some(group)) = (scene.recordings.first_mut(), drawn.files.first()) {
        *first = opened(group, &typed)?;
    }
    Ok(Drawn { scene, files: Vec::new() })
}

fn opened(group: &[InputFile], typed: &TypedFacts) -> Outcome<SceneRecording> {
    let contents = open(group, typed)?;
    let Some(Content::Recording(recording)) = contents.into_iter().next() else { return Err("no recording".into()) };
    let source = &group.get(recording.source_index).ok_or("no file")?.source;
    let survey = survey(&recording, source.as_ref())?;
    Ok(SceneRecording { id: recording.name.clone(), recording, survey, sha256: None })
}

/// What only this receiver has: carriers nearby, an offset, and a filter of two taps, up to 3 dB from edge to edge.
fn spoil(iq: &mut [Complex32], rng: &mut ChaCha8Rng) {
    let power = iq.iter().map(|x| x.norm_sqr()).sum::<f32>() / iq.len().max(1) as f32;
    for _ in 0..rng.random_range(0..=3) {
        let amplitude = (power * 10f32.powf(rng.random_range(-30.0..0.0) / 10.0)).sqrt();
        let step = rng.random_range(-3.0_f32..3.0);
        iq.iter_mut()
            .enumerate()
            .for_each(|(n, x)| *x += Complex32::from_polar(amplitude, (step * n as f32) % std::f32::consts::TAU));
    }
    let offset = Complex32::from_polar((power * 0.01).sqrt(), 1.0);
    let tap = Complex32::from_polar(rng.random_range(0.0..0.17), rng.random_range(0.0..std::f32::consts::TAU));
    let mut before = Complex32::ZERO;
    for x in iq.iter_mut() {
        let now = *x;
        *x = now + tap * before + offset;
        before = now;
    }
}
