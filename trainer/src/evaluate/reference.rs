//! Clocks aligned on a reference transmitter against the same scenes with satellite clocks.

use std::f64::consts::PI;
use std::ops::ControlFlow;
use std::rc::Rc;

use anyhow::Context;
use heimdall_localize::{Geodesy, LocalFrame, Receiver, SPEED_OF_LIGHT_M_PER_S, tdoa_bound};
use heimdall_pipeline::{
    Band, Reference, ReferenceScheme, ReferenceSettings, Report, Scene, Settings, Solver, align_clocks, extract, plan,
};
use heimdall_recording::{ByteSource, Position, TimeGrade};
use heimdall_simulate::{
    FreeClock, Modulation, Noise, Propagation as Path, ReceiverSpec, ReferenceEmission, SampleFormat,
    Scene as SimulatedSpec, Transmitter, Unshared, sigmf_collection, simulate_unshared,
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::draw::{in_hull, receivers};
use super::iq::{BANDWIDTH_HZ, open};
use super::score::{Outcome, coverage, outcome};
use super::{Figure, draw, parallel};

const CENTER_HZ: f64 = 145.5e6;
/// What the receivers are tuned to for the reference, where they are.
const OTHER_HZ: f64 = 98.3e6;
/// From the centre to either emission, where one band holds both.
const APART_HZ: f64 = 10e3;
/// Length of the wanted signal's recording.
const WANTED_S: f64 = 2.0;
/// Errors of the receivers' oscillators, each way.
const MOST_PPM: f64 = 20.0;
const MOST_DRIFT_PPM_PER_S: f64 = 0.01;
/// Errors of the stamps, each way.
const MOST_STAMP_S: f64 = 1.0;
/// Errors of aligned scenes may be this much larger.
const MOST_RATIO: f64 = 2.0;
/// Share of the scenes that has to be aligned.
const LEAST_ALIGNED: f64 = 0.98;

#[derive(Clone, Copy)]
enum Scheme {
    Inside,
    Parts,
}

/// One scene, with satellite clocks and without.
struct Twins {
    /// Mean squared error of the delays over their bound's variance, [satellites, reference].
    delay: [f64; 2],
    /// eᵀ·CRLB⁻¹·e/2 of the fix.
    fix: [f64; 2],
    outcomes: [Outcome; 2],
    aligned: bool,
}

fn scene(seed: u64, study: u64, index: usize, scheme: Scheme, bias_sigma_s: f64) -> anyhow::Result<Twins> {
    let geodesy = Geodesy::default();
    let mut rng = draw::generator(seed, study, index);
    let stations = receivers(&mut rng, &geodesy, 3, 80e3);
    let truth = in_hull(&mut rng, &geodesy, &stations);
    let place = in_hull(&mut rng, &geodesy, &stations);
    let snr_db = 10.0 + 20.0 * rng.random::<f64>();
    let frequency_hz = match scheme {
        Scheme::Inside => CENTER_HZ + APART_HZ,
        Scheme::Parts => OTHER_HZ,
    };
    let part_s = matches!(scheme, Scheme::Parts).then_some(WANTED_S);
    let spec = spec(&mut rng, &stations, truth, snr_db, scheme, bias_sigma_s);
    let drawn = |rng: &mut ChaCha8Rng, most: f64| rng.random_range(-most..most);
    let free = |rng: &mut ChaCha8Rng| FreeClock {
        sample_ppm: drawn(rng, MOST_PPM),
        sample_drift_ppm_per_s: drawn(rng, MOST_DRIFT_PPM_PER_S),
        tuning_ppm: drawn(rng, MOST_PPM),
        tuning_drift_ppm_per_s: drawn(rng, MOST_DRIFT_PPM_PER_S),
    };
    let unshared = Unshared {
        reference: ReferenceEmission {
            position: place,
            frequency_hz,
            modulation: Modulation::FlatNoise { bandwidth_hz: BANDWIDTH_HZ },
            snr_db,
            excess_delay_sigma_s: bias_sigma_s,
        },
        clocks: stations.iter().map(|_| free(&mut rng)).collect(),
        part_s,
    };
    let disciplined = Unshared { clocks: vec![FreeClock::default(); stations.len()], ..unshared.clone() };
    let mut loose = spec.clone();
    for receiver in &mut loose.receivers {
        receiver.time_grade = TimeGrade::Ntp;
        receiver.clock_error_s = drawn(&mut rng, MOST_STAMP_S);
    }
    let reference = Reference {
        name: "the reference".into(),
        position: place,
        frequency_hz,
        bandwidth_hz: BANDWIDTH_HZ,
        position_sigma_m: 0.0,
    };
    let scheme_of = match scheme {
        Scheme::Inside => ReferenceScheme::Inside,
        Scheme::Parts => ReferenceScheme::Parts { part_s },
    };
    // Room for what the oscillators shift.
    let bandwidth_hz = BANDWIDTH_HZ + 2e-6 * MOST_PPM * CENTER_HZ;
    let settings = Settings {
        band: Some(Band { center_hz: CENTER_HZ + spec.transmitter.frequency_offset_hz, bandwidth_hz }),
        bias_sigma_s: (bias_sigma_s == 0.0).then_some(0.0),
        experts_off: vec!["level".into()],
        reference: Some(ReferenceSettings { reference, scheme: scheme_of }),
        ..Settings::default()
    };
    let bound = Bound::of(&geodesy, truth, &stations, snr_db)?;
    let mut twins = Twins { delay: [0.0; 2], fix: [0.0; 2], outcomes: Default::default(), aligned: true };
    for (slot, (spec, unshared)) in [(&spec, &disciplined), (&loose, &unshared)].into_iter().enumerate() {
        let report = report(spec, unshared, &settings)?;
        twins.delay[slot] = bound.delay_error(&report);
        twins.fix[slot] = report.fix.mean.map_or(f64::INFINITY, |mean| bound.fix_error(mean));
        twins.outcomes[slot] = outcome(&report.fix, truth);
        twins.aligned &= report.pairs.len() == 3;
    }
    Ok(twins)
}

fn spec(
    rng: &mut ChaCha8Rng,
    stations: &[Receiver],
    truth: Position,
    snr_db: f64,
    scheme: Scheme,
    bias_sigma_s: f64,
) -> SimulatedSpec {
    let (sample_rate_hz, parts, offset_hz) = match scheme {
        Scheme::Inside => (48e3, 1.0, -APART_HZ),
        Scheme::Parts => (32e3, 3.0, 500.0),
    };
    let receivers = stations.iter().map(|station| {
        let mut spec = ReceiverSpec::new(&station.name, station.position, sample_rate_hz, Noise::SnrDb(snr_db));
        spec.start_offset_ns = rng.random_range(0..100_000_000);
        spec
    });
    SimulatedSpec {
        receivers: receivers.collect(),
        seed: rng.random(),
        center_frequency_hz: CENTER_HZ,
        start_time_unix_ns: 1_700_000_000_000_000_000,
        duration_s: parts * WANTED_S,
        transmitter: Transmitter {
            position: truth,
            power_dbm: 40.0,
            frequency_offset_hz: offset_hz,
            modulation: Modulation::FlatNoise { bandwidth_hz: BANDWIDTH_HZ },
        },
        propagation: Path { excess_delay_sigma_s: bias_sigma_s, ..Path::free_space() },
    }
}

/// As `heimdall locate --reference` does it, from files in memory.
fn report(spec: &SimulatedSpec, unshared: &Unshared, settings: &Settings) -> anyhow::Result<Report> {
    let simulated = simulate_unshared(spec, unshared)?;
    let mut scene = Scene { settings: settings.clone(), ..Scene::default() };
    let sources: Vec<Rc<dyn ByteSource>> =
        open(sigmf_collection(&simulated, "scene", SampleFormat::Cf32Le)?, &mut scene)?;
    let go_on = &mut |_| ControlFlow::Continue(());
    if let Some(clocks) = align_clocks(&scene, &sources, go_on) {
        clocks.apply(&mut scene);
    }
    let channels = match plan(&scene) {
        Some(plan) => {
            let both = scene.recordings.iter().zip(&sources);
            let channels = both.map(|(entry, source)| extract(entry, source.as_ref(), &plan, go_on));
            channels.collect::<Result<Vec<_>, _>>()?
        }
        None => Vec::new(),
    };
    Ok(Solver::default().solve(&scene, &channels, &mut |_| ControlFlow::Continue(())))
}

/// Cramér–Rao bounds of the wanted signal with perfect clocks.
struct Bound<'a> {
    geodesy: &'a Geodesy,
    truth: Position,
    stations: &'a [Receiver],
    pair_variance_s2: f64,
    covariance_m2: [f64; 3],
}

