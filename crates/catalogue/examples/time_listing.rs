//! Fills a catalogue with 100 000 sessions and times opening it and the first page of each kind of list.
//!
//! `cargo run --release -p heimdall-catalogue --example time_listing [sessions]`
#![allow(clippy::unwrap_used, reason = "a measurement")]

use std::time::{Duration, Instant};

use heimdall_catalogue::{
    Actor, Catalogue, ConstellationDraft, Id, NewSession, Place, ReceiverDraft, RecordingDraft, SessionDraft,
    SessionFilter, SessionState, Sha256, Source, Surveyed,
};

const RECEIVERS: usize = 10;
const BATCH: usize = 1000;
const PAGES: usize = 51;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let sessions = std::env::args().nth(1).map_or(100_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalogue.sqlite");
    let catalogue = Catalogue::open(&file).await.unwrap();
    let started = Instant::now();
    let (receivers, constellation) = fill(&catalogue, sessions).await;
    let per_second = sessions as f64 / started.elapsed().as_secs_f64();
    catalogue.close().await;
    let bytes = std::fs::metadata(&file).unwrap().len();
    println!("{sessions} sessions, {} MB, made at {per_second:.0} per second", bytes / 1_000_000);

    let mut opened = Vec::new();
    for _ in 0..PAGES {
        let started = Instant::now();
        Catalogue::open(&file).await.unwrap().close().await;
        opened.push(started.elapsed());
    }
    print("open and close", 0, opened);

    let catalogue = Catalogue::open(&file).await.unwrap();
    let all = SessionFilter::default;
    let some = |text: &str| Some(text.to_owned());
    let time = |text: &str| Some(text.parse().unwrap());
    for (name, filter) in [
        ("all", all()),
        ("state, a third", SessionFilter { state: Some(SessionState::Pending), ..all() }),
        ("state, none", SessionFilter { state: Some(SessionState::Rejected), ..all() }),
        ("source known", SessionFilter { source_known: Some(true), ..all() }),
        ("constellation", SessionFilter { constellation: Some(constellation), ..all() }),
        ("receiver", SessionFilter { receiver: receivers.last().copied(), ..all() }),
        ("receiver of one session", SessionFilter { receiver: receivers.first().copied(), ..all() }),
        ("word in all", SessionFilter { text: some("session"), ..all() }),
        ("first letter of a word in all", SessionFilter { text: some("s"), ..all() }),
        ("word in one", SessionFilter { text: some("number77"), ..all() }),
        ("word that is nowhere", SessionFilter { text: some("nowhere"), ..all() }),
        ("frequency, few", SessionFilter { min_frequency_hz: Some(99.9e6), max_frequency_hz: Some(100e6), ..all() }),
        ("frequency, most", SessionFilter { min_frequency_hz: Some(10e6), ..all() }),
        ("frequency, the oldest 2000", SessionFilter { max_frequency_hz: Some(0.2e6), ..all() }),
        (
            "time, a day",
            SessionFilter { from: time("2021-03-01T00:00:00Z"), to: time("2021-03-02T00:00:00Z"), ..all() },
        ),
        ("time, from the second day on", SessionFilter { from: time("2020-01-02T00:00:00Z"), ..all() }),
        ("box, few", SessionFilter { area: some("7,45,7.1,45.1"), ..all() }),
        ("box, half", SessionFilter { area: some("0,0,180,90"), ..all() }),
        ("box, narrow and high", SessionFilter { area: some("7,-90,7.001,90"), ..all() }),
        (
            "state, frequency, box",
            SessionFilter {
                state: Some(SessionState::Pending),
                min_frequency_hz: Some(50e6),
                area: some("0,0,180,90"),
                ..all()
            },
        ),
        ("deleted", SessionFilter { deleted: true, ..all() }),
    ] {
        let (mut times, mut found) = (Vec::new(), 0);
        for _ in 0..PAGES {
            let started = Instant::now();
            found = catalogue.sessions(&filter).await.unwrap().items.len();
            times.push(started.elapsed());
        }
        print(name, found, times);
    }
}

async fn fill(catalogue: &Catalogue, sessions: usize) -> (Vec<Id>, Id) {
    let admin = Actor::owner();
    let sha256: Sha256 = "0".repeat(64).parse().unwrap();
    catalogue.add_object(&admin, &sha256, 1000).await.unwrap();
    let mut receivers = Vec::new();
    for number in 0..RECEIVERS {
        let place = Place { latitude_deg: 45.0, longitude_deg: number as f64, altitude_m: None };
        let draft = ReceiverDraft { name: format!("Receiver {number}"), place, gain_db: None, notes: String::new() };
        receivers.push(catalogue.create_receiver(&admin, &draft).await.unwrap().id);
    }
    let draft = ConstellationDraft { name: "All".into(), receivers: receivers.clone() };
    let constellation = catalogue.create_constellation(&admin, &draft).await.unwrap().id;
    for first in (0..sessions).step_by(BATCH) {
        let last = (first + BATCH).min(sessions);
        let new: Vec<_> =
            (first..last).map(|number| session(number, sessions, &receivers, constellation, &sha256)).collect();
        let ids = catalogue.create_sessions(&admin, &new).await.unwrap();
        // Some are decided and some deleted; one transaction each, so not all.
        for id in ids.iter().take(5) {
            catalogue.approve_session(&admin, *id, None).await.unwrap();
            catalogue.delete_session(&admin, *id, None).await.unwrap();
        }
    }
    (receivers, constellation)
}

/// Values without order, but the same each time.
fn session(number: usize, sessions: usize, receivers: &[Id], constellation: Id, sha256: &Sha256) -> NewSession {
    let part = |step: f64| (number as f64 * step).fract();
    let place = Place {
        latitude_deg: -80.0 + 160.0 * part(0.618_033_99),
        longitude_deg: -179.0 + 358.0 * part(0.414_213_56),
        altitude_m: None,
    };
    let known = !number.is_multiple_of(3);
    let start = jiff::Timestamp::from_second(1_577_836_800 + (number * 977 % 100_000) as i64 * 1000).unwrap();
    let old = number < sessions / 50;
    // The first receiver made one recording.
    let receiver = if number == 0 { receivers.first() } else { receivers.get(1 + number % (RECEIVERS - 1)) };
    NewSession {
        draft: SessionDraft {
            title: format!("Session number{number}"),
            center_frequency_hz: if old { 0.1e6 } else { 1e6 + 400e6 * part(0.732_050_8) },
            start,
            duration_s: 30.0,
            notes: "A carrier with slow fading, heard by most of the receivers in the north".into(),
            constellation: number.is_multiple_of(2).then_some(constellation),
            source: if known { Source::Position(Surveyed { place, error_m: 100.0 }) } else { Source::Unknown },
        },
        recordings: vec![RecordingDraft {
            sha256: sha256.clone(),
            file_name: "north.wav".into(),
            receiver: receiver.copied(),
            facts: serde_json::json!([{ "sample_rate_hz": 12_000.0, "sample_count": 360_000 }]),
            sigmf_meta: None,
        }],
    }
}

fn print(name: &str, found: usize, mut times: Vec<Duration>) {
    times.sort_unstable();
    let milliseconds = |at: usize| times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    let (median, worst) = (milliseconds(times.len() / 2), milliseconds(times.len() - 1));
    println!("{name:32} {found:4} found, median {median:6.2} ms, worst {worst:6.2} ms of {}", times.len());
}
