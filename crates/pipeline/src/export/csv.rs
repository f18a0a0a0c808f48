//! CSV: a row per point of the fix and per receiver.

use heimdall_recording::Position;

use crate::Report;

/// `kind,name,lat,lon,used,level_db,note` with the fix first.
pub fn csv(report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let place = |position: Option<&Position>| {
        position
            .map_or_else(Default::default, |p| (format!("{:.7}", p.latitude_deg), format!("{:.7}", p.longitude_deg)))
    };
    let mut rows = vec![["kind", "name", "lat", "lon", "used", "level_db", "note"].map(String::from)];
    for (kind, position) in [("mean", &report.fix.mean), ("mode", &report.fix.mode)] {
        let (lat, lon) = place(position.as_ref());
        rows.push([kind.into(), String::new(), lat, lon, String::new(), String::new(), report.fix.sentence.clone()]);
    }
    for receiver in &report.receivers {
        let (lat, lon) = place(receiver.position.as_ref().map(|fact| &fact.value));
        let level = receiver.level.map_or_else(String::new, |level| format!("{:.2}", level.level_db));
        let note = receiver.why_not.clone().unwrap_or_default();
        rows.push(["receiver".into(), receiver.name.clone(), lat, lon, receiver.used.to_string(), level, note]);
    }
    for row in rows {
        // Writing to memory cannot fail.
        let _ = writer.write_record(&row);
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
