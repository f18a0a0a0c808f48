//! Forward and backward pass against timm and PyTorch (tests/golden/make_goldens.py, which names the versions).

use std::collections::HashMap;

use burn::tensor::Device;
use serde::Deserialize;

use crate::data::PLANE_LEN;
use crate::forward::Graph;
use crate::gradient::{Batch, numbers};
use crate::layout::{BANDS, FRAMES, Part};
use crate::loss::Loss;
use crate::maps::cell_of;
use crate::network::{Head, NetworkConfig};
use crate::size::Size;
use crate::weights::LocalizationNet;

#[derive(Deserialize)]
struct Goldens {
    forward: Vec<Forward>,
    gradient: Vec<Gradient>,
}

#[derive(Deserialize)]
struct Case {
    size: Size,
    head: Head,
    planes: usize,
    scenes: usize,
    head_width: usize,
}

#[derive(Deserialize)]
struct Forward {
    #[serde(flatten)]
    case: Case,
    largest_feature: f32,
    channel_step: usize,
    features: Vec<f32>,
    position: Vec<f32>,
    factor: Vec<f32>,
    density: Vec<f32>,
}

#[derive(Deserialize)]
struct Gradient {
    #[serde(flatten)]
    case: Case,
    loss: f64,
    norm_and_projection: HashMap<String, [f64; 2]>,
}

fn goldens() -> Goldens {
    serde_json::from_str(include_str!("../tests/golden/goldens.json")).unwrap()
}

/// Even on [−1, 1): FNV-1a of the name, then MurmurHash3's finaliser of name and index, upper 24 bits.
fn noise(name: &str, count: usize) -> impl Iterator<Item = f64> + use<> {
    let key = name.bytes().fold(2_166_136_261u32, |key, byte| (key ^ u32::from(byte)).wrapping_mul(16_777_619));
    (0..count as u32).map(move |index| {
        let mut x = index.wrapping_mul(0x9E37_79B9).wrapping_add(key);
        x = (x ^ (x >> 16)).wrapping_mul(0x85EB_CA6B);
        x = (x ^ (x >> 13)).wrapping_mul(0xC2B2_AE35);
        x ^= x >> 16;
        f64::from(x >> 8) / f64::from(1 << 23) - 1.0
    })
}

/// Middle and spread of what is no ordinary weight.
const RANGES: [(&str, f64, f64); 13] = [
    ("measure.noise", 1.0 / 128.0, 0.3 / 128.0),
    ("measure.half_lag_us", 430.0, 50.0),
    ("measure.floor", -2.0, 0.0),
    ("measure.decibels", 20.0, 0.0),
    ("measured.inverse_deviation", 0.04, 0.02),
    ("place.receivers_km", 0.0, 40.0),
    ("place.half_extent_km", 70.0, 0.0),
    ("place.scale_km", 50.0, 0.0),
    ("place.common_db", 50.0, 40.0),
    ("place.level_db", -50.0, 10.0),
    ("place.level_variance", 3.0, 1.0),
    ("place.excess_us", 2.5, 0.5),
    ("place.excess_variance", 0.5, 0.2),
];
const CELLS: usize = 16;
/// Side of the square of cells in units of the scale.
const EXTENT: f64 = 2.8;

fn weights(name: &str, shape: &[usize]) -> Vec<f32> {
    let fan_in: usize = shape.iter().skip(1).product();
    let root = (3.0 / fan_in as f64).sqrt();
    let range = RANGES.iter().find(|(other, ..)| *other == name);
    let value = |u: f64| match (range, name.rsplit('.').next()) {
        (Some((_, middle, spread)), _) => middle + spread * u,
        _ if shape.len() > 1 => u * root,
        (_, Some("gamma")) => 0.5 + 0.2 * u,
        (_, Some("weight")) => 1.0 + 0.3 * u,
        _ => 0.2 * u,
    };
    noise(name, shape.iter().product()).map(|u| value(u) as f32).collect()
}

