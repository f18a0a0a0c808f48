//! Samples to levels of picture elements.

use std::ops::Range;

use heimdall_recording::{ByteSource, Error, Recording, Samples};
use num_complex::Complex32;

use crate::level::{ABSENT, keep, pool};
use crate::spectrum::Spectrum;
use crate::tile::{Grid, Piece, Taper};

/// Samples that are decoded at once where all are looked at: few enough to stay in the processor's cache.
const BLOCK_SAMPLES: usize = 1 << 14;

/// Computes pieces of tiles; keeps the transform and the buffers of the last one.
#[derive(Default)]
pub struct Computer {
    transform: Option<(Taper, Spectrum)>,
    sum: Vec<f32>,
    peak: Vec<f32>,
    samples: Vec<Complex32>,
}

impl Computer {
    /// Levels of a piece: rows from the highest frequency down, `piece.columns` in each, as
    /// [`dbfs`](crate::dbfs) reads them.
    ///
    /// A row that stands for several bins shows the strongest, a column that stands for several transforms their mean,
    /// or the strongest where it stands out (a short burst). Transforms at the edges of the recording are moved inward.
    ///
    /// # Errors
    /// Where samples cannot be read.
    pub fn levels(&mut self, recording: &Recording, source: &dyn ByteSource, piece: &Piece) -> Result<Vec<i16>, Error> {
        let grid = piece.tile.grid;
        let size = grid.fft_size();
        let fits = |(taper, spectrum): &(Taper, Spectrum)| (*taper, spectrum.size()) == (grid.taper, size);
        let transform = self.transform.take().filter(fits);
        let (_, spectrum) =
            self.transform.insert(transform.unwrap_or_else(|| (grid.taper, Spectrum::new(size, grid.taper.window()))));
        let mut frames = Frames {
            stored: recording.samples(source),
            sample_count: recording.sample_count,
            size,
            ahead: if u64::from(piece.pass.looks) < grid.column_frames() { size } else { BLOCK_SAMPLES.max(size) },
            samples: &mut self.samples,
            held: 0..0,
        };
        let (columns, bins) = (piece.columns as usize, piece.tile.bins());
        let pooled = 1_usize << grid.pool_log2;
        let stride = piece.pass.stride.max(1) as usize;
        let mut levels = vec![ABSENT; columns * bins.len() / pooled];
        for column in (0..columns).step_by(stride) {
            self.sum.clear();
            self.sum.resize(size, 0.0);
            self.peak.clear();
            self.peak.resize(size, 0.0);
            let number =
                u64::from(piece.tile.column) * u64::from(crate::tile::COLUMNS) + u64::from(piece.first) + column as u64;
            let mut count = 0;
            for start in starts(&grid, number, u64::from(piece.pass.looks), recording.sample_count) {
                spectrum.add(frames.at(start)?, &mut self.sum, &mut self.peak);
                count += 1;
            }
            if count == 0 {
                continue;
            }
            pool(&mut self.sum, &self.peak, count);
            // The transform has 0 Hz first, the picture the highest frequency.
            let shown = |bin: usize| self.sum.get(bin ^ (size / 2)).copied().unwrap_or(0.0);
            let rows = bins.clone().rev().step_by(pooled).map(|highest| highest + 1 - pooled..highest + 1);
            for (row, bins) in rows.enumerate() {
                let strongest = bins.map(shown).fold(0.0, f32::max);
                let same = row * columns + column..row * columns + columns.min(column + stride);
                if let Some(elements) = levels.get_mut(same) {
                    elements.fill(keep(strongest));
                }
            }
        }
        Ok(levels)
    }
}

/// First samples of the transforms that a column is made of; none past the end of the recording.
fn starts(grid: &Grid, column: u64, looks: u64, samples: u64) -> impl Iterator<Item = u64> {
    let (size, span) = (grid.fft_size() as u64, grid.column_samples());
    let first = column.saturating_mul(span);
    let inside = samples.saturating_sub(first).min(span);
    let last = samples.saturating_sub(size);
    // A column shorter than a transform has one, around its middle.
    let frames = (inside / size).max(u64::from(inside > 0));
    let looks = looks.min(frames);
    (0..looks).map(move |look| {
        let frame = (2 * look + 1) * frames / (2 * looks);
        let start = if span >= size { first + frame * size } else { (first + span / 2).saturating_sub(size / 2) };
        start.min(last)
    })
}

/// Frames of a recording that are asked for in rising order.
struct Frames<'a> {
    stored: Samples<'a>,
    /// Of the recording.
    sample_count: u64,
    size: usize,
    /// Samples that are read when one is missing.
    ahead: usize,
    samples: &'a mut Vec<Complex32>,
    /// Which samples of the recording the buffer holds.
    held: Range<u64>,
}

impl Frames<'_> {
    /// The frame that begins at a sample; shorter at the end of the recording.
    fn at(&mut self, start: u64) -> Result<&[Complex32], Error> {
        let end = start.saturating_add(self.size as u64).min(self.sample_count);
        if start < self.held.start || end > self.held.end {
            self.samples.resize(self.ahead, Complex32::ZERO);
            let read = self.stored.read(start, self.samples)?.samples;
            self.held = start..start + read as u64;
        }
        let first = (start - self.held.start) as usize;
        let length = ((end - start) as usize).min((self.held.end - start) as usize);
        Ok(self.samples.get(first..first + length).unwrap_or_default())
    }
}
