//! Colour maps.

use colorous::Gradient;
use serde::{Deserialize, Serialize};

/// A colour map whose brightness rises with the level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColourMap {
    /// Dark violet to yellow; evenly spaced for the eye, also for most who see colours differently.
    #[default]
    Viridis,
    /// Black to pale yellow, by way of red.
    Inferno,
    /// Blue to yellow, made for those who do not see red or green.
    Cividis,
    /// The rainbow that radios have, without its false edges.
    Turbo,
    /// Black to white.
    Grey,
}

impl ColourMap {
    /// All, the best first.
    pub const ALL: [Self; 5] = [Self::Viridis, Self::Inferno, Self::Cividis, Self::Turbo, Self::Grey];

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viridis => "Viridis",
            Self::Inferno => "Inferno",
            Self::Cividis => "Cividis",
            Self::Turbo => "Turbo",
            Self::Grey => "Grey",
        }
    }

    /// Red, green and blue of 256 places, dark first.
    #[must_use]
    pub fn table(self) -> Vec<[u8; 3]> {
        const fn gradient(map: ColourMap) -> Gradient {
            match map {
                ColourMap::Viridis => colorous::VIRIDIS,
                ColourMap::Inferno => colorous::INFERNO,
                ColourMap::Cividis => colorous::CIVIDIS,
                ColourMap::Turbo => colorous::TURBO,
                ColourMap::Grey => colorous::GREYS,
            }
        }
        let colour = |place: usize| {
            // The library's greys end dark.
            let place = if self == Self::Grey { 255 - place } else { place };
            gradient(self).eval_rational(place, 256).into_array()
        };
        (0..256).map(colour).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_is_brighter_than_weak_on_every_map() {
        let luminance = |[red, green, blue]: [u8; 3]| {
            0.2126 * f32::from(red) + 0.7152 * f32::from(green) + 0.0722 * f32::from(blue)
        };
        // Turbo ends in a dark red, as rainbows do.
        for map in ColourMap::ALL.into_iter().filter(|map| *map != ColourMap::Turbo) {
            let table = map.table();
            assert!(table.windows(2).all(|pair| luminance(pair[1]) >= luminance(pair[0]) - 1.0), "{map:?}");
        }
    }
}
