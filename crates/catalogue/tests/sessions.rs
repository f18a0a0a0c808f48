//! The life of a session.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{at, draft, hash, receiver, recording, scene};
use heimdall_catalogue::{
    Catalogue, Constellation, ConstellationDraft, Error, Receiver, SessionDraft, SessionFilter, SessionState, Source,
    Surveyed, Transmitter, TransmitterDraft,
};

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    let montanaro = catalogue.create_entry::<Receiver>(admin, &receiver("Montanaro")).await.unwrap();
    let torino = catalogue.create_entry::<Receiver>(admin, &receiver("Torino")).await.unwrap();
    // In the order given, not in that of the ids.
    let order = ConstellationDraft { name: "Piemonte".into(), receivers: vec![torino.id, montanaro.id] };
    let constellation = catalogue.create_entry::<Constellation>(admin, &order).await.unwrap();
    let mut wanted = draft("DCF77");
    wanted.constellation = Some(constellation.id);
    wanted.source = at(50.0156, 9.0108);
    let session = catalogue.create_session(admin, &wanted).await.unwrap();
    let object = scene.object(admin, 1, 4096).await;
    let mut attached = recording(&object);
    attached.receiver = Some(torino.id);
    attached.sigmf_meta = Some("{ \"global\":  {} }\n".into());
    catalogue.attach(admin, session.id, &attached).await.unwrap();
    catalogue.close().await;

    let again = Catalogue::open(&scene.folder.path().join("catalogue.sqlite")).await.unwrap();
    let found = again.session(session.id).await.unwrap();
    assert_eq!(found.draft, wanted);
    assert_eq!((found.state, found.recordings, found.bytes), (SessionState::Pending, 1, 4096));
    assert_eq!(again.recordings(session.id).await.unwrap()[0].draft, attached);
    assert_eq!(again.entry::<Constellation>(constellation.id).await.unwrap().draft, order);
    again.verify().await.unwrap();
}

#[tokio::test]
async fn of_two_who_edit_the_same_revision_the_second_is_told() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    let session = catalogue.create_session(admin, &draft("one")).await.unwrap();
    let edit = |title: &'static str| {
        catalogue.edit_session(admin, session.id, session.revision, Box::leak(Box::new(draft(title))))
    };
    let (first, second) = tokio::join!(edit("two"), edit("three"));
    let [kept] =
        [first, second].map(|outcome| outcome.ok()).into_iter().flatten().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(catalogue.session(session.id).await.unwrap(), kept);
    let stale = catalogue.edit_session(admin, session.id, session.revision, &draft("four")).await.unwrap_err();
    assert!(stale.to_string().contains("revision 2"), "{stale}");
}

#[tokio::test]
async fn a_session_is_approved_or_rejected_with_a_reason_and_that_may_be_changed() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    let id = catalogue.create_session(admin, &draft("one")).await.unwrap().id;
    let empty = catalogue.approve_session(admin, id, None).await.unwrap_err();
    assert!(empty.to_string().contains("no recording"), "{empty}");
    let object = scene.object(admin, 1, 8).await;
    catalogue.attach(admin, id, &recording(&object)).await.unwrap();
    assert!(catalogue.reject_session(admin, id, None, " ").await.is_err());
    let rejected = catalogue.reject_session(admin, id, None, "clipped").await.unwrap();
    assert_eq!(rejected.state, SessionState::Rejected);
    assert_eq!(rejected.decision.and_then(|decision| decision.reason).as_deref(), Some("clipped"));
    let stale = catalogue.approve_session(admin, id, Some(rejected.revision - 1)).await;
    assert!(matches!(stale, Err(Error::Stale { .. })));
    let approved = catalogue.approve_session(admin, id, Some(rejected.revision)).await.unwrap();
    assert_eq!(approved.state, SessionState::Approved);
    assert_eq!(approved.decision.and_then(|decision| decision.reason), None);
}

#[tokio::test]
async fn a_deletion_can_be_taken_back_until_the_purge() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    let listed = async || catalogue.sessions(&SessionFilter::default()).await.unwrap().items.len();
    let kept = catalogue.create_session(admin, &draft("kept")).await.unwrap().id;
    let id = catalogue.create_session(admin, &draft("Zanzibar")).await.unwrap().id;
    catalogue.edit_session(admin, id, 1, &draft("Zanzibar again")).await.unwrap();
    let (shared, own) = (scene.object(admin, 1, 8).await, scene.object(admin, 2, 8).await);
    catalogue.attach(admin, kept, &recording(&shared)).await.unwrap();
    catalogue.attach(admin, id, &recording(&shared)).await.unwrap();
    catalogue.attach(admin, id, &recording(&own)).await.unwrap();

    assert!(catalogue.purge_session(admin, id, None).await.is_err(), "deleted first");
    catalogue.delete_session(admin, id, None).await.unwrap();
    assert_eq!(listed().await, 1);
    assert!(catalogue.approve_session(admin, id, None).await.is_err());
    catalogue.undelete_session(admin, id).await.unwrap();
    assert_eq!(listed().await, 2);

    catalogue.delete_session(admin, id, None).await.unwrap();
    assert_eq!(catalogue.purge_session(admin, id, None).await.unwrap(), std::slice::from_ref(&own));
    assert!(matches!(catalogue.session(id).await, Err(Error::NotFound { .. })));
    let words = SessionFilter { text: Some("zanzibar".into()), ..Default::default() };
    assert!(catalogue.sessions(&words).await.unwrap().items.is_empty());
    // The object cannot be taken while its file is being deleted, and is named until that is done.
    assert!(catalogue.attach(admin, kept, &recording(&own)).await.is_err());
    let hour = jiff::SignedDuration::from_hours(1);
    assert_eq!(catalogue.sweep(hour).await.unwrap(), std::slice::from_ref(&own));
    catalogue.forget_object(&own).await.unwrap();
    assert!(catalogue.sweep(hour).await.unwrap().is_empty());
    // The same content may come again, also before its file is gone.
    catalogue.add_object(admin, &own, 8).await.unwrap();
    assert_eq!(catalogue.sweep(jiff::SignedDuration::ZERO).await.unwrap(), std::slice::from_ref(&own));
    catalogue.add_object(admin, &own, 8).await.unwrap();
    assert!(catalogue.sweep(hour).await.unwrap().is_empty());
    catalogue.verify().await.unwrap();
    // The words are gone from the file as well: from table, index and log.
    catalogue.close().await;
    let file = std::fs::read(scene.folder.path().join("catalogue.sqlite")).unwrap();
    assert!(!file.windows(5).any(|bytes| bytes.eq_ignore_ascii_case(b"nziba")));
}