impl<'a> Bound<'a> {
    fn of(geodesy: &'a Geodesy, truth: Position, stations: &'a [Receiver], snr_db: f64) -> anyhow::Result<Self> {
        // Three noisy copies of one Gaussian signal, as in the study of efficiency.
        let s = 10f64.powf(snr_db / 10.0);
        let k = 2.0 * WANTED_S * (2.0 * PI).powi(2) * BANDWIDTH_HZ.powi(3) / 12.0;
        let all = s * stations.len() as f64;
        let variance_s2 = (1.0 + all) / (k * s * all);
        let positions: Vec<Position> = stations.iter().map(|r| r.position).collect();
        let variances = vec![variance_s2 * SPEED_OF_LIGHT_M_PER_S.powi(2); stations.len()];
        let covariance_m2 = tdoa_bound(geodesy, truth, &positions, &variances).context("a bound")?;
        Ok(Self { geodesy, truth, stations, pair_variance_s2: (1.0 + 2.0 * s) / (k * s * s), covariance_m2 })
    }

    fn delay_error(&self, report: &Report) -> f64 {
        let distance_m = |name: &str| {
            let station = self.stations.iter().find(|station| station.name == name);
            station.map_or(f64::NAN, |station| self.geodesy.distance_m(station.position, self.truth))
        };
        let squares = report.pairs.iter().map(|pair| {
            let [a, b] = &pair.receivers;
            let true_s = (distance_m(a) - distance_m(b)) / SPEED_OF_LIGHT_M_PER_S;
            (pair.lag_s - true_s).powi(2) / self.pair_variance_s2
        });
        squares.sum::<f64>() / report.pairs.len().max(1) as f64
    }

