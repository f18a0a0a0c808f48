//! From a world to a model that locates: `heimdall train`, `export`, `evaluate world --networks`, `locate --models`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "tests"
)]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::files::Folder;
use support::program::{Outcome, heimdall, peer};
use support::world::{CONFIG, small_world};

fn run(arguments: &[&Path]) -> Outcome {
    heimdall(arguments)
}

fn inside(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn rows(run: &Path) -> Vec<String> {
    std::fs::read_to_string(run.join("learning.csv")).unwrap().lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_world_becomes_a_model_that_speaks() {
    let folder = Folder::new();
    let world = small_world(&folder);
    folder.write("config.yaml", CONFIG);
    let (config, out) = (folder.path("config.yaml"), folder.path("run"));
    let train = |more: &[&Path]| {
        let start = [Path::new("train"), &world, Path::new("--out"), &out, Path::new("--config"), &config];
        heimdall(start.into_iter().chain(more.iter().copied()))
    };
    let first = train(&[]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stdout.contains("best of 1 epochs"), "{}", first.stdout);
    assert!(first.stdout.contains("of 10 scenes"), "test scenes are scored: {}", first.stdout);
    let begun = rows(&out);

    // One epoch more, from where it stopped; the course goes on as well.
    folder.write("config.yaml", CONFIG.replace("epochs: 1", "epochs: 2"));
    let more = train(&[Path::new("--resume")]);
    assert!(more.stdout.contains("best of 2 epochs"), "{}{}", more.stdout, more.stderr);
    let whole = rows(&out);
    assert!(whole.len() > begun.len() && whole.starts_with(&begun), "{whole:?}");
    assert!(whole.last().unwrap().starts_with("2.0,"), "{whole:?}");
    let picture = std::fs::read_to_string(out.join("learning.svg")).unwrap();
    assert!(roxmltree::Document::parse(&picture).unwrap().descendants().any(|node| node.has_tag_name("polyline")));

    let seed = folder.path("nets/seed-1");
    let export = run(&[Path::new("export"), &out, Path::new("--into"), &seed]);
    assert!(export.stdout.contains("on 64 scenes, at least 64"), "{}{}", export.stdout, export.stderr);
    let again = run(&[Path::new("export"), &out, Path::new("--into"), &seed]);
    assert!(again.code == 1 && again.stderr.contains("never changes"), "{}", again.stderr);
    assert!(export.stdout.contains("FAILED: 10 held-out scenes"), "{}", export.stdout);

    let (nets, table) = (folder.path("nets"), folder.path("table.json"));
    let evaluate = [Path::new("evaluate"), Path::new("world"), &world, Path::new("--networks"), &nets];
    let evaluated = heimdall(evaluate.into_iter().chain([Path::new("--json"), &table]));
    assert!(evaluated.stdout.contains("| network, classical expert fused |"), "{}", evaluated.stderr);

    let models = folder.path("models");
    let half = [Path::new("--models"), &models, Path::new("--weights"), Path::new("f16")];
    let export = |more: &[&Path]| heimdall([Path::new("export"), &out].into_iter().chain(more.iter().copied()));
    let python = peer("onnxruntime/bin/python3");
    let others = [Path::new("--results"), &table, Path::new("--onnx-python"), &python];
    let published = export(&[&half[..], &others].concat());
    assert_eq!(published.code, 3, "published, but so few scenes tell nothing: {}", published.stderr);
    let agrees = |line: &&str| line.starts_with("passed: onnxruntime 1.") && line.contains("on 64 scenes");
    assert_eq!(published.stdout.lines().filter(agrees).count(), 1, "{}", published.stdout);
    // Once more, as after a kill at the very end: the same version, no second one.
    let once_more = export(&half);
    assert!(once_more.code == 3 && once_more.stdout.contains("v1.0.0 is published and not in use"), "{once_more:?}");
    let index = || -> Value { serde_json::from_slice(&std::fs::read(models.join("index.json")).unwrap()).unwrap() };
    let entry = &index()["constellations"][0];
    assert_eq!((&entry["versions"], &entry["promoted"]), (&serde_json::json!(["v1.0.0"]), &Value::Null));
    let promote = |version: &str, more: &[&str]| {
        let start = [Path::new("promote"), &models].into_iter().chain(["north-western-italy", version].map(Path::new));
        heimdall(start.chain(more.iter().map(Path::new)))
    };
    let unsaid = promote("v1.0.0", &[]);
    assert!(unsaid.code == 1 && unsaid.stderr.contains("held-out scenes"), "{}", unsaid.stderr);
    assert!(promote("v7.0.0", &["--because", "x"]).stderr.contains("v7.0.0"));
    assert_eq!(promote("v1.0.0", &["--because", "a trial"]).code, 0);
    let entry = &index()["constellations"][0];
    assert_eq!((&entry["promoted"], &entry["promotions"][0]["reason"]), (&"v1.0.0".into(), &"a trial".into()));
    let version = models.join(entry["folder"].as_str().unwrap()).join("v1.0.0");
    let card: Value = serde_json::from_slice(&std::fs::read(version.join("metadata.json")).unwrap()).unwrap();
    assert_eq!((&card["metrics"][0]["method"], &card["metrics"][0]["scenes"]), (&"network".into(), &10.into()));
    let baselines = card["baselines"].as_array().unwrap();
    assert!(baselines.iter().any(|row| row["method"] == "GP field" && row["rmse_m"]["low"].is_number()));
    // Scene by scene, and in sum what the single run's own scores say.
    let held_out: Value = serde_json::from_slice(&std::fs::read(version.join("held-out.json")).unwrap()).unwrap();
    let scenes = held_out["scenes"].as_array().unwrap();
    assert_eq!(scenes.len(), 10);
    let single: Value = serde_json::from_slice(&std::fs::read(seed.join("metadata.json")).unwrap()).unwrap();
    let row = &single["metrics"][0];
    let share =
        |held: f64| scenes.iter().filter(|one| one["confidence"].as_f64().unwrap() <= held).count() as f64 / 10.0;
    assert_eq!(row["coverage_68"]["value"].as_f64().unwrap(), share(0.68), "{row} {scenes:?}");
    let squares = scenes.iter().map(|one| one["error_m"].as_f64().unwrap().powi(2)).sum::<f64>() / 10.0;
    let rmse_m = row["rmse_m"]["value"].as_f64().unwrap();
    // Weights of half as many bits locate a little elsewhere.
    assert!((squares.sqrt() / rmse_m - 1.0).abs() < 0.05, "{} {rmse_m}", squares.sqrt());
    assert_eq!(std::fs::read(version.join("learning.csv")).unwrap(), std::fs::read(out.join("learning.csv")).unwrap());

    // In eight bits: smaller than in half precision, even where the head is most of so small a network.
    let eight = folder.path("eight");
    let bits = [Path::new("--into"), &eight, Path::new("--weights"), Path::new("i8"), Path::new("--onnx-python")];
    let refused = export(&[&bits[..], &[Path::new("/bin/false")]].concat());
    assert!(refused.code == 1 && refused.stderr.contains("/bin/false") && !eight.exists(), "{}", refused.stderr);
    let passed = export(&[&bits[..], &[&python]].concat());
    assert_eq!(passed.stdout.lines().filter(agrees).count(), 1, "{}{}", passed.stdout, passed.stderr);
    let bytes = |folder: &Path| folder.join("model.onnx").metadata().unwrap().len();
    assert!(10 * bytes(&eight) < 9 * bytes(&version), "{} of {}", bytes(&eight), bytes(&version));

    // A scene that it has not seen, as recordings.
    let scene = folder.path("scene");
    let simulated =
        [Path::new("simulate"), &world, Path::new("--out"), &scene, Path::new("--split"), Path::new("test")];
    let simulated = heimdall(simulated.into_iter().chain(["--scenes", "1", "--format", "sigmf"].map(Path::new)));
    assert_eq!(simulated.code, 0, "{}", simulated.stderr);
    let mut files: Vec<PathBuf> = inside(&inside(&scene)[0]);
    // Without the collection, which holds the truth.
    files.retain(|path| path.extension().is_some_and(|ending| ending != "sigmf-collection"));
    let flags = ["locate", "--format", "json", "--models"].map(PathBuf::from).into_iter().chain([models]);
    let located = heimdall(flags.chain(files));
    let report = located.report();
    assert_eq!(report.0["network"]["spoke"], true, "{} {}", report.0["network"], located.stderr);
}

/// A list of the scenes that `heimdall simulate` wrote, with their truth; and two that nobody can learn from.
fn session_list(scenes: &Path) -> Value {
    let file = |path: &Path| serde_json::json!({ "name": path.file_name().unwrap().to_str(), "path": path });
    let session = |folder: PathBuf| {
        let is_collection = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "sigmf-collection");
        let (collection, files): (Vec<_>, Vec<_>) = inside(&folder).into_iter().partition(is_collection);
        let collection: Value = serde_json::from_slice(&std::fs::read(&collection[0]).unwrap()).unwrap();
        let files: Vec<Value> = files.iter().map(|path| file(path)).collect();
        let id = folder.file_name().unwrap().to_str().unwrap().to_owned();
        serde_json::json!({ "id": id, "source": collection["collection"]["heimdall:truth"], "files": files })
    };
    let mut sessions: Vec<Value> = inside(scenes).into_iter().map(session).collect();
    sessions.sort_by_key(|session| session["id"].to_string());
    surveyed(&mut sessions[1]);
    let mut far = sessions[0].clone();
    (far["id"], far["source"]) = ("far".into(), serde_json::json!({ "lat": -45.0, "lon": 8.0 }));
    let gone = serde_json::json!({ "name": "x.wav", "path": "nowhere/x.wav" });
    let gone = serde_json::json!({ "id": "gone", "source": { "lat": 45.0, "lon": 8.0 }, "files": [gone] });
    sessions.extend([far, gone]);
    serde_json::json!({ "sessions": sessions })
}

/// Takes the receivers' places out of the files and says them beside, as a server does of receivers in its catalogue.
fn surveyed(session: &mut Value) {
    for file in session["files"].as_array_mut().unwrap() {
        let path = PathBuf::from(file["path"].as_str().unwrap());
        let meta = path.with_extension("sigmf-meta");
        if path != meta {
            let mut text: Value = serde_json::from_slice(&std::fs::read(&meta).unwrap()).unwrap();
            let place = text["captures"][0].as_object_mut().unwrap().remove("core:geolocation").unwrap();
            std::fs::write(&meta, serde_json::to_vec(&text).unwrap()).unwrap();
            let [lon, lat] = [0, 1].map(|axis| place["coordinates"][axis].as_f64().unwrap());
            file["facts"] = serde_json::json!({ "position": format!("{lat}, {lon}") });
        }
    }
}

#[test]
fn recorded_sessions_join_the_simulated_scenes() {
    let folder = Folder::new();
    let world = small_world(&folder);
    folder.write("config.yaml", CONFIG);
    let (config, out, scenes) = (folder.path("config.yaml"), folder.path("run"), folder.path("scenes"));
    let simulate = [Path::new("simulate"), &world, Path::new("--out"), &scenes];
    let simulated = heimdall(simulate.into_iter().chain(["--scenes", "3", "--format", "sigmf"].map(Path::new)));
    assert_eq!(simulated.code, 0, "{}", simulated.stderr);
    folder.write("list.json", serde_json::to_vec(&session_list(&scenes)).unwrap());
    let list = folder.path("list.json");
    let train = |more: &[&str]| {
        let start = [Path::new("train"), &world, Path::new("--out"), &out, Path::new("--config"), &config];
        heimdall(start.into_iter().chain([Path::new("--sessions"), &list]).chain(more.iter().map(Path::new)))
    };
    let trained = train(&["--scenes", "50"]);
    assert_eq!(trained.code, 0, "{}", trained.stderr);
    assert!(trained.stderr.contains("session far is left out: its transmitter is outside"), "{}", trained.stderr);
    assert!(trained.stderr.contains("session gone is left out") && trained.stderr.contains("x.wav"));
    let set: Value = serde_json::from_slice(&std::fs::read(out.join("scenes/set.json")).unwrap()).unwrap();
    assert_eq!(set["labels"].as_array().unwrap().len(), 50 + 70 + 10 + 3);
    // A session's scene is the simulated scene of the same number, recorded with 16 bits.
    let (first, session) = (&set["labels"][0], &set["labels"][130]);
    let metres = |label: &Value| [0, 1].map(|axis| label["target_enu_m"][axis].as_f64().unwrap());
    let apart = metres(first).iter().zip(metres(session)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(apart < 1.0 && first["block"] == session["block"] && session["split"] == "train", "{first} {session}");

    let export = run(&[Path::new("export"), &out, Path::new("--into"), &folder.path("v")]);
    assert_eq!(export.code, 0, "{}", export.stderr);
    let card: Value = serde_json::from_slice(&std::fs::read(folder.path("v/metadata.json")).unwrap()).unwrap();
    assert_eq!(card["sessions"].as_array().unwrap().len(), 3, "{}", card["sessions"]);
    assert_eq!(card["worlds"][0]["scenes"], 50, "what was simulated, not what the world could give");
    // Other sessions are other planes.
    folder.write("list.json", r#"{"sessions":[]}"#);
    assert!(train(&["--scenes", "50"]).stderr.contains("planes of other scenes"));
}

#[test]
fn runs_that_cannot_be_are_refused_and_leave_what_was_there() {
    let folder = Folder::new();
    let world = small_world(&folder);
    folder.write("config.yaml", CONFIG);
    let out = folder.path("run");
    let refused = |arguments: &[&str]| {
        let paths = arguments.iter().map(|argument| match *argument {
            "WORLD" => world.clone(),
            "OUT" => out.clone(),
            file if file.ends_with(".yaml") || file.ends_with(".safetensors") => folder.path(file),
            flag => PathBuf::from(flag),
        });
        let outcome = heimdall(paths);
        assert_eq!(outcome.code, 1, "{}", outcome.stdout);
        outcome.stderr
    };
    folder.write("typo.yaml", "learning_rte: 0.1\n");
    let typo = refused(&["train", "WORLD", "--out", "OUT", "--config", "typo.yaml"]);
    assert!(typo.contains("learning_rte") && typo.contains("typo.yaml"), "{typo}");
    folder.write("torn.safetensors", "no checkpoint");
    let torn = refused(&["train", "WORLD", "--out", "OUT", "--config", "config.yaml", "--from", "torn.safetensors"]);
    assert!(torn.contains("torn.safetensors"), "{torn}");
    // The planes are there now; another seed must not learn from them.
    let other = refused(&["train", "WORLD", "--out", "OUT", "--config", "config.yaml", "--seed", "2"]);
    assert!(other.contains("planes of other scenes"), "{other}");
    let nothing = refused(&["export", "OUT", "--into", "nets"]);
    assert!(nothing.contains("model.safetensors"), "{nothing}");
}
