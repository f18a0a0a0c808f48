//! The main job: three real recordings become a fix, in the hands of a person.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use heimdall_browser_tests::{ExportFormat, Options, dcf77, in_browser, locate, no_gnss_fix};
use serde_json::Value;

/// How far page and command line may be apart: what rounding in single precision leaves over, far below what any
/// reader of the numbers could tell. Latitude and longitude, degrees (1e-5° is a metre).
const POSITION_DEG: f64 = 1e-5;
/// Share of a region's area.
const AREA_SHARE: f64 = 1e-4;
/// Seconds; noise leaves the lags of these recordings uncertain by a thousand times that.
const LAG_S: f64 = 1e-9;

/// `recordings` of a report by file name.
fn by_name<'a>(report: &'a Value, list: &str) -> impl Iterator<Item = (String, &'a Value)> {
    let entries = report[list].as_array().unwrap_or_else(|| panic!("no {list}"));
    entries.iter().map(|entry| (entry["name"].as_str().unwrap().to_owned(), entry))
}

fn close(what: &str, one: &Value, other: &Value, tolerance: f64) {
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{what} is no number: {value}"));
    let (one, other) = (number(one), number(other));
    assert!((one - other).abs() <= tolerance, "{what}: {one} on the page, {other} on the command line");
}

/// The page's report says what the command line's says.
fn same_report(page: &Value, command_line: &Value) {
    for field in ["mode", "mean"] {
        for coordinate in ["lat", "lon"] {
            let of = |report: &'_ Value| report["fix"][field][coordinate].clone();
            close(field, &of(page), &of(command_line), POSITION_DEG);
        }
    }
    let regions = |report: &Value| report["fix"]["regions"].as_array().unwrap().clone();
    assert_eq!(regions(page).len(), 3);
    for (one, other) in regions(page).iter().zip(&regions(command_line)) {
        assert_eq!(one["probability"], other["probability"]);
        let area_km2 = other["area_km2"].as_f64().unwrap();
        close("area of a region", &one["area_km2"], &other["area_km2"], AREA_SHARE * area_km2);
    }
    for field in ["verdict", "sentence", "reasons", "warnings", "experts"] {
        assert_eq!(page["fix"][field], command_line["fix"][field], "{field}");
    }
    assert_eq!(page["version"], command_line["version"]);
    same_lags(page, command_line);
    let hash = |report| by_name(report, "recordings").map(|(name, entry)| (name, entry["sha256"].to_string()));
    assert_eq!(hash(page).collect::<BTreeSet<_>>(), hash(command_line).collect::<BTreeSet<_>>());
}

/// Pairs have no order; a pair may be the other way round with its sign changed.
fn same_lags(page: &Value, command_line: &Value) {
    let pairs = |report: &Value| report["pairs"].as_array().unwrap().clone();
    assert_eq!(pairs(page).len(), pairs(command_line).len());
    for pair in &pairs(page) {
        let other = pairs(command_line).into_iter().find_map(|other| {
            let (ours, theirs) = (&pair["receivers"], &other["receivers"]);
            let lag_s = other["lag_s"].as_f64()?;
            let same = (ours == theirs).then_some(lag_s);
            same.or_else(|| (ours[0] == theirs[1] && ours[1] == theirs[0]).then_some(-lag_s))
        });
        let other = other.unwrap_or_else(|| panic!("the command line has no {}", pair["receivers"]));
        close("lag", &pair["lag_s"], &other.into(), LAG_S);
    }
}

#[test]
fn real_files_are_located_and_every_change_solves_again() {
    let Some(files) = dcf77() else { return };
    in_browser(Options::default(), async move |page| {
        page.choose(&files).await;
        let first = page.settled().await;
        assert_eq!(first.verdict, "located", "{first:?}");
        assert_eq!(first.areas.len(), 3, "50, 68 and 95 % regions: {first:?}");
        assert!(first.areas[2].starts_with("95 %") && first.areas[2].ends_with("km²"), "{first:?}");
        assert!(first.sentence.contains("50.0") && first.sentence.contains("95 %"), "{first:?}");
        assert!(!first.text.contains("simulated"), "{first:?}");

        page.toggle("pa0rdt").await;
        let two = page.settled().await;
        assert_eq!(two.verdict, "not_locatable", "two receivers are too few: {two:?}");

        page.toggle("pa0rdt").await;
        assert_eq!(page.settled().await, first, "the same evidence gives the same answer");
    });
}

#[test]
fn dropped_files_give_the_same_answer_as_chosen_ones() {
    let Some(files) = dcf77() else { return };
    let chosen = {
        let files = files.clone();
        in_browser(Options::default(), async move |page| {
            page.choose(&files).await;
            page.settled().await
        })
    };
    let names: Vec<String> =
        files.iter().map(|file| format!("dcf77-2020/{}", file.file_name().unwrap().to_string_lossy())).collect();
    in_browser(Options::default(), async move |page| {
        assert!(page.drop_real(&names).await, "the page says that files can be dropped");
        assert_eq!(page.settled().await, chosen);
    });
}

