//! A version in a line.

use heimdall_model::{ModelCard, ONNX_FILE};
use heimdall_page::format;

/// When it was made, how large it is and what it learned from.
pub(super) fn line(card: &ModelCard) -> String {
    let weights = card.file(ONNX_FILE).map_or(0, |file| file.bytes);
    let scenes: u64 = card.worlds.iter().map(|world| world.scenes).sum();
    let simulated = (scenes > 0).then(|| format!("{scenes} simulated scenes"));
    let recorded = match card.sessions.len() {
        0 => None,
        1 => Some("1 session".to_owned()),
        count => Some(format!("{count} sessions")),
    };
    let learned_from: Vec<String> = [simulated, recorded].into_iter().flatten().collect();
    let parts = [
        Some(day(&card.created)),
        Some(card.size.clone()),
        Some(format!("{} M parameters", format::number(card.parameters as f64 / 1e6, 2))),
        Some(format!("{} MB", format::number(weights as f64 / 1e6, 1))),
        Some(learned_from.join(" and ")).filter(|what| !what.is_empty()).map(|what| format!("learned from {what}")),
        card.parent_version.as_ref().map(|parent| format!("tuned from {parent}")),
        card.tracking_run.as_ref().map(|run| format!("tracked as {run}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    format::tied(&parts.join(" · "))
}

/// "2026-11-26 03:51 UTC" of an RFC 3339 time.
fn day(time: &str) -> String {
    match (time.get(..10), time.get(11..16), time.ends_with('Z')) {
        (Some(date), Some(clock), true) => format!("{date} {clock} UTC"),
        _ => time.to_owned(),
    }
}
