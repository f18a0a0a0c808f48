//! A scene from drop to report, with the workers played by hand.

use heimdall_pipeline::{Band, ChannelFacts, Plan, Refusal, Spectrum, Survey, Thumbnail};
use heimdall_recording::{Checksum, Layout, Origin, Position, Recording, SampleCoding, Stream, TimeGrade};

use super::*;
use crate::protocol::{Opened, Reply, Request};

mod clocks;
mod history;
mod network;
mod save;

fn recording(name: &str) -> Opened {
    let recording = Recording {
        name: name.to_owned(),
        source_index: 0,
        container: "test".to_owned(),
        layout: Layout::contiguous(0, 4000, SampleCoding::I16, 2),
        packed: None,
        sample_count: 1000,
        sample_rate_hz: None,
        start_time_unix_ns: None,
        time_grade: TimeGrade::Gnss,
        time_reason: String::new(),
        time_sigma_s: None,
        center_frequency_hz: None,
        position: None,
        station: None,
        checksum: None,
        metadata_sha512: None,
        clock_fit: None,
        full_scale_dbm: None,
        synthetic: false,
        questions: Vec::new(),
        notices: Vec::new(),
    };
    let survey = Survey {
        power_dbfs: -20.0,
        silent: false,
        clipped: 0.0,
        non_finite: 0,
        agc_db: None,
        fingerprint: 1,
        spectrum: Spectrum { start_hz: 0.0, step_hz: 1.0, power_dbfs: Vec::new() },
        thumbnail: Thumbnail { width: 0, height: 0, floor_dbfs: 0.0, ceiling_dbfs: 1.0, values: Vec::new() },
    };
    let scene = SceneRecording { id: String::new(), recording, survey, sha256: None };
    Opened::Recording { file: 0, recording: Box::new(scene) }
}

