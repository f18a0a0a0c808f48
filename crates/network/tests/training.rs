//! Training on a set small enough for seconds: three receivers whose levels fall with the distance.

use std::ops::ControlFlow;
use std::path::Path;

use heimdall_network::{
    Augmentation, BANDS, Checkpoint, FRAMES, Head, LAST_FILE, NetworkConfig, PLANE_LEN, SceneLabel, SetHeader, Size,
    Split, Start, TrainConfig, TrainingSet, TrainingSetWriter, train,
};

const RECEIVERS_M: [[f64; 2]; 3] = [[-900.0, -500.0], [1000.0, -400.0], [0.0, 900.0]];

fn header() -> SetHeader {
    SetHeader {
        receivers: vec!["west".into(), "east".into(), "north".into()],
        receivers_enu_m: RECEIVERS_M.to_vec(),
        feature_hash: "test".into(),
        scale_m: 1000.0,
        extent_m: 2000.0,
        lag_span_s: vec![5e-6; 3],
        noise_share: vec![1.0 / BANDS as f32; BANDS],
        mel_floor: -3.0,
        decibels_per_unit: 20.0,
        stored_planes: vec![0, 1, 2],
        source: "levels that fall with the distance".into(),
    }
}

fn write_set(folder: &Path, scenes: usize) {
    let mut writer = TrainingSetWriter::create(folder, header()).unwrap();
    for scene in 0..scenes {
        // Halton's sequence: spread evenly without a generator.
        let target = [halton(scene + 1, 2), halton(scene + 1, 3)].map(|x| 2000.0 * x - 1000.0);
        let mut planes = vec![0.0; 6 * PLANE_LEN];
        for (receiver, place) in RECEIVERS_M.iter().enumerate() {
            let distance = (target[0] - place[0]).hypot(target[1] - place[1]).max(50.0);
            let level = (-2.0 * (distance / 1000.0).log10()) as f32;
            planes[receiver * PLANE_LEN..(receiver + 1) * PLANE_LEN].fill(level);
        }
        let block = (scene % 10) as u64;
        let split = if block < 2 { Split::Validation } else { Split::Train };
        writer.add(&planes, SceneLabel { target_enu_m: target, block, split, present: vec![true; 3] }).unwrap();
    }
    writer.finish().unwrap();
}

fn halton(mut index: usize, base: usize) -> f64 {
    let (mut value, mut part) = (0.0, 1.0);
    while index > 0 {
        part /= base as f64;
        value += part * (index % base) as f64;
        index /= base;
    }
    value
}

fn config() -> TrainConfig {
    TrainConfig {
        network: NetworkConfig { size: Size::Probe, head: Head::Measured, head_width: 32, ..NetworkConfig::default() },
        epochs: 4,
        batch: 8,
        augmentation: Augmentation { noise: 0.01, ..Augmentation::default() },
        ..TrainConfig::default()
    }
}