impl Case {
    fn net(&self) -> LocalizationNet {
        let config = NetworkConfig {
            size: self.size,
            head: self.head,
            planes: self.planes,
            head_width: self.head_width,
            cells: CELLS,
            ..NetworkConfig::default()
        };
        let mut net = LocalizationNet::new(&config, 0).unwrap();
        for entry in net.layout.entries.clone() {
            let values = weights(&entry.name, &entry.shape);
            assert!(net.set_tensor(&entry.name, &values));
        }
        net
    }

    /// (N, C, 128, 32).
    fn planes(&self) -> Vec<f32> {
        let receivers = (((8 * self.planes + 1) as f64).sqrt() as usize - 1) / 2;
        let pairs = self.planes - receivers;
        let mut levels = noise("planes", self.scenes * receivers * PLANE_LEN);
        let mut ripple = noise("ripple", self.scenes * pairs * PLANE_LEN);
        let places: Vec<f64> = noise("places", 2 * self.scenes).map(|u| 40.0 * u).collect();
        let sites = weights("place.receivers_km", &[receivers, 2]);
        let half_lag_us = weights("measure.half_lag_us", &[pairs]);
        let mut numbers = Vec::with_capacity(self.scenes * self.planes * PLANE_LEN);
        for place in places.chunks_exact(2) {
            numbers.extend(levels.by_ref().take(receivers * PLANE_LEN).map(|u| u as f32));
            let delay_us =
                |site: &[f32]| (place[0] - f64::from(site[0])).hypot(place[1] - f64::from(site[1])) / 0.299_792_458;
            let delays_us: Vec<f64> = sites.chunks_exact(2).map(delay_us).collect();
            let lags_us = (0..receivers).flat_map(|a| (a + 1..receivers).map(move |b| (a, b)));
            for ((a, b), half_us) in lags_us.zip(&half_lag_us) {
                let middle = (delays_us[a] - delays_us[b]) / f64::from(*half_us);
                numbers.extend(ripple.by_ref().take(PLANE_LEN).enumerate().map(|(index, u)| {
                    let bin = ((index / FRAMES) as f64 + 0.5) / (BANDS / 2) as f64 - 1.0;
                    (0.9 * (-50.0 * (bin - middle).powi(2)).exp() + 0.02 * (1.0 + u)) as f32
                }));
            }
        }
        numbers
    }

    /// Near the places that the planes were made from, in units of the scale.
    fn target_places(&self) -> Vec<f64> {
        let (places, apart) = (noise("places", 2 * self.scenes), noise("targets", 2 * self.scenes));
        places.zip(apart).map(|(place, apart)| 0.8 * place + 0.06 * apart).collect()
    }

    fn batch(&self) -> Batch {
        let targets = self.target_places();
        let cell = |t: &[f64]| cell_of([t[0], t[1]], EXTENT, CELLS) as i64;
        let cells = targets.chunks_exact(2).map(cell).collect();
        let targets = targets.into_iter().map(|x| x as f32).collect();
        Batch { planes: self.planes(), targets, cells, kept: None }
    }

    /// Mean loss and its gradient in the flat order of the parameters, as in training. `kept` as in [`Batch`].
    fn gradient(&self, net: &LocalizationNet, kept: Option<Vec<Vec<f32>>>) -> (f64, Vec<f32>) {
        let trained = vec![true; net.layout.entries.len()];
        let batch = Batch { kept, ..self.batch() };
        let (loss, gradient) = batch.gradient(net, &trained, &[], Loss::Gaussian, self.scenes).unwrap();
        (loss / self.scenes as f64, gradient)
    }
}

/// Largest difference as a part of `largest`.
fn difference(got: &[f32], expected: &[f32], largest: f32) -> f32 {
    assert_eq!(got.len(), expected.len());
    got.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most: f32, x| most.max(x.abs()))
}

