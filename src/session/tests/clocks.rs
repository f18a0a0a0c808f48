//! Clocks aligned on a reference transmitter.

use heimdall_pipeline::{AlignedClock, Clocks, RecordingClock, Reference, ReferenceScheme, ReferenceSettings};
use heimdall_recording::ClockFit;

use super::*;

fn named() -> Settings {
    let reference = Reference::parse("DCF77").unwrap();
    let reference = Some(ReferenceSettings { reference, scheme: ReferenceScheme::Inside });
    Settings { reference, ..Settings::default() }
}

fn found(settings: &Settings) -> Clocks {
    let aligned = AlignedClock {
        sample_rate_hz: 12_000.3,
        rate_ppm: 25.0,
        start_time_unix_ns: 7,
        start_correction_s: Some(0.2),
        fit: ClockFit { frequency_offset_hz: 1.5, ..ClockFit::default() },
        sigma_s: 20e-6,
        fit_sigma_s: 1e-6,
        scatter: 1.0,
        segments: 12,
    };
    let recording =
        RecordingClock { id: "b.wav".into(), receiver: "b.wav".into(), aligned: Some(aligned), why_not: None };
    Clocks { settings: settings.reference.clone().unwrap(), base: Some("a.wav".into()), recordings: vec![recording] }
}

#[test]
fn a_reference_aligns_the_clocks_before_the_band_is_chosen_and_only_once() {
    let (mut session, planning) = opened();
    let solving = extracted(&mut session, planning);
    session.handle(Event::Replied(solving, Reply::Failed("no".to_owned())));
    let settings = named();
    let (aligning, request) = job(&session.handle(Event::Set(settings.clone())));
    let Request::Align { scene } = request else { panic!("{request:?}") };
    assert_eq!(scene.recordings.len(), 2);
    let clocks = Some(Box::new(found(&settings)));
    let (planning, request) = job(&session.handle(Event::Replied(aligning, Reply::Aligned(clocks))));
    let Request::Plan { scene } = request else { panic!("{request:?}") };
    let aligned = &scene.recordings[1].recording;
    assert_eq!(aligned.time_grade, TimeGrade::Reference);
    assert_eq!(aligned.sample_rate_hz.as_ref().map(|rate| rate.value), Some(12_000.3));
    // The channels follow the clocks: they are taken out anew, although the grid is the same.
    let effects = session.handle(Event::Replied(planning, Reply::Planned(Some(plan(&["a.wav", "b.wav"], 77.5e3)))));
    let extracting = jobs(&effects);
    assert_eq!(extracting.len(), 2);
    let Request::Extract { recording, .. } = &extracting[1].1 else { panic!("{extracting:?}") };
    assert_eq!(recording.recording.clock_fit.map(|fit| fit.frequency_offset_hz), Some(1.5));
    // Another band needs no other clocks.
    let band = Some(Band { center_hz: 77e3, bandwidth_hz: 1e3 });
    let effects = session.handle(Event::Set(Settings { band, ..settings }));
    assert!(!jobs(&effects).iter().any(|(_, request)| matches!(request, Request::Align { .. })));
    // Without the reference the recordings have their own clocks again.
    let effects = session.handle(Event::Set(Settings::default()));
    let plans = jobs(&effects).into_iter().find_map(|(_, request)| match request {
        Request::Plan { scene } => Some(scene),
        _ => None,
    });
    assert!(plans.is_none_or(|scene| scene.recordings[1].recording.clock_fit.is_none()));
    assert!(session.scene().recordings[1].recording.clock_fit.is_none());
}
