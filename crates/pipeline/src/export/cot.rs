//! Cursor on Target events (MITRE, base schema Event.xsd 2.0), one for the transmitter and one for each receiver.

use std::fmt::Write;

use heimdall_localize::{Verdict, gaussian_k};
use heimdall_recording::Position;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::xml::escape;
use crate::Report;

/// Anything of unknown allegiance on the ground: what a transmitter is as long as nobody has seen it.
const TRANSMITTER: &str = "a-u-G";
/// Emitters of one's own on the ground that listen: sensors, friendly.
const RECEIVER: &str = "a-f-G-E-S";
/// How a position came about: by a machine from several sources; by a person's estimate.
const FUSED: &str = "m-f";
const STATED: &str = "h-e";
/// What the schema takes for "not known", metres.
const UNKNOWN_M: &str = "9999999.0";
/// How long an event is shown.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// The events, each a complete document of its own, one a line: what is sent to a server is one line.
///
/// `ce` of the transmitter is what the schema asks of an error, 1 σ of a circular normal distribution: that whose 95 %
/// circle has the area of the 95 % region. A fix of several parts stands at the mean, and the remarks say so. Events
/// carry the time of the recordings, which the report holds, not the time of day; where no recording has one, 1970,
/// which programs show as old.
pub fn cot(report: &Report) -> String {
    let start = report.effective.window_start.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    let start = start.unwrap_or(Timestamp::UNIX_EPOCH);
    let stale = start.checked_add(FRESH).unwrap_or(start);
    let mut text = String::new();
    let mut event = |name: &str, kind: &str, how: &str, position: &Position, ce_m: Option<f64>, remarks: &str| {
        let circle = ce_m.map_or_else(|| UNKNOWN_M.to_owned(), |metres| format!("{metres:.1}"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "<event version=\"2.0\" uid=\"{}\" type=\"{kind}\" how=\"{how}\" time=\"{start:.3}\" start=\"{start:.3}\" \
             stale=\"{stale:.3}\"><point lat=\"{:.7}\" lon=\"{:.7}\" hae=\"{UNKNOWN_M}\" ce=\"{circle}\" \
             le=\"{UNKNOWN_M}\"/><detail><contact callsign=\"{name}\"/><remarks>{remarks}</remarks></detail></event>",
            uid(report, name),
            position.latitude_deg,
            position.longitude_deg,
            name = escape(name),
            remarks = escape(remarks),
        );
    };
    if let Some(mean) = report.fix.mean.filter(|_| report.fix.verdict != Verdict::NotLocatable) {
        event("Transmitter", TRANSMITTER, FUSED, &mean, circular_error_m(report), &remarks(report));
    }
    for receiver in &report.receivers {
        if let Some(position) = &receiver.position {
            let remarks = if receiver.used { "Receiver" } else { "Receiver, left out" };
            event(&receiver.name, RECEIVER, STATED, &position.value, None, remarks);
        }
    }
    text
}

/// 1 σ of the circular normal distribution whose 95 % circle has the area of the 95 % region.
fn circular_error_m(report: &Report) -> Option<f64> {
    let region = report.fix.regions.iter().find(|region| region.probability == 0.95)?;
    Some((region.area_km2 * 1e6 / std::f64::consts::PI).sqrt() / gaussian_k(region.probability))
}

fn remarks(report: &Report) -> String {
    let parts = report.fix.modes.len();
    let several = if parts > 1 { format!(" {parts} separate places fit.") } else { String::new() };
    let simulated = if report.synthetic { " The recordings are simulated." } else { "" };
    format!("{}{several}{simulated} ce is 1 σ.", report.fix.sentence)
}

/// The same for the same scene, so that a newer answer takes the older one's place: from the recordings' names and the
/// name of what the event is about.
fn uid(report: &Report, name: &str) -> String {
    let mut hash = Sha256::new();
    for recording in &report.recordings {
        hash.update(recording.name.as_bytes());
        hash.update([0]);
    }
    hash.update(name.as_bytes());
    let start: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("heimdall-{start}")
}
