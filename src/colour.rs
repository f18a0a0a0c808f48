//! The colour scale of spectrograms.

/// Viridis (Smith and van der Walt, CC0) at nine equally spaced points; linear between them.
const VIRIDIS: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
];

/// Red, green and blue of a value, 0 dark … 255 bright.
pub fn viridis(value: u8) -> [u8; 3] {
    let place = f32::from(value) / 255.0 * (VIRIDIS.len() - 1) as f32;
    let index = (place as usize).min(VIRIDIS.len() - 2);
    let share = place - index as f32;
    let (Some(low), Some(high)) = (VIRIDIS.get(index), VIRIDIS.get(index + 1)) else { return [0; 3] };
    let mut colour = [0; 3];
    for ((out, low), high) in colour.iter_mut().zip(low).zip(high) {
        *out = (f32::from(*low) + share * (f32::from(*high) - f32::from(*low))).round() as u8;
    }
    colour
}

/// Opaque RGBA pixels of a picture of values.
pub fn pixels(values: &[u8]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|&value| {
            let [red, green, blue] = viridis(value);
            [red, green, blue, 255]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_where_viridis_ends_and_brightens_all_the_way() {
        assert_eq!((viridis(0), viridis(255)), ([68, 1, 84], [253, 231, 37]));
        let luminance = |value| {
            let [red, green, blue] = viridis(value).map(f32::from);
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        assert!((0..255).all(|value| luminance(value + 1) >= luminance(value) - 0.5));
    }
}
