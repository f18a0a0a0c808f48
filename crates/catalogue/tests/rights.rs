//! Who may do what, and what is written down about it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{draft, hash, receiver, recording, scene};
use heimdall_catalogue::{Error, Receiver, Role, TokenDraft};

#[tokio::test]
async fn a_viewer_only_reads() {
    let scene = scene().await;
    let catalogue = &scene.catalogue;
    let viewer = scene.actor("reader", Role::Viewer, None).await;
    assert!(matches!(catalogue.create_session(&viewer, &draft("one")).await, Err(Error::Role { .. })));
    assert!(matches!(catalogue.add_object(&viewer, &hash(1), 8).await, Err(Error::Role { .. })));
    assert!(matches!(catalogue.create_entry::<Receiver>(&viewer, &receiver("A")).await, Err(Error::Role { .. })));
    assert!(catalogue.entries::<Receiver>().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_contributor_changes_its_own_pending_sessions_only() {
    let scene = scene().await;
    let catalogue = &scene.catalogue;
    let anna = scene.actor("Anna", Role::Contributor, None).await;
    let bruno = scene.actor("Bruno", Role::Contributor, None).await;
    let trainer = scene.actor("Trainer", Role::Trainer, None).await;
    let object = scene.object(&anna, 1, 8).await;
    let id = catalogue.create_session(&anna, &draft("one")).await.unwrap().id;
    catalogue.attach(&anna, id, &recording(&object)).await.unwrap();
    assert!(matches!(catalogue.edit_session(&bruno, id, 2, &draft("two")).await, Err(Error::NotYours { .. })));
    assert!(matches!(catalogue.delete_session(&bruno, id, None).await, Err(Error::NotYours { .. })));
    assert!(matches!(catalogue.approve_session(&anna, id, None).await, Err(Error::Role { .. })));
    let edited = catalogue.edit_session(&anna, id, 2, &draft("two")).await.unwrap();
    let approved = catalogue.approve_session(&trainer, id, Some(edited.revision)).await.unwrap();
    let late = catalogue.edit_session(&anna, id, approved.revision, &draft("three")).await.unwrap_err();
    assert!(matches!(late, Error::NotYours { .. }), "{late}");
    assert!(catalogue.delete_session(&anna, id, None).await.is_err());
    catalogue.delete_session(&scene.admin, id, None).await.unwrap();
}

#[tokio::test]
async fn the_quota_counts_what_is_stored_and_not_the_same_content_twice() {
    let scene = scene().await;
    let catalogue = &scene.catalogue;
    let anna = scene.actor("Anna", Role::Contributor, Some(100)).await;
    catalogue.add_object(&anna, &hash(1), 60).await.unwrap();
    catalogue.add_object(&anna, &hash(1), 60).await.unwrap();
    let full = catalogue.add_object(&anna, &hash(2), 41).await.unwrap_err();
    assert!(matches!(full, Error::Quota { used_bytes: 60, quota_bytes: 100, .. }), "{full}");
    assert!(catalogue.may_store(&anna, 41).await.is_err());
    catalogue.may_store(&anna, 40).await.unwrap();
    // What is deleted may be stored again.
    let id = catalogue.create_session(&anna, &draft("one")).await.unwrap().id;
    catalogue.attach(&anna, id, &recording(&hash(1))).await.unwrap();
    catalogue.delete_session(&anna, id, None).await.unwrap();
    for object in catalogue.purge_session(&anna, id, None).await.unwrap() {
        catalogue.forget_object(&object).await.unwrap();
    }
    catalogue.add_object(&anna, &hash(2), 100).await.unwrap();
    assert_eq!(catalogue.tokens(&scene.admin).await.unwrap()[0].used_bytes, 100);
}

#[tokio::test]
async fn a_revoked_token_is_nobody_and_no_secret_is_in_the_file() {
    let scene = scene().await;
    let catalogue = &scene.catalogue;
    let draft = TokenDraft { name: "Anna".into(), role: Role::Trainer, quota_bytes: None };
    let (token, secret) = catalogue.create_token(&scene.admin, &draft).await.unwrap();
    let twice = catalogue.create_token(&scene.admin, &draft).await.unwrap_err();
    assert!(matches!(twice, Error::Taken { .. }), "{twice}");
    let actor = catalogue.authenticate(&secret).await.unwrap().unwrap();
    assert_eq!((actor.token, actor.role), (Some(token.id), Role::Trainer));
    assert!(catalogue.tokens(&actor).await.is_err(), "for admins");
    assert!(catalogue.tokens(&scene.admin).await.unwrap()[0].used.is_some());
    assert_eq!(catalogue.authenticate("wrong").await.unwrap(), None);
    assert!(catalogue.revoke_token(&scene.admin, token.id).await.unwrap().revoked.is_some());
    assert_eq!(catalogue.authenticate(&secret).await.unwrap(), None);
    catalogue.close().await;
    let file = std::fs::read(scene.folder.path().join("catalogue.sqlite")).unwrap();
    assert!(!file.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()));
}

#[tokio::test]
async fn every_change_leaves_a_line_and_a_refused_one_leaves_none() {
    let scene = scene().await;
    let catalogue = &scene.catalogue;
    let anna = scene.actor("Anna", Role::Contributor, None).await;
    let object = scene.object(&anna, 1, 8).await;
    let id = catalogue.create_session(&anna, &draft("one")).await.unwrap().id;
    let attached = catalogue.attach(&anna, id, &recording(&object)).await.unwrap();
    assert!(catalogue.attach(&anna, id, &recording(&object)).await.is_err(), "twice");
    catalogue.edit_session(&anna, id, 2, &draft("two")).await.unwrap();
    catalogue.detach(&anna, id, attached.id).await.unwrap();
    catalogue.delete_session(&anna, id, None).await.unwrap();
    catalogue.purge_session(&scene.admin, id, None).await.unwrap();
    let subject = id.to_string();
    let page = catalogue.audit(&scene.admin, Some(&subject), None, None).await.unwrap();
    let lines: Vec<_> = page.items.iter().map(|line| (line.action.as_str(), line.token_name.as_str())).collect();
    assert_eq!(
        lines,
        [
            ("session.purge", "admin"),
            ("session.delete", "Anna"),
            ("recording.detach", "Anna"),
            ("session.edit", "Anna"),
            ("recording.attach", "Anna"),
            ("session.create", "Anna"),
        ]
    );
    assert!(catalogue.audit(&anna, None, None, None).await.is_err(), "for admins");
    let first = catalogue.audit(&scene.admin, None, None, Some(3)).await.unwrap();
    let second = catalogue.audit(&scene.admin, None, first.next, None).await.unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next), (3, 5, None));
}
