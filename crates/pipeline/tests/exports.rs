//! The report as files, read back by other programs' rules.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use common::{TRUTH, dropped, spec};
use heimdall_pipeline::{Refusal, Report, export};
use serde_json::Value;

fn report() -> Report {
    let mut spec = spec();
    // A name that needs care in every format.
    spec.receivers[0].name = "Aquila <A&B>, \"1\"".into();
    let mut dropped = dropped(&spec);
    dropped.scene.settings.switched_off = vec!["R2".into()];
    dropped.scene.recordings[0].sha256 = Some("ba78".into());
    dropped.scene.refused = vec![Refusal { name: "notes.txt".into(), reason: "It is no recording.".into() }];
    dropped.solve()
}

#[test]
fn json_holds_every_number_and_comes_back_as_it_was() {
    let report = report();
    let text = export::json(&report);
    let back: Report = serde_json::from_str(&text).unwrap();
    // Numbers may differ in the last digit that decimal notation keeps.
    assert_eq!(back.fix.sentence, report.fix.sentence);
    assert_eq!(back.pairs.len(), report.pairs.len());
    let value: Value = serde_json::from_str(&text).unwrap();
    let fix = &value["fix"];
    assert_eq!(fix["verdict"], "located");
    assert!((fix["mean"]["lat"].as_f64().unwrap() - TRUTH.latitude_deg).abs() < 0.01);
    assert!((fix["mode"]["lon"].as_f64().unwrap() - TRUTH.longitude_deg).abs() < 0.01);
    assert_eq!(fix["regions"][1]["probability"], 0.68);
    assert_eq!(fix["regions"][2]["geometry"]["type"], "MultiPolygon");
    // Near 2.448, the Gaussian one; pair outliers make the tails heavier.
    assert!((2.3..3.0).contains(&fix["ellipse_95"]["k"].as_f64().unwrap()));
    assert_eq!(value["recordings"][0]["sha256"], "ba78");
    assert_eq!(value["recordings"][0]["start_time"]["value"], "2023-11-14T22:13:20.000000000Z");
    assert_eq!(value["recordings"][0]["time_grade"], "gnss");
    assert_eq!(value["refused"][0]["name"], "notes.txt");
    assert_eq!(value["receivers"][1]["why_not"], "Switched off.");
    assert_eq!(value["version"], env!("CARGO_PKG_VERSION"));
}

/// Coordinates of all rings of a GeoJSON MultiPolygon.
fn rings(geometry: &Value) -> Vec<Vec<[f64; 2]>> {
    let polygons: Vec<Vec<Vec<[f64; 2]>>> = serde_json::from_value(geometry["coordinates"].clone()).unwrap();
    polygons.into_iter().flatten().collect()
}

#[test]
fn geojson_follows_rfc_7946() {
    let value: Value = serde_json::from_str(&export::geojson(&report())).unwrap();
    assert_eq!(value["type"], "FeatureCollection");
    let features = value["features"].as_array().unwrap();
    let of = |kind: &str| -> Vec<&Value> { features.iter().filter(|f| f["properties"]["kind"] == kind).collect() };
    assert!(features.iter().all(|f| f["type"] == "Feature" && f["geometry"]["type"].is_string()));
    let regions = of("region");
    // The widest first, so that the narrow ones are drawn on top.
    let probabilities: Vec<f64> = regions.iter().map(|f| f["properties"]["probability"].as_f64().unwrap()).collect();
    assert_eq!(probabilities, [0.95, 0.68, 0.5]);
    for region in regions {
        for ring in rings(&region["geometry"]) {
            assert!(ring.len() >= 4 && ring.first() == ring.last());
            assert!(ring.iter().all(|[lon, lat]| (lon - 8.35).abs() < 1.0 && (lat - 45.05).abs() < 1.0), "lon, lat");
        }
    }
    let mean = of("mean")[0]["geometry"]["coordinates"].as_array().unwrap().clone();
    assert!((mean[0].as_f64().unwrap() - 8.35).abs() < 0.01 && (mean[1].as_f64().unwrap() - 45.05).abs() < 0.01);
    assert_eq!(of("mode").len(), 1);
    let receivers = of("receiver");
    assert_eq!(receivers.len(), 5);
    assert_eq!(receivers[0]["properties"]["name"], "Aquila <A&B>, \"1\"");
    assert_eq!(receivers[1]["properties"]["used"], false);
}

