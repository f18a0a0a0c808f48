//! Fills a catalogue with 100 000 sessions and times opening it and the first page of each kind of list.
//!
//! `cargo run --release -p heimdall-catalogue --example time_listing [sessions]`
#![allow(clippy::unwrap_used, reason = "a measurement")]

mod many_sessions;

use std::time::{Duration, Instant};

use heimdall_catalogue::{Catalogue, SessionFilter, SessionState};
use many_sessions::fill;

const PAGES: usize = 51;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let sessions = std::env::args().nth(1).map_or(100_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalogue.sqlite");
    let catalogue = Catalogue::open(&file).await.unwrap();
    let started = Instant::now();
    let (receivers, constellation) = fill(&catalogue, sessions).await.unwrap();
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

fn print(name: &str, found: usize, mut times: Vec<Duration>) {
    times.sort_unstable();
    let milliseconds = |at: usize| times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    let (median, worst) = (milliseconds(times.len() / 2), milliseconds(times.len() - 1));
    println!("{name:32} {found:4} found, median {median:6.2} ms, worst {worst:6.2} ms of {}", times.len());
}
