//! Scenes from IQ: simulated recordings through the whole pipeline.

use std::ops::ControlFlow;
use std::rc::Rc;

use anyhow::Context;
use heimdall_localize::{Geodesy, Propagation, Receiver, search_area};
use heimdall_pipeline::{Report, Scene, SceneRecording, Settings, Solver, extract, plan, survey};
use heimdall_recording::{ByteSource, Content, InputFile, Position, TypedFacts};
use heimdall_simulate::{
    Modulation, NamedBytes, Noise, Propagation as Path, ReceiverSpec, SampleFormat, Scene as SimulatedSpec,
    Transmitter, sigmf_collection, simulate,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::draw::{in_disc, receivers};
use super::measured::extent_m;
use super::score::{Outcome, coverage, outcome};
use super::{Figure, draw, parallel};

/// What a scene is drawn with.
pub(crate) struct Spec {
    pub(crate) center_frequency_hz: f64,
    pub(crate) duration_s: f64,
    pub(crate) bias_sigma_s: f64,
    pub(crate) settings: Settings,
    pub(crate) modulation: Modulation,
}

pub(crate) const BANDWIDTH_HZ: f64 = 12_500.0;
const SAMPLE_RATE_HZ: f64 = 16_000.0;

/// Simulates the scene, writes it as SigMF, opens that and solves it, as the page would.
pub(crate) fn report(
    rng: &mut ChaCha8Rng,
    spec: &Spec,
    receivers: &[Receiver],
    snr_db: &[f64],
    truth: Position,
) -> anyhow::Result<Report> {
    let simulated = simulate(&SimulatedSpec {
        seed: rng.random(),
        center_frequency_hz: spec.center_frequency_hz,
        start_time_unix_ns: 1_700_000_000_000_000_000,
        duration_s: spec.duration_s,
        transmitter: Transmitter {
            position: truth,
            power_dbm: 40.0,
            frequency_offset_hz: 0.0,
            modulation: spec.modulation,
        },
        receivers: receivers
            .iter()
            .zip(snr_db)
            .map(|(receiver, snr_db)| {
                let mut spec =
                    ReceiverSpec::new(&receiver.name, receiver.position, SAMPLE_RATE_HZ, Noise::SnrDb(*snr_db));
                spec.start_offset_ns = rng.random_range(0..200_000);
                spec
            })
            .collect(),
        propagation: Path { excess_delay_sigma_s: spec.bias_sigma_s, ..Path::free_space() },
    })?;
    let mut scene = Scene { settings: spec.settings.clone(), ..Scene::default() };
    let sources = open(sigmf_collection(&simulated, "scene", SampleFormat::Cf32Le)?, &mut scene)?;
    let go_on = &mut |_| ControlFlow::Continue(());
    let plan = plan(&scene).context("a plan for the scene")?;
    let channels =
        scene.recordings.iter().zip(&sources).map(|(entry, source)| extract(entry, source.as_ref(), &plan, go_on));
    let channels = channels.collect::<Result<Vec<_>, _>>()?;
    Ok(Solver::default().solve(&scene, &channels, &mut |_| ControlFlow::Continue(())))
}

/// Opens files in memory into a scene, as the page would; gives the bytes of each recording.
pub(crate) fn open(files: Vec<NamedBytes>, scene: &mut Scene) -> anyhow::Result<Vec<Rc<dyn ByteSource>>> {
    let mut sources: Vec<Rc<dyn ByteSource>> = Vec::new();
    let files: Vec<InputFile> =
        files.into_iter().map(|file| InputFile { name: file.name, source: Rc::new(file.bytes) }).collect();
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    for members in heimdall_recording::group(&names) {
        let group: Vec<InputFile> = members.iter().filter_map(|index| files.get(*index).cloned()).collect();
        for content in heimdall_recording::open(&group, &TypedFacts::default())? {
            let Content::Recording(recording) = content else { continue };
            let source = Rc::clone(&group.get(recording.source_index).context("the file of a recording")?.source);
            let survey = survey(&recording, source.as_ref())?;
            scene.recordings.push(SceneRecording { id: recording.name.clone(), recording, survey, sha256: None });
            sources.push(source);
        }
    }
    Ok(sources)
}

/// Emissions that are not flat noise, in turn.
const OTHER_MODULATIONS: [Modulation; 5] = [
    Modulation::Fsk { symbol_rate_hz: 1200.0, deviation_hz: 2400.0 },
    Modulation::NbfmVoiceLike { deviation_hz: 2500.0 },
    Modulation::Am { depth: 0.7 },
    Modulation::Fsk { symbol_rate_hz: 100.0, deviation_hz: 200.0 },
    Modulation::CwKeyed { words_per_minute: 20.0 },
];

fn scene(seed: u64, study: u64, index: usize, modulation: Option<Modulation>) -> anyhow::Result<Outcome> {
    let geodesy = Geodesy::default();
    let mut rng = draw::generator(seed, study, index);
    let (propagation, center_frequency_hz, duration_s) = match index % 3 {
        0 => (Propagation::LineOfSight, 145.5e6, 0.1),
        1 => (Propagation::GroundWave, 77.5e3, 0.5),
        _ => (Propagation::SkyWave, 7.1e6, 0.5),
    };
    let count = rng.random_range(3..=6);
    let receivers = receivers(&mut rng, &geodesy, count, extent_m(propagation));
    let area = search_area(&geodesy, &receivers, propagation).context("an area to search")?;
    let truth = in_disc(&mut rng, &geodesy, &area);
    let snr_db: Vec<f64> = receivers.iter().map(|_| 10.0 + 20.0 * rng.random::<f64>()).collect();
    let spec = Spec {
        center_frequency_hz,
        duration_s: if modulation.is_some() { 2.0 } else { duration_s },
        modulation: modulation.unwrap_or(Modulation::FlatNoise { bandwidth_hz: BANDWIDTH_HZ }),
        bias_sigma_s: propagation.bias_sigma_s(),
        settings: Settings { experts_off: vec!["level".into()], ..Settings::default() },
    };
    let report = report(&mut rng, &spec, &receivers, &snr_db, truth)?;
    Ok(outcome(&report.fix, truth))
}

/// Coverage over LF, HF and VHF scenes with the biases that the experts state; other emissions beside.
pub(crate) fn study(scenes: usize, seed: u64) -> anyhow::Result<Vec<Figure>> {
    let run = |count: usize, study: u64, modulation: Option<Modulation>| -> anyhow::Result<Vec<Outcome>> {
        let outcomes = parallel::map(count, |index| {
            scene(seed, study, index, modulation).map_err(|error| format!("scene {index}: {error:#}"))
        });
        outcomes.into_iter().collect::<Result<Vec<_>, _>>().map_err(anyhow::Error::msg)
    };
    let mut figures = coverage("TDoA from IQ, flat noise, LF, HF and VHF", &run(scenes, 40, None)?, true);
    for (index, modulation) in OTHER_MODULATIONS.into_iter().enumerate() {
        let name = format!("TDoA from IQ, {modulation:?}");
        figures.extend(coverage(&name, &run(scenes / 10, 41 + index as u64, Some(modulation))?, false));
    }
    Ok(figures)
}
