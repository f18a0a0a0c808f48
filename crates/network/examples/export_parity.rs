//! Writes what `tests/onnx_parity.py` compares: an ONNX file in both precisions, 64 scenes and what this crate says.
//! `cargo xtask bench neural` has it write large networks, with a scene only.
//!
//!     cargo run --release -p heimdall-network --example export_parity -- \
//!         FOLDER [pooled|flatten|measured|place [atto|…|large [SCENES]]]

use std::error::Error;
use std::path::PathBuf;

use heimdall_network::{
    BANDS, Checkpoint, FRAMES, Head, LocalizationNet, NetworkConfig, PLANE_LEN, Precision, SetHeader, Size,
    TrainConfig, export,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SCENES: usize = 64;
const SCALE_M: f64 = 50_000.0;
const TEMPERATURE: f64 = 1.3;
const DENSITY_TEMPERATURE: f64 = 1.2;
const LAG_SPAN_US: f32 = 400.0;
const EXTENT_M: f64 = 120_000.0;
const RECEIVERS_M: [[f64; 2]; 7] =
    [[-50e3, 0.0], [-20e3, 30e3], [0.0, -40e3], [10e3, 45e3], [35e3, -20e3], [40e3, 30e3], [5e3, 5e3]];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().ok_or("which folder?")?);
    let head = match arguments.get(1).map(String::as_str) {
        Some("pooled") => Head::Pooled,
        Some("flatten") => Head::Flatten,
        Some("measured") => Head::Measured,
        None | Some("place") => Head::Place,
        Some(other) => return Err(format!("there is no head {other}").into()),
    };
    let size = arguments.get(2).map_or(Ok(Size::Atto), |name| serde_json::from_value(name.as_str().into()))?;
    let scenes = arguments.get(3).map_or(Ok(SCENES), |count| count.parse())?;
    let network = NetworkConfig { size, planes: 28, head, layer_scale: 0.5, ..NetworkConfig::default() };
    let mut net = LocalizationNet::new(&network, 1)?;
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    // Kernels of a size at which the planes still matter at the end; biases and norms that are not 0 and 1.
    let tensors: Vec<(String, Vec<usize>)> = net.tensors().map(|(n, s, _)| (n.to_owned(), s.to_vec())).collect();
    for (name, shape) in tensors {
        let inputs: usize = shape.iter().skip(1).product();
        let (middle, spread) = match name.as_str() {
            "place.level_db" => (-60.0, 8.0),
            "place.level_variance" | "place.excess_variance" => (2.0, 1.0),
            "place.excess_us" => (2.5, 0.5),
            "place.adjust.weight" => (0.0, 0.2 / inputs as f32),
            name if name.starts_with("measure.") || name.starts_with("place.") => continue,
            name if shape.len() == 1 && (name.ends_with("bias") || name.ends_with("mean")) => (0.0, 0.2),
            _ if shape.len() == 1 => (0.8, 0.4),
            _ => (0.0, (3.0 / inputs as f32).sqrt()),
        };
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| middle + spread * rng.random_range(-1.0f32..1.0)).collect();
        set(&mut net, &name, &values)?;
    }
    if head == Head::Place {
        let km = |metres: f64| (metres / 1000.0) as f32;
        set(&mut net, "place.receivers_km", &RECEIVERS_M.as_flattened().iter().map(|x| km(*x)).collect::<Vec<_>>())?;
        set(&mut net, "place.half_extent_km", &[km(EXTENT_M / 2.0)])?;
        set(&mut net, "place.scale_km", &[km(SCALE_M)])?;
        set(&mut net, "place.common_db", &[0.0, 100.0])?;
    }
    if matches!(head, Head::Place | Head::Measured) {
        set(&mut net, "measure.half_lag_us", &[LAG_SPAN_US; 21])?;
    }
    let planes: Vec<f32> = (0..scenes).flat_map(|_| scene(&mut rng)).collect();
    let header = SetHeader {
        receivers: ["a", "b", "c", "d", "e", "f", "g"].map(String::from).to_vec(),
        receivers_enu_m: RECEIVERS_M.to_vec(),
        feature_hash: "parity".into(),
        scale_m: SCALE_M,
        extent_m: EXTENT_M,
        lag_span_s: vec![f64::from(LAG_SPAN_US) * 1e-6; 21],
        noise_share: vec![1.0 / 128.0; 128],
        mel_floor: -3.0,
        decibels_per_unit: 20.0,
        stored_planes: (0..28).collect(),
        source: "random planes".into(),
    };
    let config = TrainConfig { network, ..TrainConfig::default() };
    let mut checkpoint = Checkpoint::untrained(net, &config, &header);
    checkpoint.state.temperature = TEMPERATURE;
    checkpoint.state.density_temperature = DENSITY_TEMPERATURE;
    std::fs::create_dir_all(&folder)?;
    for (name, precision) in
        [("model.onnx", Precision::F32), ("model.f16.onnx", Precision::F16), ("model.i8.onnx", Precision::I8)]
    {
        let file = export(&checkpoint, precision)?;
        println!("{name}: {} bytes", file.len());
        std::fs::write(folder.join(name), file)?;
    }
    let (mut found, mut densities) = (Vec::new(), Vec::new());
    for answer in checkpoint.net.answer(&planes, SCALE_M, EXTENT_M)? {
        let answer = answer.tempered(TEMPERATURE, DENSITY_TEMPERATURE);
        let gaussian = answer.gaussian;
        found.extend(gaussian.position_enu_m.iter().chain(&gaussian.factor_m).map(|x| *x as f32));
        densities.extend(answer.density.map(|density| density.log_probability).unwrap_or_default());
    }
    let raw = |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|v| v.to_le_bytes()).collect() };
    std::fs::write(folder.join("planes.f32"), raw(&planes))?;
    std::fs::write(folder.join("predictions.f32"), raw(&found))?;
    std::fs::write(folder.join("densities.f32"), raw(&densities))?;
    Ok(())
}

