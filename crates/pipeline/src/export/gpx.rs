//! GPX 1.1 (https://www.topografix.com/GPX/1/1/).

use std::fmt::Write;

use heimdall_recording::Position;

use super::xml::escape;
use crate::Report;

/// Waypoints of the fix and the receivers; the outline of the 95 % region as a track, which every program draws.
pub fn gpx(report: &Report) -> String {
    let mut body = String::new();
    let sentence = escape(&report.fix.sentence);
    for (name, position) in [("Transmitter (mean)", &report.fix.mean), ("Transmitter (most likely)", &report.fix.mode)]
    {
        if let Some(position) = position {
            waypoint(&mut body, position, name, &sentence, "Flag, Red");
        }
    }
    for receiver in &report.receivers {
        if let Some(position) = &receiver.position {
            let note = if receiver.used { "Receiver" } else { "Receiver, left out" };
            waypoint(&mut body, &position.value, &escape(&receiver.name), note, "Radio Tower");
        }
    }
    // Elements stand in the order of the schema: waypoints, then tracks.
    for region in report.fix.regions.iter().filter(|region| region.probability == 0.95) {
        let rings = region.geometry.coordinates.iter().flatten().filter(|ring| ring.len() >= 4);
        let segments: String = rings.map(|ring| segment(ring)).collect();
        // Writing to a string cannot fail.
        let _ = write!(body, "<trk><name>95 % region</name>{segments}</trk>");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx xmlns=\"http://www.topografix.com/GPX/1/1\" version=\"1.1\" \
         creator=\"Heimdall {}\"><metadata><name>Heimdall</name><desc>{sentence}</desc></metadata>{body}</gpx>\n",
        escape(&report.version)
    )
}

/// Name and description come escaped.
fn waypoint(body: &mut String, position: &Position, name: &str, description: &str, symbol: &str) {
    let _ = write!(
        body,
        "<wpt {}><name>{name}</name><desc>{description}</desc><sym>{symbol}</sym></wpt>",
        place(position.latitude_deg, position.longitude_deg)
    );
}

fn segment(ring: &[[f64; 2]]) -> String {
    let points: String = ring.iter().map(|[lon, lat]| format!("<trkpt {}/>", place(*lat, *lon))).collect();
    format!("<trkseg>{points}</trkseg>")
}

/// The schema wants longitudes of −180 ≤ lon < 180; outlines go on over the date line.
fn place(latitude_deg: f64, longitude_deg: f64) -> String {
    // Rounded first: 179.99999999 is written as −180.
    let rounded = (longitude_deg * 1e7).round() / 1e7;
    let longitude = (rounded + 180.0).rem_euclid(360.0) - 180.0;
    format!("lat=\"{latitude_deg:.7}\" lon=\"{longitude:.7}\"")
}
