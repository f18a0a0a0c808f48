//! `kill -9` at any moment of training and publishing: a run comes to the same result, and no half version is ever seen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "tests"
)]

mod support;

use std::fs;
use std::path::Path;
use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use sha2::{Digest, Sha256};
use support::files::Folder;
use support::program::{heimdall, killed_after};
use support::world::{CONFIG, small_world};

/// Moments of each; `HEIMDALL_KILLS` sets another number.
const KILLS: u32 = 6;

/// Every version that the list names is whole; how many there are.
fn whole_versions(models: &Path) -> usize {
    let Ok(index) = fs::read(models.join("index.json")) else { return 0 };
    let index: Value = serde_json::from_slice(&index).unwrap();
    let entry = &index["constellations"][0];
    let versions = entry["versions"].as_array().unwrap();
    for version in versions {
        let folder = models.join(entry["folder"].as_str().unwrap()).join(version.as_str().unwrap());
        let card: Value = serde_json::from_slice(&fs::read(folder.join("metadata.json")).unwrap()).unwrap();
        for file in card["files"].as_array().unwrap() {
            let bytes = fs::read(folder.join(file["name"].as_str().unwrap())).unwrap();
            let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(sha256, file["sha256"].as_str().unwrap(), "{} of {}", file["name"], folder.display());
        }
    }
    versions.len()
}

#[test]
fn a_kill_changes_nothing_of_what_is_trained_and_published() {
    let folder = Folder::new();
    let world = small_world(&folder);
    let config = folder.write("config.yaml", CONFIG.replace("epochs: 1", "epochs: 3"));
    let whole = folder.path("whole");
    let [train, out, with, resume] = ["train", "--out", "--config", "--resume"].map(Path::new);
    let started = Instant::now();
    let unbroken = heimdall([train, &world, out, &whole, with, &config]);
    assert_eq!(unbroken.code, 0, "{}", unbroken.stderr);
    let (training, expected) = (started.elapsed(), fs::read(whole.join("model.safetensors")).unwrap());

    let mut random = ChaCha8Rng::seed_from_u64(11);
    let wanted = std::env::var("HEIMDALL_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let (mut kills, mut run) = (0, 0);
    while kills < wanted {
        run += 1;
        let place = folder.path(&format!("run-{run}"));
        loop {
            let begun = place.join("last.safetensors").is_file();
            let arguments = [train, &world, out, &place, with, &config].into_iter().chain(begun.then_some(resume));
            // The last is left to end: so is a run whose every process is killed before it comes anywhere.
            let time = if kills < wanted { training.mul_f64(random.random::<f64>()) } else { 20 * training };
            match killed_after(time, arguments) {
                Some(code) => {
                    assert_eq!(code, 0);
                    break;
                }
                None => kills += 1,
            }
        }
        assert!(fs::read(place.join("model.safetensors")).unwrap() == expected, "run {run} of {kills} kills");
        fs::remove_dir_all(&place).unwrap();
    }

    let models = folder.path("models");
    let export = [Path::new("export"), &whole, Path::new("--models"), &models];
    let started = Instant::now();
    assert_eq!(heimdall(export).code, 3, "so few scenes tell nothing");
    let publishing = started.elapsed();
    for kill in 0..wanted {
        if whole_versions(&models) > 0 {
            fs::remove_dir_all(&models).unwrap();
        }
        // Most towards the end, where it writes.
        let ended = killed_after(publishing.mul_f64(random.random::<f64>().sqrt()), export);
        assert!(ended.is_none_or(|code| code == 3), "kill {kill}: {ended:?}");
        assert!(whole_versions(&models) <= 1);
    }
    assert_eq!(heimdall(export).code, 3);
    assert_eq!(whole_versions(&models), 1, "one version, however often it was begun");
    let left = fs::read_dir(models.join("north-western-italy")).unwrap().count();
    assert_eq!(left, 1, "nothing of those that were broken off stays");
}
