//! Prints how long scenes take:
//! `cargo run --release -p heimdall-simulate --example time_scenes`.

use std::error::Error;
use std::time::Instant;

use heimdall_recording::Position;
use heimdall_simulate::{Modulation, Noise, ReceiverSpec, Scene, sample_scene, simulate};

fn main() -> Result<(), Box<dyn Error>> {
    for modulation in
        [Modulation::FlatNoise { bandwidth_hz: 12.5e3 }, Modulation::NbfmVoiceLike { deviation_hz: 2500.0 }]
    {
        let mut scene: Scene = sample_scene()?.scene;
        scene.transmitter.modulation = modulation;
        scene.receivers = (0..7)
            .map(|index| {
                let step = 0.1 * f64::from(index);
                let position = Position::new(44.5 + step, 7.5 + step).ok_or("no position")?;
                let name = format!("R{index}");
                Ok(ReceiverSpec::new(&name, position, 25e3, Noise::SnrDb(20.0)))
            })
            .collect::<Result<_, &str>>()?;
        let rounds = 20;
        let start = Instant::now();
        for seed in 0..rounds {
            scene.seed = seed;
            simulate(&scene)?;
        }
        let each_ms = start.elapsed().as_secs_f64() * 1e3 / rounds as f64;
        println!("{modulation:?}: 1 s at 7 receivers of 25 kHz in {each_ms:.1} ms");
    }
    Ok(())
}
