//! Channels in groups that one vector of the processor holds.

/// Channels of a group. The widths of all sizes are multiples of it.
pub(super) const LANES: usize = 8;

/// A group of channels.
pub(super) type Group = [f32; LANES];

/// A group each, in order; `values` is a multiple of a group long.
#[inline(always)]
pub(super) fn groups(values: &[f32]) -> &[Group] {
    values.as_chunks().0
}

/// As [`groups`].
#[inline(always)]
pub(super) fn groups_mut(values: &mut [f32]) -> &mut [Group] {
    values.as_chunks_mut().0
}

/// sum += a b, per channel.
#[inline(always)]
pub(super) fn add_product(sum: &mut Group, a: &Group, b: &Group) {
    for lane in 0..LANES {
        sum[lane] += a[lane] * b[lane];
    }
}

/// Over a group's channels, pairwise.
#[inline(always)]
pub(super) fn total(x: &Group) -> f32 {
    ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::size::Size;

    /// Otherwise the last channels would be left out.
    #[test]
    fn widths_are_whole_groups() {
        for size in Size::ALL {
            assert!(size.widths().iter().all(|width| width.is_multiple_of(LANES)), "{size:?}");
        }
    }
}
