//! The picture of a recording in tiles: which there are at a zoom, what samples they stand for, and where they lie.

use heimdall_features::Window;
use serde::{Deserialize, Serialize};

use crate::Lane;
use crate::view::{Span, View};

/// Columns of a tile.
pub(crate) const COLUMNS: u32 = 256;
/// Rows of a tile: as many as a picture has pixels, since each tile in frequency transforms the same samples again.
const ROWS: u32 = 1024;
/// Samples that a worker transforms before it answers: some 20 ms, so that what is not wanted any more is soon over.
const PIECE_SAMPLES: u64 = 1 << 21;
/// Transforms overlap by at most this factor; more shows nothing new.
const MOST_OVERLAP_LOG2: u32 = 4;

/// A taper that the user can choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Taper {
    /// Good for nearly everything.
    #[default]
    Hann,
    /// A little narrower, side lobes that do not fall.
    Hamming,
    /// Side lobes below −92 dB: weak signals beside strong ones.
    BlackmanHarris,
    /// The same by another shape, a little narrower.
    Kaiser,
    /// No taper: the narrowest line, side lobes from −13 dB.
    Rectangular,
}

impl Taper {
    /// All, the usual first.
    pub const ALL: [Self; 5] = [Self::Hann, Self::Hamming, Self::BlackmanHarris, Self::Kaiser, Self::Rectangular];

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hann => "Hann",
            Self::Hamming => "Hamming",
            Self::BlackmanHarris => "Blackman–Harris",
            Self::Kaiser => "Kaiser 8.6",
            Self::Rectangular => "Rectangular",
        }
    }

    pub(crate) const fn window(self) -> Window {
        match self {
            Self::Hann => Window::Hann,
            Self::Hamming => Window::Hamming,
            Self::BlackmanHarris => Window::BlackmanHarris,
            Self::Kaiser => Window::Kaiser { beta: 8.6 },
            Self::Rectangular => Window::Kaiser { beta: 0.0 },
        }
    }
}

/// How a recording is transformed and pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Grid {
    /// Points of the transform, as a power of two: 6 to 16.
    pub fft_log2: u32,
    /// Taper of the transform.
    pub taper: Taper,
    /// Samples that a column stands for, as a power of two.
    pub column_log2: u32,
    /// Bins that a row stands for, as a power of two.
    pub pool_log2: u32,
}

impl Grid {
    /// The coarsest grid whose elements are no finer than a device pixel: no peak can fall between two pixels.
    #[must_use]
    pub fn fitting(lane: &Lane, view: &View, pixels: (f64, f64), (fft_log2, taper): (u32, Taper)) -> Self {
        let samples = view.time.length() * lane.rate_hz / pixels.0.max(1.0);
        let bins = view.frequency.length() / lane.bin_hz(fft_log2) / pixels.1.max(1.0);
        let whole = |ratio: f64| ratio.log2().ceil().clamp(0.0, 60.0) as u32;
        Self {
            fft_log2,
            taper,
            column_log2: whole(samples).max(fft_log2.saturating_sub(MOST_OVERLAP_LOG2)),
            pool_log2: whole(bins).min(fft_log2),
        }
    }

    /// Points of the transform.
    #[must_use]
    pub const fn fft_size(&self) -> usize {
        1 << self.fft_log2
    }

    /// Samples that a column stands for.
    #[must_use]
    pub const fn column_samples(&self) -> u64 {
        1 << self.column_log2
    }

    /// Transforms that fit into a column, at least one.
    pub(crate) const fn column_frames(&self) -> u64 {
        1 << self.column_log2.saturating_sub(self.fft_log2)
    }

    const fn rows(&self) -> u32 {
        1 << self.fft_log2.saturating_sub(self.pool_log2)
    }

    /// The same transform, pooled in another way or not.
    #[must_use]
    pub fn same_transform(&self, other: &Self) -> bool {
        (self.fft_log2, self.taper) == (other.fft_log2, other.taper)
    }
}

