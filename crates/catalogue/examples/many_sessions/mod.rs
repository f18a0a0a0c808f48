//! A catalogue as it may be after years.

use anyhow::Result;
use heimdall_catalogue::{
    Actor, Catalogue, Constellation, ConstellationDraft, Id, NewSession, Place, Receiver, ReceiverDraft,
    RecordingDraft, SessionDraft, Sha256, Source, Surveyed,
};

const RECEIVERS: usize = 10;
const BATCH: usize = 1000;

/// Puts so many sessions into an empty catalogue; its receivers, of which the first made one recording, and their
/// constellation.
pub async fn fill(catalogue: &Catalogue, sessions: usize) -> Result<(Vec<Id>, Id)> {
    let admin = Actor::owner();
    let sha256: Sha256 = "0".repeat(64).parse()?;
    catalogue.add_object(&admin, &sha256, 1000).await?;
    let mut receivers = Vec::new();
    for number in 0..RECEIVERS {
        let place = Place { latitude_deg: 45.0, longitude_deg: number as f64, altitude_m: None };
        let draft = ReceiverDraft { name: format!("Receiver {number}"), place, gain_db: None, notes: String::new() };
        receivers.push(catalogue.create_entry::<Receiver>(&admin, &draft).await?.id);
    }
    let draft = ConstellationDraft { name: "All".into(), receivers: receivers.clone() };
    let constellation = catalogue.create_entry::<Constellation>(&admin, &draft).await?.id;
    for first in (0..sessions).step_by(BATCH) {
        let last = (first + BATCH).min(sessions);
        let new: Vec<_> = (first..last)
            .map(|number| session(number, sessions, &receivers, constellation, &sha256))
            .collect::<Result<_>>()?;
        let ids = catalogue.create_sessions(&admin, &new).await?;
        // Some are decided and some deleted; one transaction each, so not all.
        for id in ids.iter().take(5) {
            catalogue.approve_session(&admin, *id, None).await?;
            catalogue.delete_session(&admin, *id, None).await?;
        }
    }
    Ok((receivers, constellation))
}

/// Values without order, but the same each time.
fn session(number: usize, sessions: usize, receivers: &[Id], constellation: Id, sha256: &Sha256) -> Result<NewSession> {
    let part = |step: f64| (number as f64 * step).fract();
    let place = Place {
        latitude_deg: -80.0 + 160.0 * part(0.618_033_99),
        longitude_deg: -179.0 + 358.0 * part(0.414_213_56),
        altitude_m: None,
    };
    let known = !number.is_multiple_of(3);
    let start = jiff::Timestamp::from_second(1_577_836_800 + (number * 977 % 100_000) as i64 * 1000)?;
    let old = number < sessions / 50;
    // The first receiver made one recording.
    let receiver = if number == 0 { receivers.first() } else { receivers.get(1 + number % (RECEIVERS - 1)) };
    Ok(NewSession {
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
            told: std::collections::BTreeMap::new(),
            sigmf_meta: None,
        }],
    })
}
