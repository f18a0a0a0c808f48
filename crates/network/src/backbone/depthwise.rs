//! The 7×7 convolution of each channel with a kernel of its own.
//!
//! A scene's map is taken apart into groups of channels, each with a margin of zeros about it, so that the loops over
//! the taps know neither borders nor strides.

use super::lanes::{Group, LANES, add_product, groups, groups_mut, vectors};
use super::map::Shape;

/// Along a side of the kernel.
const SIDE: usize = 7;
const TAPS: usize = SIDE * SIDE;
const MARGIN: usize = SIDE / 2;

/// One group's taps, row by row.
type Taps = [Group; TAPS];

/// One group of channels of one scene's map, (rows + 6, columns + 6).
struct Padded {
    values: Vec<Group>,
    pitch: usize,
    shape: Shape,
}

impl Padded {
    fn new(shape: Shape) -> Padded {
        let pitch = shape.columns + 2 * MARGIN;
        Padded { values: vec![[0.0; LANES]; pitch * (shape.rows + 2 * MARGIN)], pitch, shape }
    }

    /// Takes group `index` of `map` (rows, columns, width). The margin stays zero.
    #[inline(always)]
    fn take(&mut self, map: &[f32], index: usize) {
        let (row, step) = (self.shape.columns * self.shape.width, self.shape.width / LANES);
        for (row, inner) in map.chunks_exact(row).zip(self.values.chunks_exact_mut(self.pitch).skip(MARGIN)) {
            inner.iter_mut().skip(MARGIN).zip(groups(row).iter().skip(index).step_by(step)).for_each(|(a, b)| *a = *b);
        }
    }

    /// The seven groups that row `tap_row` of the kernel meets at a place.
    #[inline(always)]
    fn met(&self, row: usize, column: usize, tap_row: usize) -> &[Group] {
        let at = (row + tap_row) * self.pitch + column;
        &self.values[at..at + SIDE]
    }

    /// Adds the correlation with `taps` to group `index` of `out` (rows, columns, width).
    #[inline(always)]
    fn correlate(&self, taps: &Taps, out: &mut [f32], index: usize) {
        let step = self.shape.width / LANES;
        let places = (0..self.shape.rows).flat_map(|row| (0..self.shape.columns).map(move |column| (row, column)));
        for ((row, column), out) in places.zip(groups_mut(out).iter_mut().skip(index).step_by(step)) {
            let mut sum = *out;
            for (tap_row, taps) in taps.chunks_exact(SIDE).enumerate() {
                self.met(row, column, tap_row).iter().zip(taps).for_each(|(x, tap)| add_product(&mut sum, x, tap));
            }
            *out = sum;
        }
    }

    /// Adds the gradient of the taps, where `gradient` is that of the output.
    #[inline(always)]
    fn add_taps(&self, gradient: &Padded, taps: &mut Taps) {
        for (tap_row, taps) in taps.chunks_exact_mut(SIDE).enumerate() {
            let mut sums = [[0.0; LANES]; SIDE];
            for row in 0..self.shape.rows {
                let gradients = &gradient.values[(row + MARGIN) * self.pitch + MARGIN..][..self.shape.columns];
                for (column, g) in gradients.iter().enumerate() {
                    let met = self.met(row, column, tap_row);
                    sums.iter_mut().zip(met).for_each(|(sum, x)| add_product(sum, x, g));
                }
            }
            taps.iter_mut().zip(&sums).for_each(|(tap, sum)| add_product(tap, sum, &[1.0; LANES]));
        }
    }
}

/// Group `index` of `kernel` (width, 1, 7, 7).
fn taps_of(kernel: &[f32], index: usize) -> Taps {
    let own = &kernel[index * LANES * TAPS..][..LANES * TAPS];
    std::array::from_fn(|tap| std::array::from_fn(|lane| own[lane * TAPS + tap]))
}

/// Maps (scenes, rows, columns, width) of those scenes of `x` that `chosen` names, one after another.
pub(super) fn forward(
    x: &[f32],
    shape: Shape,
    kernel: &[f32],
    bias: &[f32],
    chosen: impl Iterator<Item = usize> + Clone,
) -> Vec<f32> {
    let mut out = bias.repeat(chosen.clone().count() * shape.places());
    let mut padded = Padded::new(shape);
    vectors(
        #[inline(always)]
        || {
            for index in 0..shape.width / LANES {
                let taps = taps_of(kernel, index);
                for (scene, out) in chosen.clone().zip(out.chunks_exact_mut(shape.count())) {
                    padded.take(&x[scene * shape.count()..][..shape.count()], index);
                    padded.correlate(&taps, out, index);
                }
            }
        },
    );
    out
}

/// Adds the gradient of `x` to `by_x`, where `gradient` is that of the chosen scenes' output. Sets the kernel's.
pub(super) fn backward(
    x: &[f32],
    shape: Shape,
    kernel: &[f32],
    gradient: &[f32],
    chosen: impl Iterator<Item = usize> + Clone,
    by_x: &mut [f32],
    by_kernel: &mut [f32],
) {
    let (mut padded, mut padded_gradient) = (Padded::new(shape), Padded::new(shape));
    vectors(
        #[inline(always)]
        || {
            for (index, by_kernel) in by_kernel.chunks_exact_mut(LANES * TAPS).enumerate() {
                let mut mirrored = taps_of(kernel, index);
                mirrored.reverse();
                let mut by_taps = [[0.0; LANES]; TAPS];
                for (scene, gradient) in chosen.clone().zip(gradient.chunks_exact(shape.count())) {
                    let range = scene * shape.count()..(scene + 1) * shape.count();
                    padded.take(&x[range.clone()], index);
                    padded_gradient.take(gradient, index);
                    padded_gradient.correlate(&mirrored, &mut by_x[range], index);
                    padded.add_taps(&padded_gradient, &mut by_taps);
                }
                for (lane, by_kernel) in by_kernel.chunks_exact_mut(TAPS).enumerate() {
                    by_kernel.iter_mut().zip(&by_taps).for_each(|(out, tap)| *out = tap[lane]);
                }
            }
        },
    );
}
