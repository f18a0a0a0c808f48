//! `heimdall locate` and `heimdall inspect` from files to printed answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};
use support::data::{data, dcf77, no_gnss_fix};
use support::files::{Folder, recordings};
use support::program::{heimdall, inspect, locate};
use support::report::{Report, place};
use support::scenes::{self, NAME, error_m, standard_files};
use support::shapes::{area_km2, bearing_deg, check_polygons, contains, distance_m};

/// `heimdall locate` in a format.
fn located_as(format: &str, files: &[PathBuf]) -> String {
    let flags = ["locate", "--format", format].map(Path::new);
    let outcome = heimdall(flags.into_iter().chain(files.iter().map(PathBuf::as_path)));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    outcome.stdout
}

#[test]
fn the_transmitter_of_real_recordings_is_found() {
    let Some(files) = dcf77() else { return };
    let truth = std::fs::read_to_string(files[0].with_file_name("truth.json")).unwrap();
    let truth = place(&serde_json::from_str(&truth).unwrap()).unwrap();
    let outcome = locate(&files);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let report = outcome.report();
    assert_eq!(report.verdict(), "located", "{:?}", report.sentences());
    let error_m = distance_m(report.mean(), truth);
    println!("error {error_m:.0} m, 95 % area {} km²", report.region(0.95)["area_km2"]);
    assert!(error_m < 3000.0, "{error_m} m off");
    assert!(contains(&report.region(0.95)["geometry"], truth), "the truth is outside the 95 % region");
    assert!(report.region(0.95)["area_km2"].as_f64().unwrap() <= 600.0, "{}", report.region(0.95)["area_km2"]);
    assert_eq!(report.0["synthetic"], false);
}

#[test]
fn the_table_of_receivers_may_be_a_file_among_others_or_named() {
    let Some(files) = dcf77() else { return };
    let [first, second, third, table] = <[PathBuf; 4]>::try_from(files.clone()).unwrap();
    let (format, json, receivers) = (Path::new("--format"), Path::new("json"), Path::new("--receivers"));
    let named = heimdall([Path::new("locate"), &first, &second, &third, receivers, &table, format, json]);
    named.report().same_fix_as(&locate(&files).report());
}

#[test]
fn the_order_of_files_does_not_matter() {
    let Some(mut files) = dcf77() else { return };
    let one = locate(&files).report();
    files.reverse();
    let other = locate(&files).report();
    let moved_m = distance_m(one.mean(), other.mean());
    assert!(moved_m < 50.0, "{moved_m} m apart");
    assert_eq!(one.verdict(), other.verdict());
}

/// The fields that the report promises; every number in its unit and range.
fn check_schema(report: &Report, files: &[PathBuf]) {
    let json = &report.0;
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    assert!(json["settings"].is_object() && json["effective"]["band"]["center_hz"].is_f64());
    let fix = &json["fix"];
    assert!(fix["sentence"].as_str().is_some_and(|sentence| sentence.ends_with('.')));
    assert!(place(&fix["mode"]).is_some() && place(&fix["mean"]).is_some());
    let regions = fix["regions"].as_array().unwrap();
    let probabilities: Vec<_> = regions.iter().map(|region| region["probability"].as_f64().unwrap()).collect();
    assert_eq!(probabilities, [0.5, 0.68, 0.95]);
    let mut inner_km2 = 0.0;
    for region in regions {
        check_polygons(&region["geometry"]);
        let (stated, drawn) = (region["area_km2"].as_f64().unwrap(), area_km2(&region["geometry"]));
        assert!((drawn / stated - 1.0).abs() < 0.05, "{drawn} km² drawn for {stated} km²");
        assert!(stated > inner_km2, "regions are nested");
        inner_km2 = stated;
    }
    assert!(contains(&report.region(0.95)["geometry"], place(&fix["mode"]).unwrap()));
    let ellipse = &fix["ellipse_95"];
    let axis = |name: &str| ellipse[name].as_f64().unwrap();
    assert!(place(&ellipse["center"]).is_some() && axis("semi_major_m") >= axis("semi_minor_m"));
    assert!((0.0..=180.0).contains(&axis("azimuth_deg")));
    // √(−2 ln 0.05) = 2.448 for a Gaussian; more where lags may be outliers.
    assert!((2.3..4.0).contains(&axis("k")), "{}", axis("k"));
    check_recordings(report, files);
    check_pairs(report);
}

