//! The report as files that other programs read.

mod collection;
mod cot;
mod csv;
mod format;
mod geojson;
mod gpx;
mod kml;
mod svg;
mod xml;

use heimdall_recording::Position;

use crate::network::NetworkReport;
use crate::{RecordingClock, Report};

pub use self::collection::collection;
pub use self::cot::cot;
pub use self::csv::csv;
pub use self::format::ExportFormat;
pub use self::geojson::geojson;
pub use self::gpx::gpx;
pub use self::kml::kml;
pub use self::svg::svg;

/// Every number of the report.
pub fn json(report: &Report) -> String {
    serde_json::to_string_pretty(report).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
}

/// The report in a few lines for a terminal.
pub fn text(report: &Report) -> String {
    let mut lines = vec![report.fix.sentence.clone()];
    lines.extend(report.fix.reasons.iter().map(|reason| format!("  {reason}")));
    lines.extend(report.fix.warnings.iter().map(|warning| format!("  Warning: {warning}")));
    let place = |name: &str, position: &Option<Position>| {
        position.map(|p| format!("{name:<18} {:.6} {:.6}", p.latitude_deg, p.longitude_deg))
    };
    if let Some(local) = &report.local_fix {
        lines.push(format!("mean (x, y)        {:.3} m {:.3} m", local.mean_m[0], local.mean_m[1]));
        lines.push(format!("mode (x, y)        {:.3} m {:.3} m", local.mode_m[0], local.mode_m[1]));
    } else {
        lines.extend(place("mean (lat, lon)", &report.fix.mean));
        lines.extend(place("mode (lat, lon)", &report.fix.mode));
    }
    lines.extend(report.fix.regions.iter().map(|region| {
        format!("{:<18} {} km²", format!("{:.0} % region", 100.0 * region.probability), significant(region.area_km2))
    }));
    if let Some(ellipse) = &report.fix.ellipse_95 {
        lines.push(format!(
            "95 % ellipse       {:.0} m × {:.0} m, major axis {:.0}° from north",
            ellipse.semi_major_m, ellipse.semi_minor_m, ellipse.azimuth_deg
        ));
    }
    lines.extend(report.network.iter().map(network));
    for clock in report.clocks.iter().flat_map(|clocks| &clocks.recordings) {
        lines.push(clock_line(clock));
    }
    for pair in &report.pairs {
        lines.push(format!(
            "{:<18} lag {:>10.3} µs ± {:.3}{}",
            format!("{} – {}", pair.receivers[0], pair.receivers[1]),
            pair.lag_s * 1e6,
            pair.sigma_s * 1e6,
            pair.residual_s.map_or_else(String::new, |r| format!(", residual {:+.3}", r * 1e6))
        ));
    }
    lines.extend(report.refused.iter().map(|refusal| format!("Refused {}: {}", refusal.name, refusal.reason)));
    if report.synthetic {
        lines.push("The recordings are simulated.".into());
    }
    lines.join("\n") + "\n"
}

/// "clock of Genova     0.213 µs, rate +12.31 ppm, start +0.382104 s …"
fn clock_line(clock: &RecordingClock) -> String {
    let name = format!("clock of {}", clock.receiver);
    match (&clock.aligned, &clock.why_not) {
        (Some(aligned), _) if aligned.segments == 0 => {
            format!("{name:<18} the others were aligned with it, ± {:.3} µs", aligned.sigma_s * 1e6)
        }
        (Some(aligned), _) => format!(
            "{name:<18} ± {:.3} µs, rate {:+.3} ppm, oscillator {:+.1} Hz{}",
            aligned.sigma_s * 1e6,
            aligned.rate_ppm,
            aligned.fit.frequency_offset_hz,
            aligned.start_correction_s.map_or_else(String::new, |s| format!(", stamp moved by {s:+.6} s"))
        ),
        (None, why) => format!("{name:<18} {}", why.as_deref().unwrap_or_default()),
    }
}

/// "network italy-north v1.0.0 45.123400 8.765400 ± 3100 m. Heard …"
fn network(report: &NetworkReport) -> String {
    let name = report.name.as_ref().map(|name| format!("{} {}, ", name.model, name.version)).unwrap_or_default();
    let own = report.mean.zip(report.sigma_m).map(|(mean, sigma_m)| {
        format!("by itself {:.6} {:.6} ± {sigma_m:.0} m. ", mean.latitude_deg, mean.longitude_deg)
    });
    format!("{:<18} {name}{}{}", "network", own.unwrap_or_default(), report.sentence)
}

fn significant(value: f64) -> String {
    let decimals = (2.0 - value.abs().max(1e-12).log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{value:.decimals$}")
}