#[test]
fn kml_is_well_formed_and_in_the_order_of_lon_lat() {
    let report = report();
    let text = export::kml(&report);
    let document = roxmltree::Document::parse(&text).unwrap();
    assert_eq!(document.root_element().tag_name().namespace(), Some("http://www.opengis.net/kml/2.2"));
    let names: Vec<&str> = document.descendants().filter(|n| n.has_tag_name("name")).filter_map(|n| n.text()).collect();
    for name in ["95 % region", "68 % region", "50 % region", "Aquila <A&B>, \"1\"", "R5"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let styles: Vec<&str> =
        document.descendants().filter(|n| n.has_tag_name("Style")).filter_map(|n| n.attribute("id")).collect();
    for url in document.descendants().filter(|n| n.has_tag_name("styleUrl")).filter_map(|n| n.text()) {
        assert!(styles.contains(&url.trim_start_matches('#')), "{url}");
    }
    for coordinates in document.descendants().filter(|n| n.has_tag_name("coordinates")).filter_map(|n| n.text()) {
        for point in coordinates.split_whitespace() {
            let numbers: Vec<f64> = point.split(',').map(|n| n.parse().unwrap()).collect();
            assert!((6.0..11.0).contains(&numbers[0]) && (43.0..47.0).contains(&numbers[1]), "{point}");
        }
    }
    assert!(document.descendants().any(|n| n.has_tag_name("outerBoundaryIs")));
}

#[test]
fn gpx_holds_what_its_schema_asks_for_in_the_schemas_order() {
    let report = report();
    let text = export::gpx(&report);
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().namespace(), Some("http://www.topografix.com/GPX/1/1"));
    assert_eq!((root.tag_name().name(), root.attribute("version")), ("gpx", Some("1.1")));
    assert!(root.attribute("creator").is_some_and(|creator| creator.starts_with("Heimdall")));
    let order: Vec<usize> = root
        .children()
        .filter(roxmltree::Node::is_element)
        .map(|child| ["metadata", "wpt", "rte", "trk"].iter().position(|name| child.has_tag_name(*name)).unwrap())
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    let points: Vec<_> =
        document.descendants().filter(|node| node.has_tag_name("wpt") || node.has_tag_name("trkpt")).collect();
    for point in &points {
        let degrees = |name: &str| point.attribute(name).unwrap().parse::<f64>().unwrap();
        assert!((44.0..46.0).contains(&degrees("lat")) && (7.0..10.0).contains(&degrees("lon")), "{point:?}");
    }
    let names: Vec<&str> = document.descendants().filter(|n| n.has_tag_name("name")).filter_map(|n| n.text()).collect();
    assert!(names.contains(&"Aquila <A&B>, \"1\"") && names.contains(&"95 % region"), "{names:?}");
    assert_eq!(points.iter().filter(|point| point.has_tag_name("wpt")).count(), 2 + 5, "fix and receivers");
}

#[test]
fn gpx_keeps_longitudes_below_180_degrees() {
    let mut report = report();
    report.fix.mean = Some(heimdall_recording::Position { latitude_deg: 1.0, longitude_deg: 180.0 });
    let beyond = vec![[179.9, 1.0], [180.3, 1.0], [180.3, 1.2], [179.9, 1.0]];
    report.fix.regions.iter_mut().for_each(|region| region.geometry.coordinates = vec![vec![beyond.clone()]]);
    let text = export::gpx(&report);
    let document = roxmltree::Document::parse(&text).unwrap();
    let longitudes = document.descendants().filter_map(|node| node.attribute("lon")?.parse::<f64>().ok());
    let longitudes: Vec<f64> = longitudes.collect();
    assert!(longitudes.iter().all(|lon| (-180.0..180.0).contains(lon)), "{longitudes:?}");
    assert!(longitudes.contains(&-180.0) && longitudes.contains(&-179.7));
}