fn check_recordings(report: &Report, files: &[PathBuf]) {
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "wav" || e == "sigmf-data")) {
        let recording = report.named("recordings", file.file_name().unwrap().to_str().unwrap());
        let hash: String = Sha256::digest(std::fs::read(file).unwrap()).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(recording["sha256"], hash);
        assert_eq!(recording["time_grade"], "gnss");
        assert!(!recording["time_reason"].as_str().unwrap().is_empty());
        for fact in ["sample_rate_hz", "start_time", "center_frequency_hz"] {
            assert!(recording[fact]["origin"].is_string(), "{fact} has no origin: {recording}");
        }
        assert!(recording["snr_db"].is_f64() && recording["level_dbfs"].is_f64());
        let receiver = report.named("receivers", recording["receiver"].as_str().unwrap());
        assert_eq!(receiver["used"], true);
        assert!(place(&receiver["position"]["value"]).is_some() && receiver["position"]["origin"].is_string());
    }
}

fn check_pairs(report: &Report) {
    let used = report.list("receivers").iter().filter(|receiver| receiver["used"] == true).count();
    assert_eq!(report.list("pairs").len(), used * (used - 1) / 2);
    for pair in report.list("pairs") {
        let of = |name: &str| pair[name].as_f64().unwrap_or_else(|| panic!("{name} is no number: {pair}"));
        let terms = ["thermal_sigma_s", "scatter_sigma_s", "bias_sigma_s"].map(of);
        let together = terms.iter().map(|sigma| sigma * sigma).sum::<f64>().sqrt();
        assert!((of("sigma_s") / together - 1.0).abs() < 1e-6, "the terms do not add up: {terms:?}");
        assert!(of("lag_s").abs() <= of("max_lag_s") && (0.0..=1.0).contains(&of("peak")));
        assert!(of("residual_s").abs() < 6.0 * of("sigma_s"), "residual {} s", of("residual_s"));
        let curve = &pair["curve"];
        let values = curve["values"].as_array().unwrap();
        let end_s = curve["start_s"].as_f64().unwrap() + curve["step_s"].as_f64().unwrap() * values.len() as f64;
        assert!(values.len() > 10 && curve["start_s"].as_f64().unwrap() <= of("lag_s") && of("lag_s") <= end_s);
        assert!(pair["hyperbola"].as_array().is_some_and(|lines| !lines.is_empty()));
    }
}

#[test]
fn the_report_holds_what_it_promises() {
    let Some(files) = dcf77() else { return };
    check_schema(&locate(&files).report(), &files);
}

#[test]
fn the_report_of_a_simulated_scene_holds_the_same_and_says_that_it_is_simulated() {
    let folder = Folder::new();
    let files = folder.write_all(&standard_files());
    let report = locate(&files).report();
    check_schema(&report, &files);
    assert_eq!(report.0["synthetic"], true);
    assert!(error_m(report.mean()) < 300.0, "{} m off", error_m(report.mean()));
    assert!(located_as("text", &files).contains("simulated"));
}