/// The last stage's map before the head's norm: timm pools and then norms, which `pooled` follows; its position and
/// factor hold only if it does. The flattening heads norm every cell, as the script does.
#[test]
fn forward_pass_is_that_of_timm() {
    let device = Device::flex();
    for Forward { case, largest_feature, channel_step, features, position, factor, density } in goldens().forward {
        let net = case.net();
        let graph = Graph::new(&net.config, &net.layout, &net.values, &[], None, device.clone());
        let width = case.size.widths()[3];
        let maps = net.backbone(&case.planes(), None);
        let taken: Vec<f32> = maps[..4 * width]
            .chunks_exact(width)
            .flat_map(|cell| cell.iter().step_by(channel_step).take(40))
            .copied()
            .collect();
        let output = graph.head(graph.maps(maps), graph.planes(case.planes()));
        let differences = [
            difference(&taken, &features, largest_feature),
            difference(&numbers(output.position.into_data()).unwrap(), &position, largest(&position)),
            difference(&numbers(output.factor.into_data()).unwrap(), &factor, largest(&factor)),
        ];
        if let Some(ours) = output.density {
            // Nepers, of a posterior that spans thousands of them.
            let ours = numbers(ours.into_data()).unwrap();
            let off = ours.iter().zip(&density).map(|(a, b)| (a - b).abs() / (1.0 + b.abs())).fold(0.0, f32::max);
            assert!(off < 1e-4, "{:?}: density off by {off:e}", case.size);
        }
        println!("{:?} {:?}: {differences:?}", case.size, case.head);
        assert!(differences.iter().all(|d| *d < 1e-5), "{:?} {:?}: {differences:?}", case.size, case.head);
    }
}

/// Every tensor's gradient by its norm and by its projection on a direction made by formula.
#[test]
fn gradients_are_those_of_pytorch() {
    for Gradient { case, loss, norm_and_projection } in goldens().gradient {
        let net = case.net();
        let (ours, gradient) = case.gradient(&net, None);
        assert!((ours - loss).abs() < 1e-5 * loss.abs(), "{ours} against {loss}");
        let mut worst: f64 = 0.0;
        for entry in net.layout.entries.iter().filter(|e| e.part != Part::Statistics) {
            let ours: Vec<f64> = gradient[entry.range()].iter().map(|g| f64::from(*g)).collect();
            let [norm, projection] = norm_and_projection[&entry.name];
            let our_norm = ours.iter().map(|g| g * g).sum::<f64>().sqrt();
            let direction = noise(&format!("direction.{}", entry.name), ours.len());
            let our_projection: f64 = ours.iter().zip(direction).map(|(g, d)| g * d).sum();
            let off = ((our_norm - norm).abs()).max((our_projection - projection).abs()) / norm;
            worst = worst.max(off);
            assert!(off < 1e-4, "{:?} {:?} {}: {off:e} of {norm:e}", case.size, case.head, entry.name);
        }
        println!("{:?} {:?}: {worst:e}", case.size, case.head);
    }
}

/// Whole network, central differences along formula directions tilted towards the gradient, so that the change stands
/// above the rounding of single precision. Stochastic depth skips every block for one scene or another, and the third
/// for all.
#[test]
fn gradient_is_the_slope_of_the_loss() {
    let case = Case { size: Size::Probe, head: Head::Measured, planes: 6, scenes: 2, head_width: 32 };
    let net = case.net();
    let kept = vec![vec![0.0, 1.1], vec![1.2, 0.0], vec![0.0, 0.0], vec![1.5, 1.5]];
    for kept in [None, Some(kept)] {
        let gradient = case.gradient(&net, kept.clone()).1;
        let norm = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        for run in 0..4 {
            let noise: Vec<f64> = noise(&format!("slope {run}"), gradient.len()).collect();
            let length = noise.iter().map(|x| x * x).sum::<f64>().sqrt();
            let tilted = noise.iter().zip(&gradient).map(|(x, g)| x / length + f64::from(*g) / norm);
            let direction: Vec<f64> = tilted.collect();
            let slope: f64 = direction.iter().zip(&gradient).map(|(d, g)| d * f64::from(*g)).sum();
            let step = 2e-3;
            let moved = |sign: f64| {
                let mut other = net.clone();
                let values = other.values.iter_mut().zip(&direction);
                values.for_each(|(v, d)| *v = (f64::from(*v) + sign * step * d) as f32);
                case.gradient(&other, kept.clone()).0
            };
            let measured = (moved(1.0) - moved(-1.0)) / (2.0 * step);
            println!("{run}: {slope} {measured} {:e}", (measured - slope) / slope);
            assert!((measured - slope).abs() < 1e-3 * slope, "{measured} against {slope}");
        }
    }
}