fn set(net: &mut LocalizationNet, name: &str, values: &[f32]) -> Result<(), Box<dyn Error>> {
    if net.set_tensor(name, values) { Ok(()) } else { Err(format!("no tensor {name} of this length").into()) }
}

/// Planes of an emission somewhere: levels fall with the distance, correlations have their peak where they should.
fn scene(rng: &mut ChaCha8Rng) -> Vec<f32> {
    let place = [(); 2].map(|()| rng.random_range(-0.45..0.45) * EXTENT_M);
    let distance_km = |receiver: [f64; 2]| (place[0] - receiver[0]).hypot(place[1] - receiver[1]) / 1000.0;
    let mut planes = Vec::new();
    for receiver in RECEIVERS_M {
        let level = (2.0 - 1.75 * distance_km(receiver).max(1.0).log10()) as f32;
        let band = |index: usize| if (50..70).contains(&index) { level } else { level - 1.0 };
        planes.extend((0..PLANE_LEN).map(|index| band(index / FRAMES) + rng.random_range(-0.1f32..0.1)));
    }
    for (first, a) in RECEIVERS_M.iter().enumerate() {
        for b in &RECEIVERS_M[first + 1..] {
            let lag_us = (distance_km(*a) - distance_km(*b)) / 0.299_792_458 + rng.random_range(-0.3..0.3);
            let middle = lag_us as f32 / LAG_SPAN_US;
            planes.extend((0..PLANE_LEN).map(|index| {
                let bin = ((index / FRAMES) as f32 + 0.5) / (BANDS / 2) as f32 - 1.0;
                0.9 * (-50.0 * (bin - middle).powi(2)).exp() + rng.random_range(0.0f32..0.05)
            }));
        }
    }
    planes
}