#[test]
fn exports_say_what_the_command_line_says() {
    let Some(files) = dcf77() else { return };
    let dropped = files.clone();
    let exports = in_browser(Options::default(), async move |page| {
        page.choose(&dropped).await;
        page.settled().await;
        let mut exports = Vec::new();
        for format in ExportFormat::ALL {
            exports.push((format, page.export(format).await));
        }
        exports
    });
    for (format, text) in exports {
        let expected = locate(format.extension(), &files);
        match format {
            ExportFormat::Json => {
                let parse = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
                same_report(&parse(&text), &parse(&expected));
            }
            ExportFormat::Geojson => same_geojson(&text, &expected),
            ExportFormat::Kml | ExportFormat::Gpx => assert_eq!(kinds(&text, "<name>"), kinds(&expected, "<name>")),
            ExportFormat::Cot => assert_eq!(kinds(&text, "<event ").len(), kinds(&expected, "<event ").len()),
            ExportFormat::Svg => {
                for mark in ["<text class='name'", "class='curve'", "class='region'"] {
                    assert_eq!(kinds(&text, mark).len(), kinds(&expected, mark).len(), "{mark}");
                }
            }
            ExportFormat::Csv => assert_eq!(kinds(&text, "\n").len(), kinds(&expected, "\n").len()),
        }
    }
}

/// What follows each mark, up to the next tag; in no order.
fn kinds(text: &str, mark: &str) -> Vec<String> {
    let after = text.trim().split(mark).skip(1).map(|rest| rest.split('<').next().unwrap_or_default().to_owned());
    let mut kinds: Vec<String> = after.collect();
    kinds.sort();
    kinds
}

fn same_geojson(page: &str, command_line: &str) {
    let features = |text: &str| {
        let json: Value = serde_json::from_str(text).expect("JSON");
        json["features"].as_array().expect("features").clone()
    };
    let (page, command_line) = (features(page), features(command_line));
    assert_eq!(page.len(), command_line.len());
    let mean = |features: &[Value]| {
        let mean = features.iter().find(|feature| feature["properties"]["kind"] == "mean").expect("a mean");
        mean["geometry"]["coordinates"].clone()
    };
    for index in 0..2 {
        close("mean", &mean(&page)[index], &mean(&command_line)[index], POSITION_DEG);
    }
}

#[test]
fn a_clock_without_a_fix_is_refused_in_words() {
    let Some(file) = no_gnss_fix() else { return };
    in_browser(Options::default(), async move |page| {
        page.choose(&[file]).await;
        let answer = page.settled().await;
        assert_eq!(answer.verdict, "not_locatable");
        let row = page.text_of("li.recording").await;
        assert!(row.contains("No time") && row.contains("never had a satellite fix"), "{row}");
        // It is a question to answer, not an error.
        assert_eq!(page.text_content(".refused").await, None);
        assert!(page.text_content("[data-question='position']").await.is_some());
    });
}

#[test]
fn a_clock_without_a_fix_leaves_the_others_alone() {
    let (Some(files), Some(unfixed)) = (dcf77(), no_gnss_fix()) else { return };
    in_browser(Options::default(), async move |page| {
        page.choose(&files).await;
        let before = page.settled().await;
        page.choose(&[unfixed]).await;
        page.text_of("li.recording:nth-of-type(4)").await;
        let after = page.settled().await;
        assert_eq!((after.verdict, after.mean, after.areas), (before.verdict, before.mean, before.areas));
        assert!(after.text.contains("G7UAK"), "{}", after.text);
    });
}

#[test]
fn a_bad_file_is_refused_by_name_and_the_fix_stands() {
    let Some(files) = dcf77() else { return };
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("holiday.wav");
    std::fs::write(&bad, b"\x89PNG\r\n\x1a\n not a recording").unwrap();
    in_browser(Options::default(), async move |page| {
        page.choose(&files).await;
        let before = page.settled().await;
        page.click("#clear").await;
        let mut all = files.clone();
        all.insert(1, bad);
        page.choose(&all).await;
        let after = page.settled().await;
        assert_eq!(after, before);
        let refusal = page.text_of("[data-refused='holiday.wav']").await;
        assert!(refusal.contains("holiday.wav") && refusal.contains("picture"), "{refusal}");
    });
    drop(folder);
}

#[test]
fn work_can_be_stopped_and_taken_up_again() {
    let Some(files) = dcf77() else { return };
    in_browser(Options::default(), async move |page| {
        // Presses 'cancel' as soon as it can be pressed.
        page.script(
            "const cancel = document.getElementById('cancel');
             const press = () => { if (!cancel.disabled) { watch.disconnect(); cancel.click(); } };
             const watch = new MutationObserver(press);
             watch.observe(cancel, { attributes: true });",
        )
        .await;
        page.choose(&files).await;
        let message = page.text_of(".message").await;
        assert!(message.contains("Stopped"), "{message}");
        assert_eq!(page.text_content("#verdict[data-verdict]").await, None, "nothing was solved");
        page.click("#resume").await;
        assert_eq!(page.settled().await.verdict, "located");
        assert_eq!(page.text_content(".message").await, None);
    });
}
