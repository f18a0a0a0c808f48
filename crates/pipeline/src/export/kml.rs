//! KML 2.2 (OGC 07-147r2).

use std::fmt::Write;

use heimdall_recording::Position;

use super::xml::escape;
use crate::Report;

/// A document with regions, mean and receivers.
pub fn kml(report: &Report) -> String {
    let mut body = String::new();
    for region in &report.fix.regions {
        let polygons: String = region.geometry.coordinates.iter().map(|polygon| polygon_kml(polygon)).collect();
        let name = format!("{:.0} % region", 100.0 * region.probability);
        placemark(&mut body, &name, "#region", &format!("<MultiGeometry>{polygons}</MultiGeometry>"));
    }
    if let Some(mean) = &report.fix.mean {
        placemark(&mut body, "Transmitter (mean)", "#fix", &point(mean));
    }
    for receiver in &report.receivers {
        if let Some(position) = &receiver.position {
            placemark(&mut body, &receiver.name, "#receiver", &point(&position.value));
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\
         <name>Heimdall</name><description>{}</description>\
         <Style id=\"region\"><LineStyle><color>ff2a6df4</color><width>2</width></LineStyle>\
         <PolyStyle><color>332a6df4</color></PolyStyle></Style>\
         <Style id=\"fix\"><IconStyle><color>ff2a6df4</color></IconStyle></Style>\
         <Style id=\"receiver\"><IconStyle><color>ff8a5a1f</color></IconStyle></Style>{body}</Document></kml>\n",
        escape(&report.fix.sentence)
    )
}

fn placemark(body: &mut String, name: &str, style: &str, geometry: &str) {
    let name = escape(name);
    // Writing to a string cannot fail.
    let _ = write!(body, "<Placemark><name>{name}</name><styleUrl>{style}</styleUrl>{geometry}</Placemark>");
}

fn point(position: &Position) -> String {
    format!("<Point><coordinates>{:.7},{:.7}</coordinates></Point>", position.longitude_deg, position.latitude_deg)
}

fn polygon_kml(rings: &[Vec<[f64; 2]>]) -> String {
    let boundaries = rings.iter().enumerate().map(|(index, ring)| {
        let tag = if index == 0 { "outerBoundaryIs" } else { "innerBoundaryIs" };
        let vertices: Vec<String> = ring.iter().map(|[lon, lat]| format!("{lon:.7},{lat:.7}")).collect();
        format!("<{tag}><LinearRing><coordinates>{}</coordinates></LinearRing></{tag}>", vertices.join(" "))
    });
    format!("<Polygon>{}</Polygon>", boundaries.collect::<String>())
}
