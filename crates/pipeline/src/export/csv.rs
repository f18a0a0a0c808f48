//! CSV: a row per point of the fix, per receiver and per pair.

use heimdall_recording::Position;

use crate::Report;

/// Columns `kind,name,lat,lon,used,level_db,lag_us,sigma_us,residual_us,note`, the fix first.
pub fn csv(report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let place = |position: Option<&Position>| {
        position
            .map_or_else(Default::default, |p| (format!("{:.7}", p.latitude_deg), format!("{:.7}", p.longitude_deg)))
    };
    let mut rows = vec![
        ["kind", "name", "lat", "lon", "used", "level_db", "lag_us", "sigma_us", "residual_us", "note"]
            .map(String::from),
    ];
    let none = String::new;
    for (kind, position) in [("mean", &report.fix.mean), ("mode", &report.fix.mode)] {
        let (lat, lon) = place(position.as_ref());
        let note = report.fix.sentence.clone();
        rows.push([kind.into(), none(), lat, lon, none(), none(), none(), none(), none(), note]);
    }
    for receiver in &report.receivers {
        let (lat, lon) = place(receiver.position.as_ref().map(|fact| &fact.value));
        let level = receiver.level.map_or_else(none, |level| format!("{:.2}", level.level_db));
        let (name, note) = (receiver.name.clone(), receiver.why_not.clone().unwrap_or_default());
        rows.push(["receiver".into(), name, lat, lon, receiver.used.to_string(), level, none(), none(), none(), note]);
    }
    for pair in &report.pairs {
        let us = |seconds: f64| format!("{:.4}", seconds * 1e6);
        let residual = pair.residual_s.map_or_else(none, us);
        let (lag, sigma) = (us(pair.lag_s), us(pair.sigma_s));
        let name = pair.receivers.join(" – ");
        rows.push(["pair".into(), name, none(), none(), none(), none(), lag, sigma, residual, none()]);
    }
    for row in rows {
        // Writing to memory cannot fail.
        let _ = writer.write_record(&row);
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