fn plan(recordings: &[&str], center_hz: f64) -> Plan {
    Plan {
        band: Band { center_hz, bandwidth_hz: 1e3 },
        rate_hz: 1280.0,
        start_unix_ns: 0,
        offset_s: 0.0,
        samples: 1000,
        recordings: recordings.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn facts(id: &str, plan: &Plan) -> ChannelFacts {
    ChannelFacts {
        id: id.to_owned(),
        plan: plan.clone(),
        power_dbfs: -20.0,
        noise_dbfs: -50.0,
        snr_db: 30.0,
        present: 0..1000,
        notices: Vec::new(),
    }
}

/// Jobs that the effects hand to workers.
fn jobs(effects: &[Effect]) -> Vec<(JobId, Request)> {
    let submitted = |effect: &Effect| match effect {
        Effect::Submit { job, request, .. } => Some((*job, request.as_ref().clone())),
        _ => None,
    };
    effects.iter().filter_map(submitted).collect()
}

/// The one job that the effects hand to a worker.
fn job(effects: &[Effect]) -> (JobId, Request) {
    let mut jobs = jobs(effects);
    assert_eq!(jobs.len(), 1, "{effects:?}");
    jobs.remove(0)
}

/// Two recordings dropped and opened; the request for a plan is under way.
fn opened() -> (Session, JobId) {
    let mut session = Session::new(Vec::new(), Preferences::default());
    let names = ["a.wav", "b.wav"];
    let files = names.iter().zip(1..).map(|(name, id)| (id, (*name).to_owned())).collect();
    let opening = jobs(&session.handle(Event::Dropped(files)));
    assert_eq!(opening.len(), 2);
    let mut last = Vec::new();
    for ((job, _), name) in opening.into_iter().zip(names) {
        assert!(last.is_empty(), "nothing is planned while files are being opened");
        last = session.handle(Event::Replied(job, Reply::Opened(vec![recording(name)])));
    }
    let (job, request) = job(&last);
    assert!(matches!(request, Request::Plan { .. }));
    (session, job)
}

#[test]
fn what_is_lent_names_each_recordings_receiver_and_file() {
    let (mut session, planning) = opened();
    extracted(&mut session, planning);
    let (files, lent) = session.lent();
    assert_eq!(files.len(), 2);
    let names = lent.recordings.iter().map(|lent| (lent.receiver.as_str(), lent.file, lent.recording.name.as_str()));
    assert_eq!(names.collect::<Vec<_>>(), [("a.wav", 0, "a.wav"), ("b.wav", 1, "b.wav")]);
    assert_eq!(lent.plan.map(|plan| plan.band.center_hz), Some(77.5e3));
}

/// Goes on until both channels are with the solver; returns the job of the solution.
fn extracted(session: &mut Session, planning: JobId) -> JobId {
    let plan = plan(&["a.wav", "b.wav"], 77.5e3);
    let extracting = jobs(&session.handle(Event::Replied(planning, Reply::Planned(Some(plan.clone())))));
    assert_eq!(extracting.len(), 2);
    let mut last = Vec::new();
    for ((job, _), id) in extracting.into_iter().zip(["a.wav", "b.wav"]) {
        last = session.handle(Event::Replied(job, Reply::Extracted(facts(id, &plan))));
        assert!(last.iter().any(|effect| matches!(effect, Effect::ForwardSamples { .. })));
    }
    let (job, request) = job(&last);
    assert!(matches!(request, Request::Solve { .. }));
    job
}

#[test]
fn switching_a_receiver_solves_again_without_taking_the_band_out_again() {
    let (mut session, planning) = opened();
    let solving = extracted(&mut session, planning);
    assert!(session.handle(Event::Switched("a.wav".to_owned(), false)).is_empty(), "the solver is busy");
    let (planning, request) = job(&session.handle(Event::Replied(solving, Reply::Failed("no".to_owned()))));
    let Request::Plan { scene } = request else { panic!("{request:?}") };
    assert_eq!(scene.settings.switched_off, ["a.wav"]);
    let (_, request) = job(&session.handle(Event::Replied(planning, Reply::Planned(Some(plan(&["b.wav"], 77.5e3))))));
    assert!(matches!(request, Request::Solve { .. }));
}

#[test]
fn another_band_is_taken_out_of_every_recording() {
    let (mut session, planning) = opened();
    let _solving = extracted(&mut session, planning);
    session.take_plan(session.generation, Some(plan(&["a.wav", "b.wav"], 60e3)), &mut Vec::new());
    session.jobs.clear();
    let mut effects = Vec::new();
    session.advance(&mut effects);
    assert!(jobs(&effects).iter().all(|(_, request)| matches!(request, Request::Extract { .. })));
    assert_eq!(jobs(&effects).len(), 2);
}

#[test]
fn a_worker_that_dies_costs_its_own_file_only() {
    let mut session = Session::new(Vec::new(), Preferences::default());
    let files = vec![(1, "good.wav".to_owned()), (2, "huge.wav".to_owned())];
    let opening = jobs(&session.handle(Event::Dropped(files)));
    session.handle(Event::Replied(opening[0].0, Reply::Opened(vec![recording("good.wav")])));
    let effects = session.handle(Event::Died(opening[1].0, "out of memory".to_owned()));
    let refusals = session.refusals();
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].name, "huge.wav");
    assert!(refusals[0].reason.contains("out of memory"));
    assert!(matches!(job(&effects).1, Request::Plan { .. }), "the other file goes on");
}

#[test]
fn a_dead_solver_is_not_asked_again_until_the_user_wants_it_and_then_gets_its_channels_anew() {
    let (mut session, planning) = opened();
    let solving = extracted(&mut session, planning);
    assert!(jobs(&session.handle(Event::SolverLost)).is_empty());
    assert!(jobs(&session.handle(Event::Died(solving, "unreachable".to_owned()))).is_empty());
    assert!(session.trouble.is_some());
    let (planning, _) = job(&session.handle(Event::Resumed));
    extracted(&mut session, planning);
}