/// Names a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tile {
    /// Which of the lanes.
    pub lane: u32,
    /// How it is made.
    pub grid: Grid,
    /// Which one in time.
    pub column: u32,
    /// Which one in frequency, the lowest first.
    pub row: u32,
}

impl Tile {
    /// Columns of this tile that lie within the recording.
    #[must_use]
    pub fn width(&self, lane: &Lane) -> u32 {
        let columns = lane.samples.div_ceil(self.grid.column_samples());
        let left = columns.saturating_sub(u64::from(self.column) * u64::from(COLUMNS));
        left.min(u64::from(COLUMNS)) as u32
    }

    /// Rows of this tile.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.grid.rows().saturating_sub(self.row * ROWS).min(ROWS)
    }

    /// Bins of the transform that its rows stand for, lowest frequency first.
    pub(crate) fn bins(&self) -> std::ops::Range<usize> {
        let first = (self.row * ROWS) << self.grid.pool_log2;
        first as usize..(first + (self.height() << self.grid.pool_log2)) as usize
    }

    /// Where its elements lie on the common axes.
    #[must_use]
    pub fn bounds(&self, lane: &Lane) -> View {
        let column = self.grid.column_samples() as f64 / lane.rate_hz;
        let start = lane.start_s + f64::from(self.column) * f64::from(COLUMNS) * column;
        let bin_hz = lane.bin_hz(self.grid.fft_log2);
        let bins = self.bins();
        // A bin reaches half its width to either side of its frequency.
        let edge = |bin: usize| lane.center_hz + (bin as f64 - (self.grid.fft_size() / 2) as f64 - 0.5) * bin_hz;
        View {
            time: Span { start, end: start + f64::from(self.width(lane)) * column },
            frequency: Span { start: edge(bins.start), end: edge(bins.end) },
        }
    }

    /// The element at a point of the common axes: column and row from the top.
    #[must_use]
    pub fn element(&self, lane: &Lane, (time, frequency): (f64, f64)) -> Option<(u32, u32)> {
        let bounds = self.bounds(lane);
        let (across, down) = (bounds.time.share(time), 1.0 - bounds.frequency.share(frequency));
        let index = |share: f64, count: u32| {
            let place = (share * f64::from(count)).floor();
            (place >= 0.0 && place < f64::from(count)).then_some(place as u32)
        };
        Some((index(across, self.width(lane))?, index(down, self.height())?))
    }
}

/// The tiles of a lane that a view shows, and `margin` more on both sides in time.
#[must_use]
pub fn visible(index: u32, lane: &Lane, grid: Grid, view: &View, margin: f64) -> Vec<Tile> {
    let tile_s = f64::from(COLUMNS) * grid.column_samples() as f64 / lane.rate_hz;
    let count = lane.samples.div_ceil(grid.column_samples()).div_ceil(u64::from(COLUMNS));
    let columns =
        range((view.time.start - lane.start_s) / tile_s - margin, view.time.length() / tile_s + 2.0 * margin, count);
    let all = Tile { lane: index, grid, column: 0, row: 0 };
    let bin_hz = lane.bin_hz(grid.fft_log2);
    let tile_hz = f64::from(ROWS << grid.pool_log2.min(16)) * bin_hz;
    let lowest = lane.center_hz - (grid.fft_size() as f64 / 2.0 + 0.5) * bin_hz;
    let rows = range(
        (view.frequency.start - lowest) / tile_hz,
        view.frequency.length() / tile_hz,
        u64::from(grid.rows().div_ceil(ROWS)),
    );
    columns.flat_map(|column| rows.clone().map(move |row| Tile { column, row, ..all })).collect()
}

/// The whole tiles that a stretch touches, of `count`.
fn range(first: f64, length: f64, count: u64) -> std::ops::Range<u32> {
    let end = (first + length).ceil().clamp(0.0, count as f64) as u32;
    (first.floor().clamp(0.0, f64::from(end)) as u32)..end
}

/// A part of a tile that is computed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Part of this.
    pub tile: Tile,
    /// First of its columns, within the tile.
    pub first: u32,
    /// How many columns.
    pub columns: u32,
    /// How closely they are looked at.
    pub pass: Pass,
}

