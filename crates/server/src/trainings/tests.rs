//! The queue with programs that are none.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::{Places, Stage, TrainingRequest, Trainings, Wish};

/// Nothing here takes longer.
const LIMIT: Duration = Duration::from_secs(30);

fn places(folder: &Path, program: impl Into<PathBuf>) -> Places {
    std::fs::create_dir_all(folder.join("worlds")).unwrap();
    std::fs::write(folder.join("worlds/small.json"), "{}").unwrap();
    let [trainings, worlds, models] = ["trainings", "worlds", "models"].map(|name| folder.join(name));
    Places { program: program.into(), trainings, worlds, models }
}

fn request() -> TrainingRequest {
    serde_json::from_value(serde_json::json!({ "name": "small", "world": "small" })).unwrap()
}

async fn asked(trainings: &Trainings) -> String {
    trainings.add(&request(), None, &[]).await.unwrap().id
}

/// What is kept of a training's stage.
fn kept(folder: &Path, id: &str) -> Value {
    let path = folder.join("trainings").join(id).join("state.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

async fn until(is_so: impl Fn() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, wait).await.unwrap();
}

#[tokio::test]
async fn deleting_what_was_just_cancelled_ends_its_program_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (program, started) = (folder.path().join("program"), folder.path().join("started"));
    let script = format!("#!/bin/sh\necho $$ > {0}.partial\nmv {0}.partial {0}\nexec sleep 300\n", started.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let trainings = Trainings::open(places(folder.path(), program)).unwrap();
    let id = asked(&trainings).await;
    let working = trainings.clone();
    let worker = tokio::spawn(async move { working.work().await });
    until(|| started.is_file()).await;
    let process = Path::new("/proc").join(std::fs::read_to_string(&started).unwrap().trim());
    assert!(process.is_dir());
    trainings.wish(&id, Wish::Cancel).await.unwrap();
    trainings.remove(&id).await.unwrap();
    assert!(!process.is_dir(), "its program would write on");
    assert!(!folder.path().join("trainings").join(&id).exists());
    worker.abort();
}

#[tokio::test]
async fn one_that_is_damaged_holds_up_neither_the_queue_nor_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let trainings = Trainings::open(places(folder.path(), "/bin/false")).unwrap();
    let (damaged, next) = (asked(&trainings).await, asked(&trainings).await);
    std::fs::write(folder.path().join("trainings").join(&damaged).join("request.json"), "{").unwrap();
    let working = trainings.clone();
    let worker = tokio::spawn(async move { working.work().await });
    until(|| [&damaged, &next].iter().all(|id| kept(folder.path(), id)["stage"] == "failed")).await;
    worker.abort();
    assert!(kept(folder.path(), &damaged)["sentence"].as_str().unwrap().contains("request.json"));
    assert!(kept(folder.path(), &next)["sentence"].as_str().unwrap().starts_with("training ended with 1"));

    std::fs::write(folder.path().join("trainings").join(&damaged).join("state.json"), "").unwrap();
    let again = Trainings::open(places(folder.path(), "/bin/false")).unwrap();
    let listed: Vec<String> = again.list().unwrap().into_iter().map(|training| training.id).collect();
    assert_eq!(listed, [next]);
}

#[tokio::test]
async fn what_a_kill_left_of_a_deletion_is_gone_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let trainings = Trainings::open(places(folder.path(), "/bin/false")).unwrap();
    let (half, whole) = (asked(&trainings).await, asked(&trainings).await);
    let path = |name: &str| folder.path().join("trainings").join(name);
    std::fs::remove_file(path(&half).join("state.json")).unwrap();
    std::fs::create_dir(path("not ours")).unwrap();
    let again = Trainings::open(places(folder.path(), "/bin/false")).unwrap();
    assert!(!path(&half).exists() && path("not ours").exists());
    assert_eq!(again.view(&whole).unwrap().state.stage, Stage::Queued);
}

#[tokio::test]
async fn scenes_of_a_training_that_is_over_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    // Heard a scene, then fails the first time and hangs the second.
    let (program, started) = (folder.path().join("program"), folder.path().join("started"));
    let script = format!(
        "#!/bin/sh\nmkdir -p \"$5/scenes\"\ntest -e {0} && exec sleep 300\ntouch {0}\nexit 1\n",
        started.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let trainings = Trainings::open(places(folder.path(), &program)).unwrap();
    let (failed, cancelled) = (asked(&trainings).await, asked(&trainings).await);
    let run = |id: &str| folder.path().join("trainings").join(id).join("run");
    let working = trainings.clone();
    let worker = tokio::spawn(async move { working.work().await });
    until(|| run(&cancelled).join("scenes").is_dir()).await;
    assert!(run(&failed).is_dir() && !run(&failed).join("scenes").exists(), "{}", kept(folder.path(), &failed));
    trainings.wish(&cancelled, Wish::Cancel).await.unwrap();
    until(|| !run(&cancelled).join("scenes").exists()).await;
    worker.abort();
    // Those that a kill left are gone after the next start.
    std::fs::create_dir(run(&failed).join("scenes")).unwrap();
    let _again = Trainings::open(places(folder.path(), program)).unwrap();
    assert!(!run(&failed).join("scenes").exists());
}