#[test]
fn cancelling_stops_everything_and_resuming_opens_what_was_not_open() {
    let mut session = Session::new(Vec::new(), Preferences::default());
    let opening = jobs(&session.handle(Event::Dropped(vec![(1, "a.wav".to_owned())])));
    let effects = session.handle(Event::Cancelled);
    assert_eq!(effects.iter().filter(|effect| matches!(effect, Effect::Empty(_))).count(), 4);
    assert_eq!(session.activity(), None);
    let late = Reply::Opened(vec![recording("a.wav")]);
    assert!(session.handle(Event::Replied(opening[0].0, late)).is_empty(), "late answers are not heard");
    assert!(matches!(job(&session.handle(Event::Resumed)).1, Request::Open { .. }));
}

#[test]
fn the_same_name_twice_stays_two_recordings() {
    let mut session = Session::new(Vec::new(), Preferences::default());
    let opening = jobs(&session.handle(Event::Dropped(vec![(1, "a.wav".to_owned()), (2, "a.wav".to_owned())])));
    for (job, _) in opening {
        session.handle(Event::Replied(job, Reply::Opened(vec![recording("a.wav")])));
    }
    assert_eq!(session.recording_ids(), ["a.wav", "a.wav (2)"]);
}

#[test]
fn a_dropped_table_hides_the_memory_and_a_drag_hides_both() {
    let at = |latitude_deg| Position { latitude_deg, longitude_deg: 10.0 };
    let mut session = Session::new(vec![("a.wav".to_owned(), at(1.0))], Preferences::default());
    let opening = jobs(&session.handle(Event::Dropped(vec![(1, "a.wav".to_owned()), (2, "receivers.csv".to_owned())])));
    session.handle(Event::Replied(opening[0].0, Reply::Opened(vec![recording("a.wav")])));
    let place = |session: &Session| session.scene().recordings[0].recording.position.clone();
    let lent = |session: &Session| session.lent().1.recordings[0].position();
    assert_eq!(place(&session).unwrap().origin, Origin::Remembered);
    assert_eq!(lent(&session), Some(at(1.0)), "what is lent says the same");
    let row = ReceiverRow { name: "A.WAV".to_owned(), position: at(2.0), gain_offset_db: None, gain_sigma_db: None };
    session.handle(Event::Replied(opening[1].0, Reply::Opened(vec![Opened::Receivers(vec![row])])));
    assert_eq!(place(&session), None, "the solver takes it from the table");
    assert_eq!(lent(&session), Some(at(2.0)));
    session.handle(Event::Placed("a.wav".to_owned(), at(3.0), Origin::Map));
    assert_eq!(place(&session).unwrap().value, at(3.0));
    assert_eq!(lent(&session), Some(at(3.0)));
}

#[test]
fn dismissing_a_file_takes_its_recordings_and_its_work_away() {
    let (mut session, _) = opened();
    let group = session.groups[0].id;
    session.handle(Event::Dismissed(group));
    assert_eq!(session.recording_ids(), ["b.wav"]);
    let planning = *session.jobs.keys().next().unwrap();
    let (_, request) = job(&session.handle(Event::Replied(planning, Reply::Planned(None))));
    let Request::Plan { scene } = request else { panic!("{request:?}") };
    assert_eq!(scene.recordings.len(), 1, "the older plan is stale");
}

#[test]
fn a_map_file_does_not_wait_for_checksums_and_a_report_does() {
    let (mut session, planning) = opened();
    let solving = extracted(&mut session, planning);
    let report = Reply::Solved(Box::new(report()));
    let (hashing, request) = job(&session.handle(Event::Replied(solving, report)));
    assert!(matches!(request, Request::Hash { .. }));
    assert!(session.handle(Event::ExportWanted(ExportFormat::Json)).is_empty());
    let (exporting, request) = job(&session.handle(Event::ExportWanted(ExportFormat::Kml)));
    assert!(matches!(request, Request::Export { format: ExportFormat::Kml, .. }));
    session.handle(Event::Replied(exporting, Reply::Exported("kml".to_owned())));
    session.handle(Event::ExportWanted(ExportFormat::Json));
    let (hashing, _) = job(&session.handle(Event::Replied(hashing, Reply::Hashed(sums("aa")))));
    let (_, request) = job(&session.handle(Event::Replied(hashing, Reply::Hashed(sums("bb")))));
    let Request::Export { format: ExportFormat::Json, report } = request else { panic!("{request:?}") };
    let inputs: Vec<_> = report.inputs.iter().map(|input| (input.name.as_str(), input.sha256.as_deref())).collect();
    assert_eq!(inputs, [("a.wav", Some("aa")), ("b.wav", Some("bb"))]);
}