impl Piece {
    /// True where another look at the same columns came before.
    #[must_use]
    pub fn adds(&self) -> bool {
        passes(&self.tile.grid).first() != Some(&self.pass)
    }
}

/// How closely columns are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// One of so many neighbouring columns is looked at; the others show the same.
    pub stride: u32,
    /// Transforms in a column that is looked at, spread over it.
    pub looks: u32,
}

impl Pass {
    /// Every sample.
    pub const WHOLE: Self = Self { stride: 1, looks: u32::MAX };

    /// Share of the samples that it looks at.
    #[must_use]
    pub fn share(&self, grid: &Grid) -> f64 {
        let looks = u64::from(self.looks).min(grid.column_frames());
        looks as f64 / grid.column_frames() as f64 / f64::from(self.stride)
    }
}

/// From so many transforms in a column on, reading here and there is quicker than reading all.
const SPARSE_FRAMES: u64 = 16;
/// From so many on, another look here and there comes before all is read.
const LONG_FRAMES: u64 = 256;

/// How closely a tile is looked at, one pass after the other: first a glimpse, in the end every sample.
///
/// A slice of a file costs the same however short it is, so a glimpse takes few of them.
#[must_use]
pub fn passes(grid: &Grid) -> Vec<Pass> {
    let glimpse = Pass { stride: 4, looks: 1 };
    match grid.column_frames() {
        ..SPARSE_FRAMES => vec![Pass::WHOLE],
        SPARSE_FRAMES..LONG_FRAMES => vec![glimpse, Pass::WHOLE],
        _ => vec![glimpse, Pass { stride: 1, looks: 4 }, Pass::WHOLE],
    }
}

