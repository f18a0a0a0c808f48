//! A catalogue in a folder that vanishes, and what is put into it.
#![allow(dead_code, clippy::unwrap_used, reason = "not every test uses all of it; a test may panic")]

use heimdall_catalogue::{
    Actor, Catalogue, Place, ReceiverDraft, RecordingDraft, Role, SessionDraft, Sha256, Source, Surveyed, TokenDraft,
};

pub struct Scene {
    pub catalogue: Catalogue,
    pub folder: tempfile::TempDir,
    pub admin: Actor,
}

pub async fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = Catalogue::open(&folder.path().join("catalogue.sqlite")).await.unwrap();
    Scene { catalogue, folder, admin: Actor::owner() }
}

impl Scene {
    pub async fn actor(&self, name: &str, role: Role, quota_bytes: Option<u64>) -> Actor {
        let draft = TokenDraft { name: name.into(), role, quota_bytes };
        let (_, secret) = self.catalogue.create_token(&self.admin, &draft).await.unwrap();
        self.catalogue.authenticate(&secret).await.unwrap().unwrap()
    }

    pub async fn object(&self, actor: &Actor, number: u8, bytes: u64) -> Sha256 {
        let sha256 = hash(number);
        self.catalogue.add_object(actor, &sha256, bytes).await.unwrap();
        sha256
    }
}

pub fn hash(number: u8) -> Sha256 {
    format!("{number:064x}").parse().unwrap()
}

pub fn draft(title: &str) -> SessionDraft {
    SessionDraft {
        title: title.into(),
        center_frequency_hz: 77.5e3,
        start: "2020-08-13T06:52:20.123456789Z".parse().unwrap(),
        duration_s: 30.0,
        notes: String::new(),
        constellation: None,
        source: Source::Unknown,
    }
}

pub fn place(latitude_deg: f64, longitude_deg: f64) -> Place {
    Place { latitude_deg, longitude_deg, altitude_m: None }
}

pub fn at(latitude_deg: f64, longitude_deg: f64) -> Source {
    Source::Position(Surveyed { place: place(latitude_deg, longitude_deg), error_m: 50.0 })
}

pub fn receiver(name: &str) -> ReceiverDraft {
    ReceiverDraft { name: name.into(), place: place(45.0, 7.0), gain_db: None, notes: String::new() }
}

pub fn recording(sha256: &Sha256) -> RecordingDraft {
    RecordingDraft {
        sha256: sha256.clone(),
        file_name: "north.wav".into(),
        receiver: None,
        facts: serde_json::json!([{ "sample_count": 2048 }]),
        told: [("position".to_owned(), "45.07, 7.69".to_owned())].into(),
        sigmf_meta: None,
    }
}
