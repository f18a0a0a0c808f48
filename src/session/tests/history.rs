//! Undo and redo.

use heimdall_pipeline::TimeWindow;
use heimdall_recording::ReceiverRow;

use super::*;

fn at(latitude_deg: f64) -> Position {
    Position { latitude_deg, longitude_deg: 9.0 }
}

fn with_window(session: &Session, duration_s: f64) -> Event {
    let window = Some(TimeWindow { start_s: 0.0, duration_s });
    Event::Set(Settings { window, ..session.settings.clone() })
}

#[test]
fn choices_come_back_in_the_order_in_which_they_were_made_and_go_again() {
    let (mut session, _) = opened();
    assert!(!session.can_undo() && !session.can_redo());
    session.handle(Event::Switched("a.wav".to_owned(), false));
    session.handle(with_window(&session, 5.0));
    session.handle(Event::Placed("b.wav".to_owned(), at(50.0), Origin::TypedIn));
    let before = session.generation;

    session.handle(Event::Undone);
    assert!(session.places.is_empty() && session.settings.window.is_some());
    assert!(session.generation > before, "it is solved again");
    session.handle(Event::Undone);
    assert_eq!(session.settings.window, None);
    assert_eq!(session.settings.switched_off, ["a.wav"]);
    session.handle(Event::Undone);
    assert_eq!(session.settings, Settings::default());
    assert!(!session.can_undo());

    for _ in 0..3 {
        session.handle(Event::Redone);
    }
    assert!(!session.can_redo());
    assert_eq!(session.settings.window.map(|window| window.duration_s), Some(5.0));
    assert_eq!(session.places["b.wav"].position, at(50.0));
}

#[test]
fn what_was_undone_is_named() {
    let (mut session, _) = opened();
    let reference = heimdall_pipeline::Reference::parse("DCF77").unwrap();
    let scheme = heimdall_pipeline::ReferenceScheme::Inside;
    let reference = Some(heimdall_pipeline::ReferenceSettings { reference, scheme });
    session.handle(Event::Set(Settings { reference, ..session.settings.clone() }));
    session.handle(Event::Undone);
    assert_eq!(session.news.last().unwrap().text, "Undone: reference transmitter.");
}

#[test]
fn a_new_choice_ends_what_could_be_redone() {
    let (mut session, _) = opened();
    session.handle(with_window(&session, 5.0));
    session.handle(Event::Undone);
    session.handle(with_window(&session, 6.0));
    assert!(!session.can_redo());
}

#[test]
fn what_changes_nothing_is_no_step() {
    let (mut session, _) = opened();
    session.handle(Event::Set(session.settings.clone()));
    session.handle(Event::Switched("a.wav".to_owned(), true));
    assert!(!session.can_undo());
}

#[test]
fn a_drag_is_one_step_and_the_next_drag_another() {
    let (mut session, _) = opened();
    for way in [[50.0, 50.1, 50.2], [51.0, 51.1, 51.2]] {
        let [first, second, last] = way.map(at);
        session.handle(Event::Dragged("a.wav".to_owned(), first));
        session.handle(Event::Replied(99, Reply::Progress(0.5)));
        session.handle(Event::Dragged("a.wav".to_owned(), second));
        session.handle(Event::Placed("a.wav".to_owned(), last, Origin::Map));
    }
    session.handle(Event::Undone);
    assert_eq!(session.places["a.wav"].position, at(50.2));
    session.handle(Event::Undone);
    assert!(session.places.is_empty() && !session.can_undo());
}

#[test]
fn undo_says_what_it_undid_and_the_browsers_memory_follows() {
    let (mut session, _) = opened();
    session.handle(Event::Placed("a.wav".to_owned(), at(50.0), Origin::Map));
    let effects = session.handle(Event::Undone);
    assert!(effects.contains(&Effect::Remember(Vec::new())));
    assert_eq!(session.news.last().unwrap().text, "Undone: where a receiver stands.");
}

#[test]
fn a_table_that_was_dropped_meanwhile_is_not_undone() {
    let (mut session, _) = opened();
    session.handle(with_window(&session, 5.0));
    let opening = jobs(&session.handle(Event::Dropped(vec![(3, "receivers.csv".to_owned())])));
    let row = ReceiverRow { name: "far".to_owned(), position: at(40.0), gain_offset_db: None, gain_sigma_db: None };
    let (id, _) = opening.into_iter().find(|(_, request)| matches!(request, Request::Open { .. })).unwrap();
    session.handle(Event::Replied(id, Reply::Opened(vec![Opened::Receivers(vec![row])])));
    session.handle(Event::Undone);
    assert_eq!(session.settings.window, None);
    assert_eq!(session.places["far"].position, at(40.0));
}

#[test]
fn forgotten_places_do_not_come_back() {
    let (mut session, _) = opened();
    session.handle(Event::Placed("a.wav".to_owned(), at(50.0), Origin::Map));
    session.handle(with_window(&session, 5.0));
    session.handle(Event::Forgot);
    session.handle(Event::Undone);
    assert!(session.places.is_empty());
    assert_eq!(session.settings.window, None);
}