/// The pieces of a tile in one pass.
pub fn pieces(tile: Tile, width: u32, pass: Pass) -> impl Iterator<Item = Piece> {
    let looks = u64::from(pass.looks).min(tile.grid.column_frames());
    let per_stride = (looks << tile.grid.fft_log2).max(1);
    let columns = (PIECE_SAMPLES / per_stride).clamp(1, u64::from(COLUMNS)) as u32 * pass.stride;
    let columns = columns.min(COLUMNS);
    let part = move |first: u32| Piece { tile, first, columns: columns.min(width - first), pass };
    (0..width).step_by(columns as usize).map(part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn lane(start_s: f64, rate_hz: f64, samples: u64) -> Lane {
        Lane { receiver: "A".into(), start_s, rate_hz, samples, center_hz: 100e6, rate_known: true }
    }

    fn grid(column_log2: u32, pool_log2: u32) -> Grid {
        Grid { fft_log2: 10, taper: Taper::Hann, column_log2, pool_log2 }
    }

    #[test]
    fn an_element_is_one_to_two_pixels_so_that_no_peak_falls_between_pixels() {
        let lane = lane(0.0, 1e6, 10_000_000_000);
        for seconds in [0.5, 3.0, 700.0, 10_000.0] {
            let view = View { time: Span::new(0.0, seconds), frequency: Span::new(99.5e6, 100.5e6) };
            let grid = Grid::fitting(&lane, &view, (1000.0, 200.0), (10, Taper::Hann));
            let pixels = grid.column_samples() as f64 / (seconds * 1e6 / 1000.0);
            assert!((1.0..2.0).contains(&pixels), "{seconds} s: {pixels} pixels a column");
            let pixels = f64::from(1_u32 << grid.pool_log2) / (1024.0 / 200.0);
            assert!((1.0..2.0).contains(&pixels), "{pixels} pixels a row");
        }
    }

    #[test]
    fn tiles_meet_without_a_gap_and_end_with_the_recording() {
        let lane = lane(2.0, 1e6, 1_000_000);
        let all = View { time: Span::new(0.0, 10.0), frequency: Span::new(0.0, 1e9) };
        let tiles = visible(0, &lane, Grid { fft_log2: 12, ..grid(10, 0) }, &all, 0.0);
        // 977 columns in four tiles, 4096 rows in four.
        assert_eq!(tiles.len(), 16);
        for pair in tiles.iter().filter(|tile| tile.row == 0).collect::<Vec<_>>().windows(2) {
            let (left, right) = (pair[0].bounds(&lane), pair[1].bounds(&lane));
            assert!((left.time.end - right.time.start).abs() < 1e-9);
        }
        let last = tiles.iter().max_by_key(|tile| (tile.column, tile.row)).unwrap();
        assert_eq!((last.width(&lane), last.height()), (977 - 3 * 256, 1024));
        assert!((last.bounds(&lane).time.end - (2.0 + 977.0 * 1.024e-3)).abs() < 1e-9);
        let hulls =
            tiles.iter().map(|tile| tile.bounds(&lane).frequency).reduce(|one, other| one.hull(&other)).unwrap();
        let bin = 1e6 / 4096.0;
        assert!((hulls.start - (99.5e6 - bin / 2.0)).abs() < 1e-3 && (hulls.end - (100.5e6 - bin / 2.0)).abs() < 1e-3);
    }

    #[test]
    fn only_what_is_seen_is_wanted() {
        let lane = lane(0.0, 20e6, 2_500_000_000);
        let view = View { time: Span::new(60.0, 60.01), frequency: Span::new(99e6, 101e6) };
        let grid = Grid::fitting(&lane, &view, (1400.0, 300.0), (11, Taper::Hann));
        let tiles = visible(0, &lane, grid, &view, 0.0);
        assert!(tiles.len() <= 12, "{}", tiles.len());
        for tile in tiles {
            let bounds = tile.bounds(&lane);
            assert!(bounds.time.common(&view.time).is_some() && bounds.frequency.common(&view.frequency).is_some());
        }
        let beside = View { time: Span::new(200.0, 300.0), ..view };
        assert_eq!(visible(0, &lane, grid, &beside, 0.0), []);
    }

    #[test]
    fn passes_end_with_every_sample_and_pieces_cover_the_tile_once() {
        for column_log2 in [8, 11, 15, 20] {
            let tile = Tile { lane: 0, grid: grid(column_log2, 0), column: 0, row: 0 };
            assert_eq!(passes(&tile.grid).last().map(|pass| pass.share(&tile.grid)), Some(1.0));
            for pass in passes(&tile.grid) {
                let pieces: Vec<Piece> = pieces(tile, 201, pass).collect();
                assert_eq!(pieces.iter().map(|piece| piece.columns).sum::<u32>(), 201);
                assert!(pieces.windows(2).all(|pair| pair[0].first + pair[0].columns == pair[1].first));
            }
        }
    }

    /// Two receivers that started at different times: an event that both heard is at the same pixel.
    #[test]
    fn receivers_with_different_starts_line_up_to_a_pixel() {
        let (one, other) = (lane(0.0, 2e6, 40_000_000), lane(3.456_789, 250e3, 5_000_000));
        let event_s = 7.123_456;
        let view = View { time: Span::new(7.0, 7.5), frequency: Span::new(99.9e6, 100.1e6) };
        let pixels = 1200.0;
        let place = |lane: &Lane| {
            let grid = Grid::fitting(lane, &view, (pixels, 100.0), (9, Taper::Hann));
            let tiles = visible(0, lane, grid, &view, 0.0);
            let point = (event_s, 100e6);
            let (tile, (column, _)) = tiles.iter().find_map(|tile| Some((tile, tile.element(lane, point)?))).unwrap();
            // The sample of the event is one that this column stands for.
            let sample = ((event_s - lane.start_s) * lane.rate_hz) as u64;
            let first = (u64::from(tile.column) * 256 + u64::from(column)) * grid.column_samples();
            assert!((first..first + grid.column_samples()).contains(&sample));
            let start = tile.bounds(lane).time.start + f64::from(column) * grid.column_samples() as f64 / lane.rate_hz;
            view.time.share(start) * pixels
        };
        let wanted = view.time.share(event_s) * pixels;
        for (name, lane) in [("one", &one), ("other", &other)] {
            let column_pixels = (wanted - place(lane)).abs();
            assert!(column_pixels < 2.0, "{name}: {column_pixels}");
        }
    }
}