/// Attributes that Event.xsd of Cursor on Target marks as required.
#[test]
fn cot_events_hold_what_their_schema_requires() {
    let report = report();
    let text = export::cot(&report);
    let events: Vec<_> = text.lines().map(|line| roxmltree::Document::parse(line).unwrap()).collect();
    assert_eq!(events.len(), 1 + 5, "the transmitter and the receivers");
    let mut uids = std::collections::BTreeSet::new();
    for document in &events {
        let event = document.root_element();
        assert!(event.has_tag_name("event") && event.attribute("version") == Some("2.0"));
        assert!(event.attribute("type").unwrap().starts_with("a-") && event.attribute("how").unwrap().len() == 3);
        assert!(uids.insert(event.attribute("uid").unwrap().to_owned()), "each thing has its own name");
        let time = |name: &str| event.attribute(name).unwrap().parse::<jiff::Timestamp>().unwrap();
        let recorded: jiff::Timestamp = report.effective.window_start.as_ref().unwrap().parse().unwrap();
        assert_eq!(time("start").as_millisecond(), recorded.as_millisecond());
        assert!(time("time") == time("start") && time("stale") > time("start"));
        let point = event.children().find(|node| node.has_tag_name("point")).unwrap();
        for name in ["lat", "lon", "hae", "ce", "le"] {
            assert!(point.attribute(name).unwrap().parse::<f64>().unwrap().is_finite(), "{name}");
        }
        assert!(event.children().any(|node| node.has_tag_name("detail")));
    }
    let transmitter = events[0].root_element();
    assert_eq!(transmitter.attribute("type"), Some("a-u-G"));
    let point = transmitter.children().find(|node| node.has_tag_name("point")).unwrap();
    let number = |name: &str| point.attribute(name).unwrap().parse::<f64>().unwrap();
    assert!((number("lat") - report.fix.mean.unwrap().latitude_deg).abs() < 1e-6);
    // 95 % of a circular normal distribution lie within √(−2 ln 0.05) σ.
    let area_m2 = report.fix.regions.iter().find(|region| region.probability == 0.95).unwrap().area_km2 * 1e6;
    let sigma_m = (area_m2 / std::f64::consts::PI / (-2.0 * 0.05_f64.ln())).sqrt();
    assert!((number("ce") - sigma_m).abs() < 0.051, "{} is not {sigma_m}", number("ce"));
    let callsign = |document: &roxmltree::Document| {
        let contact = document.descendants().find(|node| node.has_tag_name("contact")).unwrap();
        contact.attribute("callsign").unwrap().to_owned()
    };
    assert_eq!(callsign(&events[1]), "Aquila <A&B>, \"1\"");
    assert_eq!(export::cot(&report), text, "a newer answer takes the older one's place");
}

/// SigMF 1.2.0: every namespace used is declared, streams have a name and a hash.
#[test]
fn the_collection_of_a_session_is_sigmf_and_comes_back_as_it_was() {
    use heimdall_recording::{Content, InputFile, Origin, SavedPlace, SavedSession, Stream, TypedFacts};
    let position = heimdall_recording::Position { latitude_deg: 45.25, longitude_deg: 8.5 };
    let typed = TypedFacts { sample_rate_hz: Some(250e3), exchanged: vec![0], ..TypedFacts::default() };
    let saved = SavedSession {
        settings: serde_json::to_value(report().settings).unwrap().to_string(),
        places: vec![("R1".to_owned(), SavedPlace { position, origin: Origin::Map })],
        typed: vec![("north.iq".to_owned(), typed)],
    };
    let streams = [Stream { name: "north".to_owned(), sha512: Some("ab".repeat(64)) }];
    let text = export::collection(&streams, &saved);
    let value: Value = serde_json::from_str(&text).unwrap();
    let collection = &value["collection"];
    assert_eq!(collection["core:version"], "1.2.0");
    assert_eq!(collection["core:streams"][0]["name"], "north");
    let declared = collection["core:extensions"].as_array().unwrap();
    assert!(declared.iter().any(|extension| extension["name"] == "heimdall" && extension["optional"] == true));
    for key in collection.as_object().unwrap().keys() {
        assert!(key.starts_with("core:") || key.starts_with("heimdall:"), "{key}");
    }
    let file = InputFile { name: "s.sigmf-collection".to_owned(), source: std::rc::Rc::new(text.into_bytes()) };
    let contents = heimdall_recording::open(&[file], &TypedFacts::default()).unwrap();
    let [Content::Collection(back)] = contents.as_slice() else { panic!("{contents:?}") };
    assert_eq!((back.saved.as_ref(), back.streams.as_slice()), (Some(&saved), streams.as_slice()));
}

#[test]
fn csv_reads_back_whatever_the_names_are() {
    let report = report();
    let text = export::csv(&report);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers: Vec<String> = reader.headers().unwrap().iter().map(String::from).collect();
    assert_eq!(headers[..4], ["kind", "name", "lat", "lon"]);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((&rows[0][0], &rows[1][0]), ("mean", "mode"));
    assert!((rows[0][2].parse::<f64>().unwrap() - report.fix.mean.unwrap().latitude_deg).abs() < 1e-7);
    assert_eq!(&rows[2][1], "Aquila <A&B>, \"1\"");
    let off = rows.iter().find(|row| &row[1] == "R2").unwrap();
    assert!(off.iter().any(|field| field == "false") && off.iter().any(|field| field == "Switched off."));
}