fn sums(sha256: &str) -> Checksums {
    Checksums { sha256: sha256.to_owned(), contradicted: Vec::new() }
}

#[test]
fn samples_that_are_not_those_of_the_metadata_are_spoken_of() {
    let (mut session, planning) = opened();
    let stated = Checksum { sha512: "ab".to_owned(), offset: 0, byte_len: 4000 };
    session.entries[0].scene.recording.checksum = Some(stated.clone());
    let solving = extracted(&mut session, planning);
    let (hashing, request) = job(&session.handle(Event::Replied(solving, Reply::Solved(Box::new(report())))));
    assert_eq!(request, Request::Hash { stated: vec![stated.clone()] });
    let sums = Checksums { sha256: "aa".to_owned(), contradicted: vec![stated] };
    session.handle(Event::Replied(hashing, Reply::Hashed(sums)));
    let notices = |id: &str| session.recording_row(id).unwrap().notices;
    assert!(notices("a.wav").iter().any(|notice| notice.contains("core:sha512")), "{:?}", notices("a.wav"));
    assert!(notices("b.wav").is_empty());
}

#[test]
fn i_and_q_of_one_recording_are_exchanged_and_back() {
    let (mut session, _) = opened();
    let opening = jobs(&session.handle(Event::Dropped(vec![(3, "set.zip".to_owned())])));
    let (id, _) = opening.into_iter().find(|(_, request)| matches!(request, Request::Open { .. })).unwrap();
    let members = ["c.cu8", "d.cu8"].map(recording);
    let unreadable = Opened::Refused(Refusal { name: "u.cu8".to_owned(), reason: "gone".to_owned() });
    let contents =
        |members: &[Opened; 2]| Reply::Opened(vec![members[0].clone(), unreadable.clone(), members[1].clone()]);
    session.handle(Event::Replied(id, contents(&members)));
    let mut exchanged = || {
        let effects = session.handle(Event::Exchanged("d.cu8".to_owned()));
        let opening = jobs(&effects).into_iter().find(|(_, request)| matches!(request, Request::Open { .. }));
        let (id, Request::Open { typed, .. }) = opening.unwrap() else { panic!("{effects:?}") };
        session.handle(Event::Replied(id, contents(&members)));
        typed.exchanged
    };
    assert_eq!(exchanged(), [2]);
    assert_eq!(exchanged(), [0; 0]);
}

#[test]
fn a_collection_says_what_is_missing_until_it_is_there() {
    let (mut session, _) = opened();
    let collection = |streams: &[&str]| Collection {
        saved: None,
        name: "x.sigmf-collection".to_owned(),
        streams: streams.iter().map(|name| Stream { name: (*name).to_owned(), sha512: None }).collect(),
        description: None,
    };
    let opening = jobs(&session.handle(Event::Dropped(vec![(3, "x.sigmf-collection".to_owned())])));
    let (id, _) = opening.into_iter().find(|(_, request)| matches!(request, Request::Open { .. })).unwrap();
    session.handle(Event::Replied(id, Reply::Opened(vec![Opened::Collection(collection(&["far"]))])));
    assert!(session.remarks()[0].sentence.contains("far"), "{:?}", session.remarks());
    session.handle(Event::Dropped(vec![(4, "far.sigmf".to_owned())]));
    assert_eq!(session.remarks(), []);
}

/// What the solver says of an empty scene.
fn report() -> Report {
    let scene = heimdall_pipeline::Scene::default();
    heimdall_pipeline::Solver::default().solve(&scene, &[], &mut |_| std::ops::ControlFlow::Continue(()))
}
