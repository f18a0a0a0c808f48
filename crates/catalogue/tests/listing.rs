//! Lists: filters, words, pages.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{at, draft, receiver, recording, scene};
use heimdall_catalogue::{Constellation, ConstellationDraft, NewSession, Receiver, SessionFilter, SessionState};

#[tokio::test]
async fn pages_hold_every_session_once_also_while_new_ones_come() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    let new: Vec<NewSession> =
        (0..25).map(|n| NewSession { draft: draft(&format!("number {n}")), recordings: vec![] }).collect();
    let mut expected = catalogue.create_sessions(admin, &new).await.unwrap();
    expected.reverse();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let filter = SessionFilter { after, limit: Some(10), ..Default::default() };
        let page = catalogue.sessions(&filter).await.unwrap();
        seen.extend(page.items.iter().map(|session| session.id));
        catalogue.create_session(admin, &draft("new")).await.unwrap();
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn each_filter_and_all_together_find_what_fits() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    let torino = catalogue.create_entry::<Receiver>(admin, &receiver("Torino")).await.unwrap();
    let genova = catalogue.create_entry::<Receiver>(admin, &receiver("Gênes")).await.unwrap();
    let both = ConstellationDraft { name: "Both".into(), receivers: vec![torino.id, genova.id] };
    let both = catalogue.create_entry::<Constellation>(admin, &both).await.unwrap();
    let (one, two) = (scene.object(admin, 1, 8).await, scene.object(admin, 2, 8).await);
    // One session differs from the others in everything.
    let mut odd = draft("Fishing boat");
    odd.notes = "off the coast".into();
    odd.center_frequency_hz = 145.5e6;
    odd.start = "2024-01-01T00:00:00Z".parse().unwrap();
    odd.source = at(-17.0, 179.5);
    odd.constellation = Some(both.id);
    let mut recordings = vec![recording(&one), recording(&two)];
    recordings.iter_mut().for_each(|recording| recording.receiver = Some(genova.id));
    let mut new = vec![NewSession { draft: odd, recordings }];
    for n in 0..5 {
        let mut recording = recording(&one);
        recording.receiver = Some(torino.id);
        let mut draft = draft(&format!("DCF77 {n}"));
        draft.source = if n == 0 { at(50.0, 9.0) } else { draft.source };
        new.push(NewSession { draft, recordings: vec![recording] });
    }
    let ids = catalogue.create_sessions(admin, &new).await.unwrap();
    let wanted = ids[0];
    catalogue.approve_session(admin, wanted, None).await.unwrap();

    let time = |text: &str| Some(text.parse().unwrap());
    let some = |text: &str| Some(text.to_owned());
    let all = SessionFilter::default;
    let filters = [
        SessionFilter { text: some("fish"), ..all() },
        SessionFilter { text: some("COAST boat"), ..all() },
        SessionFilter { text: some("genes"), ..all() },
        SessionFilter { state: Some(SessionState::Approved), ..all() },
        SessionFilter { receiver: Some(genova.id), ..all() },
        SessionFilter { constellation: Some(both.id), ..all() },
        SessionFilter { min_frequency_hz: Some(145e6), max_frequency_hz: Some(146e6), ..all() },
        SessionFilter { from: time("2024-01-01T00:00:00Z"), to: time("2024-01-01T00:00:00Z"), ..all() },
        SessionFilter { area: some("179,-18,-179,-16"), ..all() },
        SessionFilter { source_known: Some(true), max_frequency_hz: None, from: time("2021-01-01T00:00:00Z"), ..all() },
        SessionFilter {
            text: some("fishing"),
            state: Some(SessionState::Approved),
            source_known: Some(true),
            constellation: Some(both.id),
            receiver: Some(genova.id),
            min_frequency_hz: Some(1e6),
            from: time("2023-01-01T00:00:00Z"),
            area: some("170,-20,180,0"),
            ..all()
        },
    ];
    for filter in filters {
        let found = catalogue.sessions(&filter).await.unwrap();
        let found: Vec<_> = found.items.iter().map(|session| session.id).collect();
        assert_eq!(found, [wanted], "{filter:?}");
    }
    let unknown = SessionFilter { source_known: Some(false), ..all() };
    assert_eq!(catalogue.sessions(&unknown).await.unwrap().items.len(), 4);
    catalogue.delete_session(admin, wanted, None).await.unwrap();
    let deleted = SessionFilter { deleted: true, ..all() };
    assert_eq!(catalogue.sessions(&deleted).await.unwrap().items[0].id, wanted);
    assert!(catalogue.sessions(&SessionFilter { text: some("fish"), ..all() }).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn the_words_follow_the_names_of_receivers() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    let old = catalogue.create_entry::<Receiver>(admin, &receiver("Torino")).await.unwrap();
    let mut recording = recording(&scene.object(admin, 1, 8).await);
    recording.receiver = Some(old.id);
    let id = catalogue.create_session(admin, &draft("one")).await.unwrap().id;
    let attached = catalogue.attach(admin, id, &recording).await.unwrap();
    let count = async |text: &str| {
        let filter = SessionFilter { text: Some(text.into()), ..Default::default() };
        catalogue.sessions(&filter).await.unwrap().items.len()
    };
    catalogue.edit_entry::<Receiver>(admin, old.id, 1, &receiver("Superga")).await.unwrap();
    assert_eq!((count("torino").await, count("superga").await), (0, 1));
    catalogue.detach(admin, id, attached.id).await.unwrap();
    assert_eq!(count("superga").await, 0);
}

#[tokio::test]
async fn a_filter_that_cannot_be_is_refused() {
    let scene = scene().await;
    let all = SessionFilter::default;
    for filter in [
        SessionFilter { limit: Some(0), ..all() },
        SessionFilter { limit: Some(201), ..all() },
        SessionFilter { area: Some("1,2,3".into()), ..all() },
        SessionFilter { area: Some("1,5,3,4".into()), ..all() },
        SessionFilter { area: Some("NaN,2,3,4".into()), ..all() },
        SessionFilter { min_frequency_hz: Some(f64::NAN), ..all() },
        SessionFilter { text: Some("a".repeat(201)), ..all() },
    ] {
        assert!(scene.catalogue.sessions(&filter).await.is_err(), "{filter:?}");
    }
}
