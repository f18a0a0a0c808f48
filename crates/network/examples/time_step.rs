//! Milliseconds of a training step of Atto on planes of seven receivers: reading, augmentation, forward and backward
//! pass, optimiser. `time_step.py` beside it times PyTorch on the same backbone with a head that does about as much as
//! `measured`; `place`, which is what is trained unless HEAD says otherwise, does more.
//!
//!     cargo run --release -p heimdall-network --example time_step -- [BATCH] [THREADS] [STEPS] [HEAD]

use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

use heimdall_network::{
    PLANE_LEN, SceneLabel, SetHeader, Split, Start, TrainConfig, TrainingSet, TrainingSetWriter, train,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Steps of an epoch.
const BLOCKS: usize = 20;
const WARM_UP: usize = 3;

// As the program: the system's allocator halves the speed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Result<Vec<usize>, _> = std::env::args().skip(1).take(3).map(|a| a.parse()).collect();
    let numbers = numbers?;
    let number = |index: usize, default: usize| numbers.get(index).copied().unwrap_or(default);
    let (batch, workers, steps) = (number(0, 16), number(1, 2), number(2, 30));
    let head = std::env::args().nth(4).unwrap_or_else(|| "place".into());
    let network = TrainConfig::from_yaml(&format!("network:\n  head: {head}\n"))?.network;
    let folder = std::env::temp_dir().join(format!("heimdall-time-step-{}", std::process::id()));
    write_set(&folder.join("set"), batch)?;
    let set = TrainingSet::open(&folder.join("set"))?;
    let config =
        TrainConfig { batch, workers, network, epochs: 100_000, mean_only_epochs: 0, ..TrainConfig::default() };
    let mut times_ms = Vec::new();
    let mut before: Option<(usize, Instant)> = None;
    train(&set, &config, Start::Fresh, &folder.join("run"), &mut |progress| {
        let now = Instant::now();
        // The first step of an epoch has the validation of the last before it.
        if let Some((epoch, then)) = before
            && epoch == progress.epoch
            && progress.validation.is_none()
        {
            times_ms.push((now - then).as_secs_f64() * 1e3);
        }
        before = Some((progress.epoch, now));
        if times_ms.len() < steps + WARM_UP { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    std::fs::remove_dir_all(&folder)?;
    let mut times_ms = times_ms.split_off(WARM_UP);
    times_ms.sort_by(f64::total_cmp);
    let middle = times_ms[times_ms.len() / 2];
    println!(
        "{head}, batch {batch}, {workers} threads: median {middle:.0} ms of {} steps, {:.0} at best",
        times_ms.len(),
        times_ms[0]
    );
    Ok(())
}

/// A block holds as many scenes as a step: folds are made of whole blocks, so no step is cut short.
fn write_set(folder: &std::path::Path, batch: usize) -> Result<(), Box<dyn Error>> {
    let header = SetHeader {
        receivers: ["a", "b", "c", "d", "e", "f", "g"].map(String::from).to_vec(),
        feature_hash: String::new(),
        receivers_enu_m: vec![[0.0; 2]; 7],
        scale_m: 1000.0,
        extent_m: 2000.0,
        lag_span_s: vec![1e-6; 21],
        noise_share: vec![1.0 / 128.0; 128],
        mel_floor: -3.0,
        decibels_per_unit: 20.0,
        stored_planes: (0..28).collect(),
        source: "random planes".into(),
    };
    let mut writer = TrainingSetWriter::create(folder, header)?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for scene in 0..BLOCKS * batch + 2 {
        let block = scene / batch;
        let planes: Vec<f32> = (0..28 * PLANE_LEN).map(|_| rng.random_range(-1.0..1.0)).collect();
        let target_enu_m = [rng.random_range(-900.0..900.0), rng.random_range(-900.0..900.0)];
        let split = if block < BLOCKS { Split::Train } else { Split::Validation };
        writer.add(&planes, SceneLabel { target_enu_m, block: block as u64, split, present: vec![true; 7] })?;
    }
    writer.finish()?;
    Ok(())
}