fn go_on(_: &heimdall_network::Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn training_learns_where_levels_come_from() {
    let folder = tempfile::tempdir().unwrap();
    write_set(&folder.path().join("set"), 300);
    let set = TrainingSet::open(&folder.path().join("set")).unwrap();
    let mut config = TrainConfig { epochs: 25, learning_rate: 3e-3, ..config() };
    config.augmentation = Augmentation { receiver_dropout: 0.0, ..Augmentation::default() };
    let outcome = train(&set, &config, Start::Fresh, &folder.path().join("run"), &mut go_on).unwrap();
    let metrics = outcome.best.state.validation.unwrap();
    // Guessing the middle of the square has an RMSE of 2000 √(2/12) = 816 m.
    assert!(metrics.rmse_m < 250.0, "{metrics:?}");
    assert!((0.5..=0.85).contains(&metrics.coverage_68), "{metrics:?}");
    let files = std::fs::read_dir(folder.path().join("run")).unwrap().count();
    assert_eq!(files, 4, "three best checkpoints and the last");
    // The file holds the same network.
    let again = Checkpoint::read(&outcome.path).unwrap();
    let scenes = set.scenes(Split::Validation);
    assert_eq!(again.predict_scenes(&set, &scenes, 1).unwrap(), outcome.best.predict_scenes(&set, &scenes, 2).unwrap());
}

#[test]
fn a_resumed_run_ends_as_an_unbroken_one() {
    let folder = tempfile::tempdir().unwrap();
    write_set(&folder.path().join("set"), 60);
    let set = TrainingSet::open(&folder.path().join("set")).unwrap();
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    train(&set, &config(), Start::Fresh, &whole, &mut go_on).unwrap();
    let mut steps = 0;
    let mut stop_in_the_third_epoch = |p: &heimdall_network::Progress| {
        steps = p.step;
        if p.epoch == 3 && p.step == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let outcome = train(&set, &config(), Start::Fresh, &broken, &mut stop_in_the_third_epoch).unwrap();
    assert!(outcome.ended_early && outcome.epochs == 2);
    train(&set, &config(), Start::Resume, &broken, &mut go_on).unwrap();
    let (a, b) =
        (Checkpoint::read(&whole.join(LAST_FILE)).unwrap(), Checkpoint::read(&broken.join(LAST_FILE)).unwrap());
    // What it took differs.
    let mut state = b.state.clone();
    state.computed_s = a.state.computed_s;
    assert_eq!(a.state, state);
    assert!(a.net.tensors().zip(b.net.tensors()).all(|(x, y)| x == y));
    let other = TrainConfig { batch: 4, ..config() };
    let sentence = train(&set, &other, Start::Resume, &broken, &mut go_on).unwrap_err().to_string();
    assert!(sentence.contains("another configuration"), "{sentence}");
}

#[test]
fn a_budget_ends_a_run_at_a_checkpoint_and_a_kill_gives_no_more_of_it() {
    let folder = tempfile::tempdir().unwrap();
    write_set(&folder.path().join("set"), 60);
    let set = TrainingSet::open(&folder.path().join("set")).unwrap();
    let config = TrainConfig { mean_only_epochs: 1, budget_s: Some(1e-3), ..config() };
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    let outcome = train(&set, &config, Start::Fresh, &whole, &mut go_on).unwrap();
    // Its first epoch fits positions alone and is nothing to keep.
    assert!(outcome.ended_early && outcome.epochs == 2, "{} epochs", outcome.epochs);
    assert_eq!(outcome.best.state.epoch, 2);
    let used_s = |folder: &Path| Checkpoint::read(&folder.join(LAST_FILE)).unwrap().state.computed_s.unwrap();
    assert!(used_s(&whole) > 1e-3);
    // Again and again it goes on, and there is nothing left to do.
    let before = std::fs::read(whole.join(LAST_FILE)).unwrap();
    assert_eq!(train(&set, &config, Start::Resume, &whole, &mut go_on).unwrap().epochs, 2);
    assert!(std::fs::read(whole.join(LAST_FILE)).unwrap() == before);

    let mut killed = |p: &heimdall_network::Progress| {
        if p.epoch == 2 && p.step == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    train(&set, &config, Start::Fresh, &broken, &mut killed).unwrap_err();
    let first_epoch_s = used_s(&broken);
    train(&set, &config, Start::Resume, &broken, &mut go_on).unwrap();
    assert!(used_s(&broken) > first_epoch_s, "time goes on from the checkpoint");
    let best = |folder: &Path| std::fs::read(folder.join("epoch-0002.safetensors")).unwrap();
    assert!(best(&whole) == best(&broken), "the same network, byte for byte");
    // More of it can be given later.
    let more = TrainConfig { budget_s: None, ..config };
    assert_eq!(train(&set, &more, Start::Resume, &broken, &mut go_on).unwrap().epochs, 4);
}

#[test]
fn a_checkpoint_that_cannot_be_written_leaves_the_earlier_ones() {
    let folder = tempfile::tempdir().unwrap();
    write_set(&folder.path().join("set"), 60);
    let set = TrainingSet::open(&folder.path().join("set")).unwrap();
    let run = folder.path().join("run");
    let mut block_the_next = |p: &heimdall_network::Progress| {
        if p.epoch == 3 && p.step == 1 {
            // As good as a full disk: the file beside the last checkpoint cannot be made.
            std::fs::create_dir(run.join(format!("{LAST_FILE}.partial"))).unwrap();
        }
        ControlFlow::Continue(())
    };
    let error = train(&set, &config(), Start::Fresh, &run, &mut block_the_next).unwrap_err().to_string();
    assert!(error.contains("cannot write"), "{error}");
    assert_eq!(Checkpoint::read(&run.join(LAST_FILE)).unwrap().state.epoch, 2);
    std::fs::remove_dir(run.join(format!("{LAST_FILE}.partial"))).unwrap();
    assert_eq!(train(&set, &config(), Start::Resume, &run, &mut go_on).unwrap().epochs, 4);
}

#[test]
fn fine_tuning_with_a_frozen_backbone_moves_the_head_only() {
    let folder = tempfile::tempdir().unwrap();
    write_set(&folder.path().join("set"), 60);
    let set = TrainingSet::open(&folder.path().join("set")).unwrap();
    let first = train(&set, &config(), Start::Fresh, &folder.path().join("a"), &mut go_on).unwrap().best;
    let frozen = TrainConfig { freeze_backbone: true, epochs: 1, mean_only_epochs: 0, seed: 9, ..config() };
    let start = Start::FineTune(Box::new(first.clone()));
    let tuned = train(&set, &frozen, start, &folder.path().join("b"), &mut go_on).unwrap().best;
    for ((name, _, before), (_, _, after)) in first.net.tensors().zip(tuned.net.tensors()) {
        let head = ["head.", "position.", "uncertainty."].iter().any(|p| name.starts_with(p));
        assert_eq!(before != after, head, "{name}");
    }
}

#[test]
fn damaged_and_unusable_sets_are_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let open = || TrainingSet::open(path).unwrap_err().to_string();
    write_set(path, 20);
    let planes = std::fs::read(path.join("planes.f16")).unwrap();
    std::fs::write(path.join("planes.f16"), &planes[..planes.len() - 5]).unwrap();
    assert!(open().contains("not 20 scenes long"));
    let mut damaged = planes.clone();
    damaged[100] ^= 1;
    std::fs::write(path.join("planes.f16"), &damaged).unwrap();
    let mut scene = vec![0.0; 6 * PLANE_LEN];
    let set = TrainingSet::open(path).unwrap();
    assert!(set.read(0, &mut scene).unwrap_err().to_string().contains("scene 0 is damaged"));
    set.read(1, &mut scene).unwrap();
    std::fs::write(path.join("set.json"), "{}").unwrap();
    assert!(open().contains("make the set again"));
    std::fs::remove_file(path.join("set.json")).unwrap();
    assert!(open().contains("cannot read"));
}

#[test]
fn sets_that_teach_nothing_are_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |labels: &[(f64, u64, Split)]| {
        let path = folder.path().join("set");
        let mut writer = TrainingSetWriter::create(&path, header()).unwrap();
        for &(east, block, split) in labels {
            let label = SceneLabel { target_enu_m: [east, 0.0], block, split, present: vec![true; 3] };
            writer.add(&vec![0.0; 6 * BANDS * FRAMES], label).unwrap();
        }
        writer.finish().unwrap();
        let set = match TrainingSet::open(&path) {
            Err(e) => return e.to_string(),
            Ok(set) => set,
        };
        train(&set, &config(), Start::Fresh, &folder.path().join("run"), &mut go_on).unwrap_err().to_string()
    };
    use Split::{Train, Validation};
    assert!(refusal(&[]).contains("no training scene"));
    assert!(refusal(&[(1.0, 1, Train), (2.0, 2, Train)]).contains("no validation scene"));
    assert!(refusal(&[(1.0, 1, Train), (1.0, 1, Train), (2.0, 2, Validation)]).contains("one place"));
    assert!(refusal(&[(1.0, 1, Train), (2.0, 1, Validation)]).contains("two splits"));
}

#[test]
fn foreign_and_damaged_checkpoints_are_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    write_set(&folder.path().join("set"), 60);
    let set = TrainingSet::open(&folder.path().join("set")).unwrap();
    let config = TrainConfig { epochs: 1, mean_only_epochs: 0, ..config() };
    let outcome = train(&set, &config, Start::Fresh, &folder.path().join("run"), &mut go_on).unwrap();
    let bytes = std::fs::read(&outcome.path).unwrap();
    let path = folder.path().join("broken.safetensors");
    for broken in [&bytes[..bytes.len() / 2], &bytes[..4], b"not a checkpoint at all"] {
        std::fs::write(&path, broken).unwrap();
        let sentence = Checkpoint::read(&path).unwrap_err().to_string();
        assert!(sentence.contains("damaged or not a checkpoint"), "{sentence}");
    }
    let mut other = outcome.best;
    other.state.feature_hash = "another".into();
    let sentence = other.predict_scenes(&set, &[0], 1).unwrap_err().to_string();
    assert!(sentence.contains("other settings"), "{sentence}");
}