#[test]
fn text_says_it_in_a_few_lines() {
    let report = report();
    let text = export::text(&report);
    assert!(text.starts_with(&report.fix.sentence) && text.ends_with('\n'));
    for part in [
        "mean (lat, lon)",
        "mode (lat, lon)",
        "95 % region",
        "95 % ellipse",
        "µs ±",
        "Refused notes.txt: It is no recording.",
        "The recordings are simulated.",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(text.lines().all(|line| !line.contains("NaN")));
}

#[test]
fn a_report_without_a_fix_can_be_written_in_every_format() {
    let report = common::Dropped::default().solve();
    assert!(export::text(&report).contains("Not locatable"));
    roxmltree::Document::parse(&export::kml(&report)).unwrap();
    roxmltree::Document::parse(&export::gpx(&report)).unwrap();
    assert_eq!(export::cot(&report), "");
    let value: Value = serde_json::from_str(&export::geojson(&report)).unwrap();
    assert_eq!(value["features"].as_array().unwrap().len(), 0);
    assert_eq!(csv::Reader::from_reader(export::csv(&report).as_bytes()).records().count(), 2);
    let _: Report = serde_json::from_str(&export::json(&report)).unwrap();
}

/// Numbers of a path's commands M and L.
fn points(path: &str) -> Vec<[f64; 2]> {
    let pairs = path.split(['M', 'L', 'Z']).filter(|part| !part.is_empty());
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok()).unwrap();
    pairs
        .map(|pair| {
            let mut parts = pair.split(' ');
            [number(parts.next()), number(parts.next())]
        })
        .collect()
}

#[test]
fn a_sheet_shows_distances_and_directions_as_they_are() {
    let mut scene = dropped(&spec());
    scene.scene.settings.bounds = true;
    let report = scene.solve();
    let text = export::svg(&report);
    let document = roxmltree::Document::parse(&text).unwrap();
    let class = |name: &'static str| {
        document
            .descendants()
            .filter(move |node| node.attribute("class").is_some_and(|class| class.split(' ').any(|part| part == name)))
    };
    assert_eq!(class("curve").count(), report.pairs.len());
    assert_eq!(class("bound").count(), 2 * report.bounds.len(), "on both maps");
    assert_eq!(class("region").count() % 2, 0);
    // The first map has every receiver: distances on it are true but for the plane's scale.
    let receivers: Vec<[f64; 2]> = class("receiver")
        .take(report.receivers.len())
        .map(|node| points(node.attribute("d").unwrap().split('l').next().unwrap())[0])
        .collect();
    let bar = class("scale").next().unwrap();
    let pixels: f64 = bar.attribute("d").unwrap().rsplit('h').next().unwrap().parse().unwrap();
    let named = bar.next_sibling_element().unwrap().text().unwrap();
    let metres = named.strip_suffix(" km").unwrap().parse::<f64>().unwrap() * 1000.0;
    let geodesy = heimdall_localize::Geodesy::default();
    for (one, at) in report.receivers.iter().zip(&receivers) {
        for (other, there) in report.receivers.iter().zip(&receivers).filter(|(other, _)| other.name != one.name) {
            let [from, to] = [one, other].map(|receiver| receiver.position.as_ref().unwrap().value);
            let (distance_m, azimuth_deg) = geodesy.distance_and_azimuth(from, to);
            let (east, north) = (there[0] - at[0], at[1] - there[1]);
            let drawn_m = east.hypot(north) * metres / pixels;
            assert!((drawn_m / distance_m - 1.0).abs() < 0.01, "{} – {}: {drawn_m} m", one.name, other.name);
            let off_deg = (east.atan2(north).to_degrees() - azimuth_deg + 540.0).rem_euclid(360.0) - 180.0;
            assert!(off_deg.abs() < 2.0, "{} – {}: {off_deg}°", one.name, other.name);
        }
    }
}

#[test]
fn a_sheet_without_an_answer_says_so() {
    let report = common::Dropped::default().solve();
    let text = export::svg(&report);
    let document = roxmltree::Document::parse(&text).unwrap();
    let title = document.descendants().find(|node| node.has_tag_name("title")).unwrap();
    assert_eq!(title.text(), Some(report.fix.sentence.as_str()));
}
