//! Positions other than in decimal degrees.

use heimdall_recording::Position;
use mgrs_convert::{LatLon, Precision};

/// Degrees, minutes and seconds to a tenth of a second, 3 m.
pub fn dms(position: Position) -> String {
    let half = |degrees: f64, positive: char, negative: char| {
        // Tenths of a second as a whole number, so that no field rounds up to 60.
        let tenths = (degrees.abs() * 36_000.0).round() as u64;
        let (whole, minutes, tenths) = (tenths / 36_000, tenths / 600 % 60, tenths % 600);
        let side = if degrees < 0.0 { negative } else { positive };
        format!("{whole}° {minutes:02}′ {:02}.{}″ {side}", tenths / 10, tenths % 10)
    };
    format!("{}, {}", half(position.latitude_deg, 'N', 'S'), half(position.longitude_deg, 'E', 'W'))
}

/// Divisions of the Maidenhead locator, pair by pair: fields, squares, subsquares, and so on in turn (IARU Region 1,
/// VHF Managers Handbook). Ten characters leave some 20 m by 10 m to 30 m.
const DIVISIONS: [(u32, u8); 5] = [(18, b'A'), (10, b'0'), (24, b'a'), (10, b'0'), (24, b'A')];

/// The Maidenhead locator with ten characters.
pub fn maidenhead(position: Position) -> String {
    let mut longitude = (position.longitude_deg + 180.0).clamp(0.0, 360.0) / 360.0;
    let mut latitude = (position.latitude_deg + 90.0).clamp(0.0, 180.0) / 180.0;
    let mut text = String::with_capacity(2 * DIVISIONS.len());
    for (parts, first) in DIVISIONS {
        for share in [&mut longitude, &mut latitude] {
            let scaled = *share * f64::from(parts);
            // The pole and the date line belong to the last part.
            let index = (scaled as u32).min(parts - 1);
            *share = scaled - f64::from(index);
            text.push(char::from(first + index as u8));
        }
    }
    text
}

/// The military grid reference to a metre, its parts apart: "33U XP 04905 50234"; in degrees where there is none.
pub fn mgrs(position: Position) -> String {
    let Ok(place) = LatLon::new(position.latitude_deg, position.longitude_deg) else { return dms(position) };
    let text = place.to_mgrs(Precision::ONE_METER).to_string();
    // Two numbers of five digits at the end, the square's two letters before them.
    let parts = (text.len().checked_sub(12), text.len().checked_sub(10), text.len().checked_sub(5));
    let (Some(square), Some(east), Some(north)) = parts else { return text };
    let part = |from, to| text.get(from..to).unwrap_or_default();
    format!("{} {} {} {}", part(0, square), part(square, east), part(east, north), part(north, text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude_deg: f64, longitude_deg: f64) -> Position {
        Position { latitude_deg, longitude_deg }
    }

    #[test]
    fn no_minute_or_second_is_sixty() {
        assert_eq!(dms(at(51.0, 11.999_999_9)), "51° 00′ 00.0″ N, 12° 00′ 00.0″ E");
        assert_eq!(dms(at(-33.856_784, -151.215_297)), "33° 51′ 24.4″ S, 151° 12′ 55.1″ W");
    }

    /// The example of the ARRL, Newington: 41.714775, −72.727260 is FN31pr21 and on; Munich by the original article.
    #[test]
    fn locators_are_those_of_the_handbook() {
        assert!(maidenhead(at(41.714_775, -72.727_260)).starts_with("FN31pr"));
        assert!(maidenhead(at(48.146_66, 11.608_33)).starts_with("JN58td"));
        assert!(maidenhead(at(-34.91, -56.211_66)).starts_with("GF15vc"));
        assert_eq!(maidenhead(at(90.0, 180.0)), "RR99xx99XX");
    }

    /// By GeographicLib (its manual's example at 33.3° N 44.4° E among them) and, for Munich, by an independent program
    /// in Common Lisp.
    #[test]
    fn grid_references_are_those_of_geographiclib() {
        assert_eq!(mgrs(at(40.748_333, -73.985_278)), "18T WL 85664 11315");
        assert_eq!(mgrs(at(33.3, 44.4)), "38S MB 44140 84706");
        assert_eq!(mgrs(at(48.146_66, 11.608_33)), "32U PU 94010 35891");
        assert!(mgrs(at(89.9, 10.0)).starts_with("Z "));
    }
}
