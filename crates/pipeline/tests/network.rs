//! How a scene uses a network: which model fits, what it hears, and what its answer does; the network is played.
#![allow(clippy::unwrap_used)]

mod common;

use std::ops::ControlFlow;

use common::{Dropped, TRUTH, dropped, says, spec};
use heimdall_localize::{Geodesy, Verdict};
use heimdall_model::{
    Answer, Constellation, FeatureSettings, FileCard, FusionCard, ModelCard, ModelIndex, ONNX_FILE, Planes, Promotion,
    Site,
};
use heimdall_pipeline::Detail;
use heimdall_pipeline::network::{Heard, NetworkInput, NetworkPlan, choose, listen, network_plan, run, scene_planes};
use heimdall_simulate::Scene as Simulated;

/// Five receivers for 1.1 s: long enough for a network.
fn long() -> Simulated {
    Simulated { duration_s: 1.1, ..spec() }
}

/// A model for the five receivers of [`spec`] in another order, and a sixth that is never there.
fn card(rate_hz: f64) -> ModelCard {
    let places = spec().receivers.into_iter().map(|receiver| (receiver.name, receiver.position));
    let sixth = ("R6".to_owned(), common::place(46.0, 8.0));
    let sites = places.chain([sixth]).map(|(name, position)| Site { name, position }).rev().collect();
    let constellation = Constellation::new("six".into(), sites).unwrap();
    let features = FeatureSettings::for_rate(rate_hz).unwrap();
    ModelCard {
        version: "v1.2.3".into(),
        files: vec![FileCard::of(ONNX_FILE, b"")],
        ..ModelCard::draft("six", constellation, features).unwrap()
    }
}

fn index(card: &ModelCard) -> ModelIndex {
    let mut index = ModelIndex::default();
    index.add(&card.constellation, &card.version);
    let promotion = Promotion { version: card.version.clone(), at: "2026-01-02T03:04:05Z".into(), reason: None };
    index.promote("six", promotion).unwrap();
    index
}

fn planned(dropped: &Dropped, card: &ModelCard) -> Result<NetworkPlan, String> {
    network_plan(&dropped.scene, &choose(&dropped.scene, &index(card))?, card)
}

fn heard(dropped: &Dropped, plan: &NetworkPlan) -> Vec<Heard> {
    let both = dropped.scene.recordings.iter().zip(&dropped.sources);
    both.map(|(entry, source)| listen(entry, source.as_ref(), plan, &mut |_| ControlFlow::Continue(())).unwrap())
        .collect()
}

#[test]
fn a_model_is_found_by_where_the_receivers_stand() {
    let (dropped, card) = (dropped(&long()), card(16e3));
    let fit = choose(&dropped.scene, &index(&card)).unwrap();
    assert_eq!(fit.folder, "six/v1.2.3");
    let ids: Vec<Option<&str>> = fit.recordings.iter().map(|id| id.as_deref().map(|id| &id[..1])).collect();
    assert_eq!(ids, [None, Some("4"), Some("3"), Some("2"), Some("1"), Some("0")]);
}

#[test]
fn why_no_model_hears_a_scene_is_said() {
    let said = |simulated: &Simulated, rate_hz: f64, change: fn(&mut Dropped)| {
        let mut dropped = dropped(simulated);
        change(&mut dropped);
        planned(&dropped, &card(rate_hz)).unwrap_err()
    };
    let mut elsewhere = long();
    elsewhere.receivers[2].position = common::place(45.0, 9.5);
    let nothing = said(&elsewhere, 16e3, |_| ());
    assert!(nothing.starts_with("No model for these receivers") && nothing.contains("docs/training.md"), "{nothing}");
    let slow = said(&long(), 24e3, |_| ());
    assert!(slow.contains("24000 samples per second") && slow.contains("has 16000"), "{slow}");
    let short = said(&spec(), 16e3, |_| ());
    assert!(short.contains("1.0 s") && short.contains("in common"), "{short}");
    let uncalibrated = said(&long(), 16e3, |dropped| dropped.scene.recordings[1].recording.full_scale_dbm = None);
    assert!(uncalibrated.contains("levels in dBm") && uncalibrated.contains("R2"), "{uncalibrated}");
    let one = said(&long(), 16e3, |dropped| {
        dropped.scene.settings.switched_off = ["R2", "R3", "R4", "R5"].map(String::from).to_vec();
    });
    assert!(one.contains("at least two receivers"), "{one}");
}

#[test]
fn a_model_trained_with_unknown_gains_hears_uncalibrated_receivers() {
    let mut dropped = dropped(&long());
    dropped.scene.recordings.iter_mut().for_each(|entry| entry.recording.full_scale_dbm = None);
    let card = ModelCard { uncalibrated_full_scale_dbm: Some(-33.0), ..card(16e3) };
    let plan = planned(&dropped, &card).unwrap();
    assert!(plan.listeners.iter().flatten().all(|listener| listener.full_scale_dbm == -33.0 && listener.timed));
}

/// Mean of the upper half of a receiver's plane over time, dBm per band, and whether its pairs show a correlation.
fn rows(planes: &Planes, receiver: usize) -> Vec<f64> {
    let mean = |row: &[f32]| row.iter().map(|value| f64::from(*value) * 20.0 - 120.0).sum::<f64>() / row.len() as f64;
    planes.plane(receiver).chunks_exact(32).map(mean).collect()
}

