//! Writes what `tests/onnx_parity.py` compares: an ONNX file in both precisions, 64 scenes and what this crate says.
//!
//!     cargo run --release -p heimdall-network --example export_parity -- FOLDER [pooled|flatten|levels]

use std::error::Error;
use std::path::PathBuf;

use heimdall_network::{
    Checkpoint, Head, LocalizationNet, NetworkConfig, PLANE_LEN, Precision, SetHeader, TrainConfig, export,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SCENES: usize = 64;
const SCALE_M: f64 = 50_000.0;
const TEMPERATURE: f64 = 1.3;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().ok_or("which folder?")?);
    let head = match arguments.get(1).map(String::as_str) {
        Some("pooled") => Head::Pooled,
        Some("flatten") => Head::Flatten,
        None | Some("levels") => Head::Levels,
        Some(other) => return Err(format!("there is no head {other}").into()),
    };
    let network = NetworkConfig { planes: 28, head, layer_scale: 0.5, ..NetworkConfig::default() };
    let mut net = LocalizationNet::new(&network, 1)?;
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    // Kernels of a size at which the planes still matter at the end; biases and norms that are not 0 and 1.
    let tensors: Vec<(String, Vec<usize>)> = net.tensors().map(|(n, s, _)| (n.to_owned(), s.to_vec())).collect();
    for (name, shape) in tensors {
        let inputs: usize = shape.iter().skip(1).product();
        let (middle, spread) = match shape.len() {
            1 if name.ends_with("bias") || name.ends_with("mean") => (0.0, 0.2),
            1 => (0.8, 0.4),
            _ => (0.0, (3.0 / inputs as f32).sqrt()),
        };
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| middle + spread * rng.random_range(-1.0f32..1.0)).collect();
        if !net.set_tensor(&name, &values) {
            return Err(format!("no tensor {name}").into());
        }
    }
    let planes: Vec<f32> = (0..SCENES * 28 * PLANE_LEN).map(|_| rng.random_range(-1.0..1.0)).collect();
    let header = SetHeader {
        receivers: ["a", "b", "c", "d", "e", "f", "g"].map(String::from).to_vec(),
        feature_hash: "parity".into(),
        scale_m: SCALE_M,
        mel_floor: -3.0,
        decibels_per_unit: 20.0,
        stored_planes: (0..28).collect(),
        source: "random planes".into(),
    };
    let config = TrainConfig { network, ..TrainConfig::default() };
    let mut checkpoint = Checkpoint::untrained(net, &config, &header);
    checkpoint.state.temperature = TEMPERATURE;
    std::fs::create_dir_all(&folder)?;
    for (name, precision) in [("model.onnx", Precision::F32), ("model.f16.onnx", Precision::F16)] {
        let file = export(&checkpoint, precision)?;
        println!("{name}: {} bytes", file.len());
        std::fs::write(folder.join(name), file)?;
    }
    let mut found = Vec::new();
    for prediction in checkpoint.net.predict(&planes, SCALE_M)? {
        let prediction = prediction.tempered(TEMPERATURE);
        found.extend(prediction.position_enu_m.iter().chain(&prediction.factor_m).map(|x| *x as f32));
    }
    let raw = |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|v| v.to_le_bytes()).collect() };
    std::fs::write(folder.join("planes.f32"), raw(&planes))?;
    std::fs::write(folder.join("predictions.f32"), raw(&found))?;
    Ok(())
}
