//! The synthetic sample that the page offers to try.

use crate::world::{Fields, Split, World, scene_recordings};
use crate::{Error, IqWorkspace, Modulation, NamedBytes, SampleFormat, SimulatedScene, sigmf_collection};

/// What the sample's file names begin with.
pub const SAMPLE_NAME: &str = "synthetic-145mhz";
/// The world of the page's own network, so that the network has learned where the sample lies, though not from there.
const WORLD: &[u8] = include_bytes!("../../../worlds/north-western-italy.json");
const SEED: u64 = 1;
/// Its number among the scenes of held-out places.
const SCENE: usize = 17;
/// Five of the world's seven receivers: two missing ones are what a network must live with.
const RECEIVERS: [&str; 5] = ["Aquila di Giaveno", "Montanaro", "Passo dei Giovi", "Genova", "Milano-Baggio"];

/// Five receivers with satellite clocks around a narrow-band emission in the 2 m band.
///
/// # Errors
/// None that a change of this file or of the world would not cause.
pub fn sample_scene() -> Result<SimulatedScene, Error> {
    let mut world = World::read(WORLD)?;
    world.on_air.modulations = vec![Modulation::FlatNoise { bandwidth_hz: 12_500.0 }];
    let fields = Fields::new(&world, SEED)?;
    let mut simulated = scene_recordings(&fields, Split::Test, SCENE, &world.on_air, &mut IqWorkspace::default())?;
    simulated.receivers.retain(|receiver| RECEIVERS.contains(&receiver.spec.name.as_str()));
    simulated.scene.receivers.retain(|receiver| RECEIVERS.contains(&receiver.name.as_str()));
    Ok(simulated)
}

/// The sample as a SigMF collection.
///
/// # Errors
/// As [`sample_scene`].
pub fn sample_files() -> Result<Vec<NamedBytes>, Error> {
    sigmf_collection(&sample_scene()?, SAMPLE_NAME, SampleFormat::Ci16Le)
}