    fn fix_error(&self, mean: Position) -> f64 {
        let [ee, en, nn] = self.covariance_m2;
        let [e, n] = LocalFrame { origin: self.truth }.east_north_m(self.geodesy, mean);
        0.5 * (nn * e * e - 2.0 * en * e * n + ee * n * n) / (ee * nn - en * en)
    }
}

/// Root of the median over scenes: a fix of three receivers may lie at the other crossing of the hyperbolas, with any
/// clock.
fn typical(twins: &[Twins], of: impl Fn(&Twins) -> f64) -> f64 {
    let mut values: Vec<f64> = twins.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN).sqrt()
}

fn root_mean(twins: &[Twins], of: impl Fn(&Twins) -> f64) -> f64 {
    (twins.iter().map(of).sum::<f64>() / twins.len().max(1) as f64).sqrt()
}

/// Both schemes, without biases for the errors and with them for the regions.
pub(crate) fn study(scenes: usize, seed: u64) -> anyhow::Result<Vec<Figure>> {
    let run = |study: u64, scheme: Scheme, bias_sigma_s: f64| -> anyhow::Result<Vec<Twins>> {
        let twins = parallel::map(scenes, |index| {
            scene(seed, study, index, scheme, bias_sigma_s).map_err(|error| format!("scene {index}: {error:#}"))
        });
        twins.into_iter().collect::<Result<Vec<_>, _>>().map_err(anyhow::Error::msg)
    };
    let mut figures = Vec::new();
    for (study, scheme, name) in
        [(70, Scheme::Inside, "Reference in the same band"), (72, Scheme::Parts, "Reference, target, reference")]
    {
        let exact = run(study, scheme, 0.0)?;
        let aligned: Vec<Twins> = exact.into_iter().filter(|twins| twins.aligned).collect();
        let share = aligned.len() as f64 / scenes.max(1) as f64;
        figures.push(Figure {
            what: format!("{name}: scenes aligned (of {scenes}; ±1 s, ±20 ppm, drift)"),
            value: format!("{:.1} %", 100.0 * share),
            wanted: format!("≥ {:.0} %", 100.0 * LEAST_ALIGNED),
            reached: Some(share >= LEAST_ALIGNED),
        });
        let errors: [(&str, [f64; 2]); 3] = [
            ("delay error, root mean square", [0, 1].map(|slot| root_mean(&aligned, |twins| twins.delay[slot]))),
            ("fix error, root of the median square", [0, 1].map(|slot| typical(&aligned, |twins| twins.fix[slot]))),
            ("delay error, root of the median square", [0, 1].map(|slot| typical(&aligned, |twins| twins.delay[slot]))),
        ];
        for (what, [satellites, reference]) in errors {
            let ratio = reference / satellites;
            figures.push(Figure {
                what: format!("{name}: {what}, over that with GNSS clocks"),
                value: format!("{reference:.2} / {satellites:.2} σ = {ratio:.2}"),
                wanted: format!("≤ {MOST_RATIO}"),
                reached: Some(ratio <= MOST_RATIO),
            });
        }
        let biased = run(study + 1, scheme, heimdall_localize::Propagation::LineOfSight.bias_sigma_s())?;
        for (slot, clocks) in ["GNSS clocks", "aligned clocks"].into_iter().enumerate() {
            let outcomes: Vec<Outcome> = biased.iter().map(|twins| twins.outcomes[slot]).collect();
            figures.extend(coverage(&format!("{name}, biased, {clocks}"), &outcomes, false));
        }
    }
    Ok(figures)
}
