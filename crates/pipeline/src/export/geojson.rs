//! GeoJSON (RFC 7946).

use heimdall_recording::Position;
use serde_json::{Value, json};

use crate::Report;

/// A FeatureCollection of regions, lines of constant lag, mean, mode and receivers; coordinates are `[lon, lat]`.
pub fn geojson(report: &Report) -> String {
    let mut features = Vec::new();
    let mut regions: Vec<_> = report.fix.regions.iter().collect();
    regions.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    for region in regions {
        let properties = json!({"kind": "region", "probability": region.probability, "area_km2": region.area_km2});
        features.push(json!({"type": "Feature", "properties": properties, "geometry": region.geometry}));
    }
    for line in &report.bounds {
        let properties = json!({"kind": "equal_bound", "semi_major_m": line.semi_major_m, "probability": 0.95});
        let geometry = json!({"type": "MultiLineString", "coordinates": line.rings});
        features.push(json!({"type": "Feature", "properties": properties, "geometry": geometry}));
    }
    for pair in report.pairs.iter().filter(|pair| pair.hyperbola.iter().all(|line| line.len() >= 2)) {
        let properties = json!({"kind": "hyperbola", "receivers": pair.receivers, "lag_s": pair.lag_s});
        let geometry = json!({"type": "MultiLineString", "coordinates": pair.hyperbola});
        features.push(json!({"type": "Feature", "properties": properties, "geometry": geometry}));
    }
    let verdict = &report.fix.verdict;
    for (kind, position) in [("mean", &report.fix.mean), ("mode", &report.fix.mode)] {
        if let Some(position) = position {
            features.push(point(position, json!({"kind": kind, "verdict": verdict})));
        }
    }
    for receiver in &report.receivers {
        if let Some(position) = &receiver.position {
            let properties = json!({"kind": "receiver", "name": receiver.name, "used": receiver.used});
            features.push(point(&position.value, properties));
        }
    }
    json!({
        "type": "FeatureCollection",
        "heimdall": {"version": report.version, "synthetic": report.synthetic, "sentence": report.fix.sentence},
        "features": features,
    })
    .to_string()
}

fn point(position: &Position, properties: Value) -> Value {
    let geometry = json!({"type": "Point", "coordinates": [position.longitude_deg, position.latitude_deg]});
    json!({"type": "Feature", "properties": properties, "geometry": geometry})
}
