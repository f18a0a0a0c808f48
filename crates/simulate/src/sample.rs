//! The synthetic samples that the page offers to try.

use heimdall_recording::{Position, TimeGrade};

use crate::world::{Fields, Split, World, scene_recordings};
use crate::{
    Error, FreeClock, IqWorkspace, Modulation, NamedBytes, Noise, Propagation, ReceiverSpec, ReferenceEmission,
    SampleFormat, Scene, SimulatedScene, Transmitter, Unshared, sigmf_collection, simulate, simulate_unshared,
};

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

/// A sample that the page offers: the folder below `assets/samples`, whose name its files begin with, and the files.
pub struct Sample {
    /// Folder.
    pub folder: &'static str,
    /// What is in it.
    pub files: fn() -> Result<Vec<NamedBytes>, Error>,
}

/// All of them.
pub const SAMPLES: [Sample; 4] = [
    Sample { folder: "synchronised", files: sample_files },
    Sample { folder: "level-only", files: level_only },
    Sample { folder: "not-locatable", files: not_locatable },
    Sample { folder: "reference-aligned", files: reference_aligned },
];

/// Receivers without clocks: levels alone, which give a wide region.
fn level_only() -> Result<Vec<NamedBytes>, Error> {
    let mut scene = around_munich(8, 1.0, 16e3);
    scene.propagation.exponent = 3.0;
    scene.propagation.shadowing_sigma_db = 5.0;
    for receiver in &mut scene.receivers {
        receiver.time_grade = TimeGrade::None;
    }
    sigmf_collection(&simulate(&scene)?, "level-only", SampleFormat::Ci8)
}

/// Two receivers with satellite clocks, and one that has neither such a clock nor the signal.
fn not_locatable() -> Result<Vec<NamedBytes>, Error> {
    let mut scene = around_munich(3, 1.0, 16e3);
    if let Some(deaf) = scene.receivers.last_mut() {
        deaf.time_grade = TimeGrade::Ntp;
        deaf.clock_error_s = 0.08;
        deaf.noise = Noise::SnrDb(-40.0);
    }
    sigmf_collection(&simulate(&scene)?, "not-locatable", SampleFormat::Ci8)
}

/// Four receivers with computers' clocks that hear a broadcast transmitter of known place beside the wanted signal.
fn reference_aligned() -> Result<Vec<NamedBytes>, Error> {
    let mut scene = around_munich(4, 2.0, 48e3);
    scene.transmitter.frequency_offset_hz = -9_000.0;
    let free = |sample_ppm: f64| FreeClock {
        sample_ppm,
        sample_drift_ppm_per_s: 0.002,
        tuning_ppm: sample_ppm,
        tuning_drift_ppm_per_s: 0.002,
    };
    for (receiver, error_s) in scene.receivers.iter_mut().zip([0.31, -0.74, 0.05, 0.52]) {
        receiver.time_grade = TimeGrade::Ntp;
        receiver.clock_error_s = error_s;
    }
    let (latitude_deg, longitude_deg, frequency_hz, bandwidth_hz) = SAMPLE_REFERENCE;
    let unshared = Unshared {
        reference: ReferenceEmission {
            position: Position { latitude_deg, longitude_deg },
            frequency_hz,
            modulation: Modulation::FlatNoise { bandwidth_hz },
            snr_db: 22.0,
            excess_delay_sigma_s: 0.1e-6,
        },
        clocks: [4.2, -17.5, 19.0, -8.1].map(free).to_vec(),
        part_s: None,
    };
    sigmf_collection(&simulate_unshared(&scene, &unshared)?, "reference-aligned", SampleFormat::Ci8)
}

/// The reference of the sample `reference-aligned`: latitude, longitude, frequency and bandwidth in hertz.
pub const SAMPLE_REFERENCE: (f64, f64, f64, f64) = (48.32, 11.5, 145_511_000.0, 12_500.0);

/// An emission among receivers in Bavaria, where no network was trained.
fn around_munich(count: usize, duration_s: f64, sample_rate_hz: f64) -> Scene {
    let places = [
        ("Augsburg", 48.3705, 10.8978),
        ("Ingolstadt", 48.7665, 11.4258),
        ("Rosenheim", 47.8564, 12.1289),
        ("Landshut", 48.5442, 12.1469),
        ("Freising", 48.4029, 11.7412),
        ("Dachau", 48.2600, 11.4340),
        ("Erding", 48.3061, 11.9068),
        ("Starnberg", 47.9977, 11.3396),
    ];
    let receiver = |(index, (name, latitude_deg, longitude_deg))| {
        let position = Position { latitude_deg, longitude_deg };
        let mut spec = ReceiverSpec::new(name, position, sample_rate_hz, Noise::SnrDb(18.0 + 2.0 * index as f64));
        spec.start_offset_ns = 3_000_017 * index as i64;
        spec
    };
    Scene {
        seed: 4,
        center_frequency_hz: 145.5e6,
        start_time_unix_ns: 1_760_000_000_000_000_000,
        duration_s,
        transmitter: Transmitter {
            position: Position { latitude_deg: 48.21, longitude_deg: 11.72 },
            power_dbm: 37.0,
            frequency_offset_hz: 0.0,
            modulation: Modulation::FlatNoise { bandwidth_hz: 12_500.0 },
        },
        receivers: places.into_iter().take(count).enumerate().map(receiver).collect(),
        propagation: Propagation { excess_delay_sigma_s: 0.1e-6, ..Propagation::free_space() },
    }
}