#[test]
fn the_sample_of_the_page_is_located() {
    let folder = Folder::new();
    let files = folder.write_all(&heimdall_simulate::sample_files().unwrap());
    let report = locate(&files).report();
    let truth = heimdall_simulate::sample_scene().unwrap().scene.transmitter.position;
    let truth = [truth.latitude_deg, truth.longitude_deg];
    assert_eq!(report.verdict(), "located");
    println!("error {:.0} m, 95 % area {} km²", distance_m(report.mean(), truth), report.region(0.95)["area_km2"]);
    assert!(distance_m(report.mean(), truth) < 500.0, "{} m off", distance_m(report.mean(), truth));
    assert!(contains(&report.region(0.95)["geometry"], truth), "the truth is outside the 95 % region");
    assert_eq!(report.0["fix"]["warnings"], Value::Array(Vec::new()), "a good sample has nothing to warn of");
}

#[test]
fn exit_status_tells_fix_from_no_fix_and_from_a_wrong_call() {
    let folder = Folder::new();
    let files = folder.write_all(&standard_files());
    assert_eq!(locate(&files).code, 0);
    assert_eq!(locate(&recordings(&files, NAME, &[1, 2])).code, 2, "two receivers");
    let unreadable = folder.write("notes.txt", "nothing of interest");
    assert_eq!(locate(&[&unreadable]).code, 2, "no receiver");
    let call = heimdall(["locate"]);
    assert_eq!(call.code, 2);
    assert!(call.stderr.contains("Usage"), "{}", call.stderr);
    assert_eq!(heimdall([Path::new("inspect"), &files[0]]).code, 1, "metadata alone is no recording");
    assert_eq!(heimdall(["inspect".as_ref(), files[0].as_path(), &files[1]]).code, 0);
}

#[test]
fn geojson_follows_its_standard() {
    let folder = Folder::new();
    let files = folder.write_all(&standard_files());
    let report = locate(&files).report();
    let json: Value = serde_json::from_str(&located_as("geojson", &files)).unwrap();
    assert_eq!(json["type"], "FeatureCollection");
    let features = json["features"].as_array().unwrap();
    let mut kinds = Vec::new();
    for feature in features {
        assert_eq!(feature["type"], "Feature");
        assert!(feature["properties"].is_object());
        kinds.push(feature["properties"]["kind"].as_str().unwrap());
        let geometry = &feature["geometry"];
        match geometry["type"].as_str().unwrap() {
            "MultiPolygon" => check_polygons(geometry),
            "Point" => assert_eq!(geometry["coordinates"].as_array().unwrap().len(), 2),
            "LineString" | "MultiLineString" => {}
            other => panic!("geometry {other}"),
        }
    }
    let count = |kind: &str| kinds.iter().filter(|found| **found == kind).count();
    assert_eq!((count("region"), count("mean"), count("mode"), count("receiver")), (3, 1, 1, 5));
    let mean = features.iter().find(|feature| feature["properties"]["kind"] == "mean").unwrap();
    let [lat, lon] = report.mean();
    assert_eq!(mean["geometry"]["coordinates"], serde_json::json!([lon, lat]));
}

#[test]
fn kml_is_xml_with_longitude_first() {
    let folder = Folder::new();
    let mut scene = scenes::scene(7);
    scene.receivers[0].name = "Fish & <Chips>".into();
    let files = folder.write_all(&scenes::files(&scene, NAME, heimdall_simulate::SampleFormat::Ci16Le));
    let report = locate(&files).report();
    let text = located_as("kml", &files);
    let document = roxmltree::Document::parse(&text).expect("well-formed XML");
    let root = document.root_element();
    assert_eq!(root.tag_name().namespace(), Some("http://www.opengis.net/kml/2.2"));
    let names: Vec<_> = root.descendants().filter(|node| node.has_tag_name("name")).filter_map(|n| n.text()).collect();
    assert!(names.contains(&"Fish & <Chips>"), "{names:?}");
    let [lat, lon] = report.mean();
    let mut points = 0;
    for node in root.descendants().filter(|node| node.tag_name().name() == "coordinates") {
        let tuples: Vec<Vec<f64>> = node
            .text()
            .unwrap()
            .split_whitespace()
            .map(|tuple| tuple.split(',').map(|number| number.parse().unwrap()).collect())
            .collect();
        assert!(tuples.iter().all(|tuple| (tuple[0] - lon).abs() < 3.0 && (tuple[1] - lat).abs() < 3.0));
        if tuples.len() == 1 {
            points += 1;
        } else {
            assert_eq!(tuples.first(), tuples.last(), "a ring is open");
        }
    }
    assert_eq!(points, 6, "five receivers and the transmitter");
}