#[tokio::test]
async fn an_object_that_no_session_took_is_swept_after_its_grace() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    let id = catalogue.create_session(admin, &draft("one")).await.unwrap().id;
    let (taken, left) = (scene.object(admin, 1, 8).await, scene.object(admin, 2, 8).await);
    catalogue.attach(admin, id, &recording(&taken)).await.unwrap();
    assert!(catalogue.sweep(jiff::SignedDuration::from_hours(1)).await.unwrap().is_empty());
    assert_eq!(catalogue.sweep(jiff::SignedDuration::ZERO).await.unwrap(), [left]);
    let recording = catalogue.recordings(id).await.unwrap().remove(0);
    assert_eq!(catalogue.detach(admin, id, recording.id).await.unwrap(), [taken]);
}

#[tokio::test]
async fn moving_a_transmitter_moves_the_source_of_its_sessions() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    let position = |latitude_deg| Surveyed { place: common::place(latitude_deg, 9.0), error_m: 10.0 };
    let mut known = TransmitterDraft {
        name: "DCF77".into(),
        position: position(50.0),
        frequency_hz: Some(77.5e3),
        power_w: None,
        notes: String::new(),
    };
    let transmitter = catalogue.create_entry::<Transmitter>(admin, &known).await.unwrap();
    let mut labelled = draft("one");
    labelled.source = Source::Transmitter { transmitter: transmitter.id };
    let session = catalogue.create_session(admin, &labelled).await.unwrap();
    assert_eq!(session.position, Some(position(50.0)));
    known.position = position(51.0);
    catalogue.edit_entry::<Transmitter>(admin, transmitter.id, 1, &known).await.unwrap();
    let moved = catalogue.session(session.id).await.unwrap();
    assert_eq!((moved.position, moved.revision), (Some(position(51.0)), session.revision + 1));
    let area = SessionFilter { area: Some("8,50.5,10,51.5".into()), ..Default::default() };
    assert_eq!(catalogue.sessions(&area).await.unwrap().items, [moved]);
    let used = catalogue.delete_entry::<Transmitter>(admin, transmitter.id, 2).await.unwrap_err();
    assert!(matches!(used, Error::InUse { .. }), "{used}");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_the_field_and_advice() {
    let scene = scene().await;
    let (catalogue, admin) = (&scene.catalogue, &scene.admin);
    type Spoil = fn(&mut SessionDraft);
    let cases: [(&str, Spoil); 9] = [
        ("title", |draft| draft.title = " ".into()),
        ("title", |draft| draft.title = "a\nb".into()),
        ("title", |draft| draft.title = "a".repeat(201)),
        ("center_frequency_hz", |draft| draft.center_frequency_hz = f64::NAN),
        ("center_frequency_hz", |draft| draft.center_frequency_hz = -1.0),
        ("duration_s", |draft| draft.duration_s = f64::INFINITY),
        ("latitude_deg", |draft| draft.source = at(91.0, 0.0)),
        ("latitude_deg", |draft| draft.source = at(0.0, 0.0)),
        ("start", |draft| draft.start = jiff::Timestamp::MIN),
    ];
    for (field, spoil) in cases {
        let mut spoiled = draft("one");
        spoil(&mut spoiled);
        let error = catalogue.create_session(admin, &spoiled).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid { field: found, .. } if *found == field), "{error}");
        assert!(error.to_string().contains("; "), "{error}");
    }
    let mut unknown = draft("one");
    unknown.constellation = Some("0000000000001".parse().unwrap());
    let error = catalogue.create_session(admin, &unknown).await.unwrap_err();
    assert_eq!(error.to_string(), "There is no constellation 0000000000001; list them to find the one that is meant");
    assert!(catalogue.sessions(&SessionFilter::default()).await.unwrap().items.is_empty());
    assert!("G".repeat(64).parse::<heimdall_catalogue::Sha256>().is_err());
    assert!(matches!(catalogue.object(&hash(9)).await, Err(Error::NotFound { .. })));
}
