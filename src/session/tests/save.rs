//! The session as one file, and the news.

use heimdall_pipeline::TimeWindow;
use heimdall_recording::{SavedPlace, SavedSession};

use super::*;

fn packing(effects: &[Effect]) -> (JobId, Vec<String>, SavedSession, Vec<(String, TypedFacts)>) {
    let packing = jobs(effects).into_iter().find_map(|(job, request)| match request {
        Request::Pack { names, saved, typed } => Some((job, names, *saved, typed)),
        _ => None,
    });
    packing.expect("an archive is asked for")
}

#[test]
fn a_saved_session_holds_files_settings_and_answers_and_reads_no_file() {
    let (mut session, _) = opened();
    let window = Some(TimeWindow { start_s: 1.0, duration_s: 2.0 });
    session.handle(Event::Set(Settings { window, ..Settings::default() }));
    session.groups[1].typed = TypedFacts { sample_rate_hz: Some(250e3), ..TypedFacts::default() };
    let (job, names, saved, typed) = packing(&session.handle(Event::SessionWanted));
    assert_eq!(names, ["a.wav", "b.wav"]);
    assert_eq!(serde_json::from_str::<Settings>(&saved.settings).unwrap(), session.settings);
    assert_eq!(typed, [("b.wav".to_owned(), session.groups[1].typed.clone())]);
    let pieces = vec![vec![1], vec![2], vec![3]];
    let effects = session.handle(Event::Replied(job, Reply::Packed(pieces)));
    let saved = effects.iter().find_map(|effect| match effect {
        Effect::Download { name, parts, .. } => Some((name.as_str(), parts.as_slice())),
        _ => None,
    });
    let bytes = |byte| Part::Bytes(vec![byte]);
    let parts = [bytes(1), Part::File(1), bytes(2), Part::File(2), bytes(3)];
    assert_eq!(saved, Some(("heimdall-session.tar", parts.as_slice())));
}

#[test]
fn files_of_one_name_get_folders_of_their_own() {
    let mut session = Session::new(Vec::new(), Preferences::default());
    let opening = jobs(&session.handle(Event::Dropped(vec![(1, "a.wav".to_owned()), (2, "A.wav".to_owned())])));
    for (job, _) in opening {
        session.handle(Event::Replied(job, Reply::Opened(vec![recording("a.wav")])));
    }
    assert_eq!(packing(&session.handle(Event::SessionWanted)).1, ["1/a.wav", "2/A.wav"]);
}

#[test]
fn a_session_file_brings_its_settings_and_places_but_moves_nothing_that_was_placed_now() {
    let (mut session, _) = opened();
    let here = |latitude_deg| Position { latitude_deg, longitude_deg: 9.0 };
    session.handle(Event::Placed("a.wav".to_owned(), here(50.0), Origin::Map));
    let place = |latitude| SavedPlace { position: here(latitude), origin: Origin::TypedIn };
    let saved = SavedSession {
        settings: r#"{"gain_sigma_db":4.0}"#.to_owned(),
        places: vec![("a.wav".to_owned(), place(51.0)), ("b.wav".to_owned(), place(52.0))],
        typed: Vec::new(),
    };
    let list = Collection { name: "s".to_owned(), streams: Vec::new(), description: None, saved: Some(saved) };
    let opening = jobs(&session.handle(Event::Dropped(vec![(3, "s.sigmf-collection".to_owned())])));
    let (id, _) = opening.into_iter().find(|(_, request)| matches!(request, Request::Open { .. })).unwrap();
    session.handle(Event::Replied(id, Reply::Opened(vec![Opened::Collection(list)])));
    assert_eq!(session.settings.gain_sigma_db, Some(4.0));
    assert_eq!(session.places["a.wav"].position, here(50.0));
    assert_eq!(session.places["b.wav"].position, here(52.0));
    session.handle(Event::Undone);
    assert_eq!(session.settings.gain_sigma_db, None);
}

#[test]
fn what_went_wrong_stays_in_the_news() {
    let mut session = Session::new(Vec::new(), Preferences::default());
    let opening = jobs(&session.handle(Event::Dropped(vec![(1, "a.pdf".to_owned())])));
    session.handle(Event::Replied(opening[0].0, Reply::Failed("A PDF document".to_owned())));
    session.handle(Event::Cleared);
    let news: Vec<_> = session.news.iter().map(|news| (news.text.as_str(), news.kind)).collect();
    assert_eq!(news, [("A PDF document", NewsKind::Refusal)]);
}