#[test]
fn csv_is_a_table_with_a_header() {
    let folder = Folder::new();
    let files = folder.write_all(&standard_files());
    let report = locate(&files).report();
    let text = located_as("csv", &files);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|field| field == name).unwrap_or_else(|| panic!("no {name}"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let of_kind = |kind: &str| rows.iter().filter(|row| &row[column("kind")] == kind).collect::<Vec<_>>();
    assert_eq!(of_kind("receiver").len(), 5);
    let number = |row: &csv::StringRecord, name: &str| row[column(name)].parse::<f64>().unwrap();
    let found = of_kind("mean").first().map(|row| [number(row, "lat"), number(row, "lon")]).unwrap();
    assert!(distance_m(found, report.mean()) < 0.1);
}

#[test]
fn text_says_verdict_position_and_pairs() {
    let folder = Folder::new();
    let text = located_as("text", &folder.write_all(&standard_files()));
    assert!(text.starts_with("Located near"), "{text}");
    for word in ["mean (lat, lon)", "95 % region", "km²", "North – East", "µs"] {
        assert!(text.contains(word), "no {word} in {text}");
    }
}

#[test]
fn a_receiver_can_be_switched_off() {
    let Some(files) = dcf77() else { return };
    let flags = ["locate", "--format", "json", "--switch-off", "pa0rdt"].map(Path::new);
    let outcome = heimdall(flags.into_iter().chain(files.iter().map(PathBuf::as_path)));
    assert_eq!(outcome.code, 2, "two receivers are left");
    assert_eq!(outcome.report().named("receivers", "pa0rdt")["used"], false);
}

/// Levels by a log-distance law with exponent 3 and 2 dB of error, drawn once by hand.
const LEVEL_ERRORS_DB: [f64; 10] = [1.2, -2.1, 0.4, 2.6, -0.7, -1.9, 1.5, 0.1, -2.8, 1.7];

#[test]
fn a_table_of_levels_is_a_scene() {
    let truth = [45.05, 8.35];
    let folder = Folder::new();
    let mut table = "receiver,lat,lon,level_dbm,sigma_db,frequency_hz\n".to_owned();
    for (index, error_db) in LEVEL_ERRORS_DB.iter().enumerate() {
        let angle = index as f64 * 2.4;
        let reach = 0.1 + 0.05 * index as f64;
        let at = [truth[0] + reach * angle.sin(), truth[1] + 0.1 + 1.4 * reach * angle.cos()];
        let level_dbm = -20.0 - 30.0 * (distance_m(at, truth) / 1000.0).log10() + error_db;
        table += &format!("S{index},{},{},{level_dbm:.1},2,145500000\n", at[0], at[1]);
    }
    let outcome = locate(&[folder.write("levels.csv", table)]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    let report = outcome.report();
    assert!(contains(&report.region(0.95)["geometry"], truth), "the truth is outside the 95 % region");
    assert!(distance_m(report.mean(), truth) < 10_000.0, "{} m off", distance_m(report.mean(), truth));
    let level = &report.named("receivers", "S0")["level"];
    assert_eq!((&level["calibrated"], &level["sigma_db"]), (&true.into(), &2.0.into()));
    assert!(report.0["fix"]["experts"].as_array().unwrap().iter().any(|expert| expert == "level"));
}

#[test]
fn a_table_of_levels_in_local_metres_is_a_scene() {
    let truth: [f64; 2] = [130.0, -80.0];
    let folder = Folder::new();
    let mut table = "receiver,x_m,y_m,level_dbm\n".to_owned();
    for (index, error_db) in LEVEL_ERRORS_DB.iter().enumerate() {
        let angle = index as f64 * 2.4;
        let reach = 100.0 + 50.0 * index as f64;
        let at = [reach * angle.cos(), reach * angle.sin()];
        let distance_m = (at[0] - truth[0]).hypot(at[1] - truth[1]);
        table +=
            &format!("S{index},{:.2},{:.2},{:.1}\n", at[0], at[1], 30.0 - 30.0 * distance_m.log10() + error_db / 2.0);
    }
    let file = folder.write("levels.csv", table);
    let outcome = locate(&[&file]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    let report = outcome.report();
    assert_eq!(report.0["local"], true);
    let found = &report.0["local_fix"]["mean_m"];
    let off_m = (found[0].as_f64().unwrap() - truth[0]).hypot(found[1].as_f64().unwrap() - truth[1]);
    assert!(off_m < 80.0, "{off_m} m off");
    assert!(located_as("text", &[file]).contains("mean (x, y)"));
}

#[test]
fn crossing_bearings_are_a_scene() {
    let truth = [45.6, 8.9];
    let folder = Folder::new();
    let row = |name: &str, at: [f64; 2], error_deg: f64| {
        format!("{name},{},{},{:.1}\n", at[0], at[1], (bearing_deg(at, truth) + error_deg).rem_euclid(360.0))
    };
    let rows = [row("A", [45.0, 8.0], 1.5), row("B", [45.1, 9.9], -2.0), row("C", [46.3, 8.6], 1.0)].concat();
    let table = folder.write("bearings.csv", format!("receiver,lat,lon,bearing_deg\n{rows}"));
    let outcome = locate(&[table]);
    assert_eq!(outcome.code, 0, "{}", outcome.stdout);
    let report = outcome.report();
    assert!(distance_m(report.mean(), truth) < 10_000.0, "{} m off", distance_m(report.mean(), truth));
    assert!(contains(&report.region(0.95)["geometry"], truth), "the truth is outside the 95 % region");
    assert!(report.named("receivers", "A")["bearing_deg"].is_f64());
    assert_eq!(report.0["fix"]["experts"], serde_json::json!(["bearing"]));
}

#[test]
fn inspect_gives_grade_and_reason_of_every_clock() {
    let (Some(mut files), Some(unfixed)) = (dcf77(), no_gnss_fix()) else { return };
    files.push(unfixed);
    files.extend(data("formats/modes1_1090M_2000k.cu8"));
    let json = inspect(&files);
    let recordings = json["recordings"].as_array().unwrap();
    let grades: Vec<_> = recordings.iter().map(|recording| recording["time_grade"].as_str().unwrap()).collect();
    assert_eq!(grades, ["gnss", "gnss", "gnss", "none", "none"]);
    assert!(recordings.iter().all(|recording| recording["time_reason"].as_str().is_some_and(|why| why.len() > 10)));
    assert_eq!(json["receivers"].as_array().unwrap().len(), 3);
    let text = heimdall(["inspect".as_ref(), files[0].as_path()]).stdout;
    assert!(text.contains("clock") && text.contains("gnss") && text.contains("12001"), "{text}");
}

/// A folder with a table of three bearings that cross at the place.
fn folder_of_bearings(folder: &Folder, name: &str, truth: [f64; 2]) -> PathBuf {
    std::fs::create_dir(folder.path(name)).unwrap();
    let receivers = [("A", [45.0, 8.0]), ("B", [45.1, 9.9]), ("C", [46.3, 8.6])];
    let row = |(receiver, at): (&str, [f64; 2])| {
        format!("{receiver},{},{},{:.1}\n", at[0], at[1], bearing_deg(at, truth).rem_euclid(360.0))
    };
    let table = format!("receiver,lat,lon,bearing_deg\n{}", receivers.map(row).concat());
    folder.write(&format!("{name}/bearings.csv"), table);
    folder.path(name)
}

/// What `heimdall locate --format json` says of folders, a line each, and its exit status.
fn located_folders(folders: &[PathBuf]) -> (i32, Vec<Value>, String) {
    let outcome = locate(folders);
    let lines: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named: Vec<_> = lines.iter().map(|line| line["folder"].as_str().map(PathBuf::from)).collect();
    let asked: Vec<_> = folders.iter().cloned().map(Some).collect();
    assert_eq!(named, asked, "a line a folder, in their order");
    (outcome.code, lines, outcome.stderr)
}

#[test]
fn folders_are_scenes_of_their_own_and_answered_in_their_order() {
    let folder = Folder::new();
    // More than are located at once.
    let truths = [45.3, 45.4, 45.5, 45.6, 45.7, 45.8].map(|latitude| [latitude, 8.9]);
    let mut scenes: Vec<PathBuf> =
        (0..).zip(truths).map(|(n, truth)| folder_of_bearings(&folder, &format!("scene-{n}"), truth)).collect();
    scenes.reverse();
    let (code, lines, said) = located_folders(&scenes);
    assert_eq!(code, 0, "{said}");
    for (line, truth) in lines.into_iter().zip(truths.into_iter().rev()) {
        let off_m = distance_m(Report::new(line["report"].clone()).mean(), truth);
        assert!(off_m < 3_000.0, "{off_m} m off: {}", line["folder"]);
    }
    assert!(said.contains("4 of 6 scenes") && said.contains("6 of 6 scenes"), "{said}");
    // The same answer as of the folder's files.
    let alone = locate(&[scenes[0].join("bearings.csv")]).report();
    let (_, lines, _) = located_folders(&scenes[..1]);
    assert_eq!(lines[0]["report"], alone.0);
    let text = heimdall([Path::new("locate"), &scenes[0], &scenes[1]]).stdout;
    let heads: Vec<_> = scenes[..2].iter().map(|scene| text.find(&format!("{}\n", scene.display()))).collect();
    assert!(heads[0].is_some() && heads[0] < heads[1], "{text}");
}

#[test]
fn a_folder_that_holds_nothing_does_not_stop_the_others() {
    let folder = Folder::new();
    let good = folder_of_bearings(&folder, "good", [45.6, 8.9]);
    let [empty, of_folders, without_fix] = ["empty", "of-folders", "without-fix"].map(|name| folder.path(name));
    std::fs::create_dir_all(of_folders.join("inner")).unwrap();
    std::fs::create_dir_all(&empty).unwrap();
    std::fs::create_dir_all(&without_fix).unwrap();
    folder.write("without-fix/notes.txt", "nothing of interest");

    let (code, lines, said) = located_folders(&[empty.clone(), good.clone(), of_folders]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&format!("{}: there are no files in it", empty.display())), "{said}");
    assert_eq!((&lines[0]["error"], &lines[0]["report"]), (&"there are no files in it".into(), &Value::Null));
    assert_eq!(Report::new(lines[1]["report"].clone()).verdict(), "located");
    assert_eq!(lines[2]["error"], "there are no files in it", "folders in folders are not looked into");

    let (code, lines, said) = located_folders(&[good.clone(), without_fix.clone()]);
    assert_eq!(code, 2, "{said}");
    assert_eq!(lines[1]["report"]["fix"]["verdict"], "not_locatable");
    assert_eq!(located_folders(&[without_fix, empty]).0, 1, "what failed weighs more than what has no fix");
    let mixed = heimdall([Path::new("locate"), &good, &good.join("bearings.csv")]);
    assert_eq!(mixed.code, 0, "a folder among files is refused by name, and the rest goes on: {}", mixed.stderr);
    assert!(mixed.stderr.contains("good"), "{}", mixed.stderr);
}
