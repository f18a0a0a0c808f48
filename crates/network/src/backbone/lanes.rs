//! Loops for the processor's vectors, over channels in groups that one of them holds. Products and sums stay apart, so
//! that every processor finds the same numbers.

/// Channels of a group. The widths of all sizes are multiples of it.
pub(super) const LANES: usize = 8;

/// A group of channels.
pub(super) type Group = [f32; LANES];

/// Compiles `work`, and what is always inlined into it, for the widest vectors of the processor.
#[inline(always)]
pub(super) fn vectors<T>(work: impl FnOnce() -> T) -> T {
    pulp::Arch::new().dispatch(work)
}

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
