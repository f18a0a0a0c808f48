//! A world and a network so small that training takes seconds.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::files::Folder;

/// One epoch of a network that learns nothing much.
pub const CONFIG: &str =
    "epochs: 1\nbatch: 16\nmean_only_epochs: 0\nwarm_up_epochs: 0.5\nnetwork:\n  size: probe\n  cells: 16\n";

/// The committed world with shared clocks, small.
pub fn small_world(folder: &Folder) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../worlds/synchronised.json");
    let mut world: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    world["scenes"] = serde_json::json!({ "training": 60, "validation": 70, "test": 10 });
    world["seeds"] = serde_json::json!([1]);
    world["on_air"]["sample_rate_hz"] = 16e3.into();
    folder.write("world.json", serde_json::to_vec(&world).unwrap())
}