#[test]
fn a_faster_recording_shows_the_same_planes_after_decimation() {
    let card = card(16e3);
    let whole = dropped(&long());
    let mut fast = long();
    fast.receivers.iter_mut().for_each(|receiver| receiver.sample_rate_hz = 48e3);
    let fast = dropped(&fast);
    let made = |dropped: &Dropped| {
        let plan = planned(dropped, &card).unwrap();
        scene_planes(&card, &plan, &heard(dropped, &plan)).unwrap()
    };
    let (whole, fast) = (made(&whole), made(&fast));
    // The noise of 10 kHz differs from draw to draw, but each band's mean over a second less than 1.5 dB; its middle is
    // where the receivers are tuned, give or take the 300 Hz that the band's search finds.
    for receiver in 1..6 {
        let (a, b) = (rows(&whole, receiver), rows(&fast, receiver));
        for row in 40..88 {
            assert!((a[row] - b[row]).abs() < 1.5, "receiver {receiver}, row {row}: {} and {}", a[row], b[row]);
        }
    }
    assert!(rows(&fast, 0).iter().all(|level_dbm| *level_dbm == -160.0), "the sixth is missing");
    // The clocks agree, so that pairs correlate: the plane of the last two receivers.
    let peak = |planes: &Planes| planes.plane(6 + 14).iter().copied().fold(0.0, f32::max);
    assert!(peak(&whole) > 0.3 && peak(&fast) > 0.3, "{} and {}", peak(&whole), peak(&fast));
}

/// A network that is sure to ±500 m of a place 10 km north of the truth, and of the truth when one receiver is missing.
fn played(card: &ModelCard) -> impl FnMut(&Planes) -> Result<Answer, String> + use<> {
    let geodesy = Geodesy::default();
    let [east, north] = card.constellation.frame().east_north_m(&geodesy, TRUTH);
    move |planes: &Planes| {
        let missing = (1..6).any(|receiver| planes.plane(receiver).iter().all(|value| *value == -2.0));
        let north = if missing { north } else { north + 10e3 };
        Ok(Answer { position_enu_m: [east, north], factor_m: [500.0, 0.0, 500.0], density: None })
    }
}

fn answered(fusion: Option<FusionCard>) -> Dropped {
    let mut dropped = dropped(&long());
    let card = ModelCard { fusion, ..card(16e3) };
    let plan = planned(&dropped, &card).unwrap();
    let answer = run(&card, &plan, &heard(&dropped, &plan), Detail::Whole, played(&card)).unwrap();
    assert_eq!(answer.receivers, ["R5", "R4", "R3", "R2", "R1"]);
    assert_eq!(answer.without.len(), 5);
    dropped.scene.network = NetworkInput::Answered(Box::new(answer));
    dropped
}

#[test]
fn the_answer_is_the_fix_where_the_card_gives_the_others_no_say() {
    let report = answered(None).solve();
    let off_m = Geodesy::default().distance_m(TRUTH, report.fix.mode.unwrap());
    assert!((off_m - 10e3).abs() < 20.0, "{off_m}");
    assert_eq!((report.fix.verdict, report.fix.experts), (Verdict::Located, vec!["neural".to_owned()]));
    let network = report.network.unwrap();
    assert!(network.spoke && network.name.unwrap().version == "v1.2.3");
    assert!(
        network.sentence.contains("Heard 5 receivers")
            && network.sentence.contains("count not at all, levels not at all")
    );
    // Each receiver's planes away, the played network says the truth, 10 km off.
    for receiver in &report.receivers {
        let occlusion = receiver.occlusion.unwrap();
        // 1 % of each is spread over the whole area.
        assert!((occlusion.moved_m - 9_900.0).abs() < 50.0 && (occlusion.growth - 1.0).abs() < 0.1, "{occlusion:?}");
    }
}

#[test]
fn time_differences_overrule_it_where_the_card_lets_them() {
    let report = answered(Some(FusionCard { tdoa: 1.0, ..FusionCard::default() })).solve();
    let off_m = Geodesy::default().distance_m(TRUTH, report.fix.mean.unwrap());
    assert!(off_m < 1_000.0, "{off_m}");
    assert_eq!(report.fix.experts, ["tdoa", "neural"]);
}

#[test]
fn switched_off_or_with_another_receiver_it_is_silent_and_says_so() {
    let mut off = answered(None);
    off.scene.settings.experts_off = vec!["neural".into()];
    let report = off.solve();
    assert_eq!(report.network.as_ref().map(|network| network.sentence.as_str()), Some("Switched off."));
    assert!(!report.fix.experts.contains(&"neural".to_owned()));
    assert!(report.receivers.iter().all(|receiver| receiver.occlusion.is_none()));
    let mut fewer = answered(None);
    fewer.scene.settings.switched_off = vec!["R1".into()];
    let network = fewer.solve().network.unwrap();
    assert!(!network.spoke && says(&[network.sentence], "other receivers"));
    let mut none = dropped(&long());
    assert_eq!(none.solve().network, None, "nobody asked");
    none.scene.network = NetworkInput::Silent { name: None, reason: "No model.".into() };
    assert_eq!(none.solve().network.unwrap().sentence, "No model.");
}
