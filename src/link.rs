//! Settings and the view of the map as the end of an address, behind '#', which browsers send to nobody.
//!
//! It names no file and no receiver: whoever has the same files gets the same settings, and nobody else learns what they
//! hold.

use std::fmt::Write;

use heimdall_pipeline::{Band, Reference, ReferenceScheme, ReferenceSettings, Settings, TimeWindow};
use heimdall_recording::Position;

use crate::commands::EXPERTS;

/// A part of a recording that is a third of it.
const THIRD: &str = "third";

/// What the map shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Middle.
    pub center: Position,
    /// Leaflet's zoom: 256 · 2^zoom pixels around the equator.
    pub zoom: f64,
}

/// What an address says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// Without receivers that are left out: their names are the recordings'.
    pub settings: Settings,
    /// What the map is to show.
    pub view: Option<View>,
}

/// The end of the address without '#'; empty where everything is as it comes.
pub fn write(settings: &Settings, view: Option<View>) -> String {
    let mut text = String::new();
    let mut put = |key: &str, value: String| {
        let mark = if text.is_empty() { "" } else { "&" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{mark}{key}={value}");
    };
    if let Some(Band { center_hz, bandwidth_hz }) = settings.band {
        put("band", format!("{center_hz},{bandwidth_hz}"));
    }
    if let Some(TimeWindow { start_s, duration_s }) = settings.window {
        put("window", format!("{start_s},{duration_s}"));
    }
    if let Some(sigma_s) = settings.bias_sigma_s {
        put("bias", sigma_s.to_string());
    }
    if let Some(sigma_db) = settings.gain_sigma_db {
        put("gain", sigma_db.to_string());
    }
    if let Some(ReferenceSettings { reference, scheme }) = &settings.reference {
        put("reference", reference.name.split_whitespace().collect::<Vec<_>>().join("+"));
        if let ReferenceScheme::Parts { part_s } = scheme {
            put("parts", part_s.map_or_else(|| THIRD.to_owned(), |part_s| part_s.to_string()));
        }
    }
    if !settings.experts_off.is_empty() {
        put("without", settings.experts_off.join(","));
    }
    if settings.bounds {
        put("bounds", "shown".to_owned());
    }
    if let Some(View { center, zoom }) = view {
        // A metre, and a hundredth of a zoom: nobody sees less.
        put("map", format!("{:.5},{:.5},{zoom:.2}", center.latitude_deg, center.longitude_deg));
    }
    text
}

/// What the end of an address says.
///
/// # Errors
/// A sentence where a part of it is not what [`write`] writes: then none of it holds.
pub fn read(text: &str) -> Result<Link, String> {
    let mut link = Link::default();
    for part in text.split('&').filter(|part| !part.is_empty()) {
        take(&mut link, part).ok_or_else(|| {
            let shown: String = part.chars().filter(|character| !character.is_control()).take(40).collect();
            format!("The settings in the address were left aside: “{shown}” cannot be read. Check how the link ends.")
        })?;
    }
    Ok(link)
}

fn take(link: &mut Link, part: &str) -> Option<()> {
    let (key, value) = part.split_once('=')?;
    let settings = &mut link.settings;
    match key {
        "band" => {
            let [center_hz, bandwidth_hz] = numbers(value)?;
            settings.band = Some(Band { center_hz, bandwidth_hz }).filter(|band| band.bandwidth_hz > 0.0);
            settings.band.map(drop)
        }
        "window" => {
            let [start_s, duration_s] = numbers(value)?;
            let window = TimeWindow { start_s, duration_s };
            settings.window = Some(window).filter(|window| window.start_s >= 0.0 && window.duration_s > 0.0);
            settings.window.map(drop)
        }
        "bias" => {
            let [sigma_s] = numbers(value)?;
            settings.bias_sigma_s = Some(sigma_s).filter(|sigma| *sigma >= 0.0);
            settings.bias_sigma_s.map(drop)
        }
        "gain" => {
            let [sigma_db] = numbers(value)?;
            settings.gain_sigma_db = Some(sigma_db).filter(|sigma| *sigma >= 0.0);
            settings.gain_sigma_db.map(drop)
        }
        "reference" => {
            let reference = Reference::parse(&value.replace('+', " ")).ok()?;
            settings.reference = Some(ReferenceSettings { reference, scheme: ReferenceScheme::Inside });
            Some(())
        }
        // Behind the reference, whose recording it describes.
        "parts" => {
            let part_s = if value == THIRD { None } else { Some(numbers::<1>(value)?[0]) };
            settings.reference.as_mut()?.scheme = ReferenceScheme::Parts { part_s: positive(part_s)? };
            Some(())
        }
        "without" => {
            settings.experts_off = value.split(',').map(str::to_owned).collect();
            let known = |off: &String| EXPERTS.iter().any(|(expert, _)| expert == off);
            settings.experts_off.iter().all(known).then_some(())
        }
        "bounds" => {
            settings.bounds = value == "shown";
            settings.bounds.then_some(())
        }
        "map" => {
            let [latitude_deg, longitude_deg, zoom] = numbers(value)?;
            let center = Position::new(latitude_deg, longitude_deg)?;
            link.view = Some(View { center, zoom }).filter(|view| (0.0..=24.0).contains(&view.zoom));
            link.view.map(drop)
        }
        _ => None,
    }
}

/// Whether a length that is given can be one.
fn positive(length: Option<f64>) -> Option<Option<f64>> {
    length.is_none_or(|length| length > 0.0).then_some(length)
}

/// So many finite numbers, apart by commas.
fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let numbers = text.split(',').map(|part| part.parse::<f64>().ok().filter(|number| number.is_finite()));
    numbers.collect::<Option<Vec<f64>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_brings_settings_and_view_to_others_and_names_nobody() {
        let settings = Settings {
            band: Some(Band { center_hz: 77_500.25, bandwidth_hz: 1e3 / 3.0 }),
            window: Some(TimeWindow { start_s: 0.125, duration_s: 10.0 }),
            bias_sigma_s: Some(2e-5),
            gain_sigma_db: Some(0.0),
            reference: Some(ReferenceSettings {
                reference: Reference::parse("44.43, 8.93, 98.3e6").unwrap(),
                scheme: ReferenceScheme::Parts { part_s: Some(1.5) },
            }),
            experts_off: vec!["level".to_owned(), "neural".to_owned()],
            switched_off: vec!["HB9ODP".to_owned()],
            bounds: true,
        };
        let view = View { center: Position { latitude_deg: 45.05, longitude_deg: -8.35 }, zoom: 7.25 };
        let text = write(&settings, Some(view));
        assert!(!text.contains("HB9ODP"), "{text}");
        let read = read(&text).unwrap();
        assert_eq!(read.settings, Settings { switched_off: Vec::new(), ..settings });
        assert_eq!(read.view, Some(view));
    }

    #[test]
    fn what_is_as_it_comes_leaves_the_address_alone() {
        assert_eq!(write(&Settings::default(), None), "");
        assert_eq!(read("").unwrap(), Link::default());
    }

    #[test]
    fn a_link_that_cannot_be_read_changes_nothing_and_says_what_is_wrong() {
        for wrong in [
            "band=77500",
            "band=1,0",
            "band=NaN,1",
            "window=-1,2",
            "without=tdoa,magic",
            "map=95,0,3",
            "bias=inf",
            "reference=nobody",
            "parts=third",
            "reference=DCF77&parts=-1",
            "colour=red",
            "map",
        ] {
            let sentence = read(&format!("gain=3&{wrong}")).unwrap_err();
            let last = wrong.split('&').next_back().unwrap();
            assert!(sentence.contains(last), "{sentence}");
        }
    }
}
