//! Tiles that were computed, as levels and as coloured canvases.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::rc::Rc;

use heimdall_waterfall::{ABSENT, ColourMap, Grid, Lane, LevelRange, Pass, Piece, Tile, passes, pieces};
use wasm_bindgen::Clamped;
use web_sys::{HtmlCanvasElement, ImageData};

use crate::dom;

/// What the tiles may take, bytes.
const MOST_BYTES: usize = 32 << 20;
/// Of an element: its level, and red, green, blue and opacity on the canvas.
const ELEMENT_BYTES: usize = 2 + 4;

/// How levels become colours.
#[derive(Clone)]
pub(crate) struct Colours {
    pub(crate) range: LevelRange,
    pub(crate) map: ColourMap,
    /// Of the map.
    pub(crate) table: Rc<[[u8; 3]]>,
}

/// A tile as far as it is known.
pub(crate) struct Entry {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Rows from the top.
    pub(crate) levels: Vec<i16>,
    pub(crate) canvas: HtmlCanvasElement,
    passes: Vec<Pass>,
    /// Passes that are complete.
    done: usize,
    /// Pieces of the pass under way that nobody computes yet.
    queue: VecDeque<Piece>,
    /// Pieces that somebody computes.
    away: usize,
    /// Colours that are on the canvas.
    coloured: Option<(LevelRange, ColourMap)>,
    /// Columns whose levels are newer than the canvas.
    newer: Range<u32>,
    used: u64,
}

impl Entry {
    fn new(tile: Tile, lane: &Lane) -> Option<Self> {
        let (width, height) = (tile.width(lane), tile.height());
        let passes = passes(&tile.grid);
        let queue = pieces(tile, width, *passes.first()?).collect();
        Some(Self {
            width,
            height,
            levels: vec![ABSENT; (width * height) as usize],
            canvas: dom::canvas(width, height)?,
            passes,
            done: 0,
            queue,
            away: 0,
            coloured: None,
            newer: 0..0,
            used: 0,
        })
    }

    /// True once something of it can be seen.
    pub(crate) fn has_levels(&self) -> bool {
        self.coloured.is_some() || !self.newer.is_empty()
    }

    /// True once every column was looked at in as many passes.
    pub(crate) fn has_done(&self, passes: usize) -> bool {
        self.done >= passes.min(self.passes.len())
    }

    /// Share of the samples that were looked at.
    pub(crate) fn coverage(&self, grid: &Grid) -> f64 {
        let share = |pass: Option<&Pass>| pass.map_or(0.0, |pass| pass.share(grid));
        let before = share(self.done.checked_sub(1).and_then(|pass| self.passes.get(pass)));
        let Some(pass) = self.passes.get(self.done) else { return before };
        let waiting: u32 = self.queue.iter().map(|piece| piece.columns).sum();
        let looked = 1.0 - f64::from(waiting) / f64::from(self.width.max(1));
        before + looked * (share(Some(pass)) - before)
    }

    /// The next piece of a pass, where that pass is the one under way.
    fn next(&mut self, passes: usize) -> Option<Piece> {
        if self.done >= passes {
            return None;
        }
        let piece = self.queue.pop_front()?;
        self.away += 1;
        Some(piece)
    }

    fn finish_pass(&mut self, tile: Tile) {
        if !self.queue.is_empty() || self.away > 0 {
            return;
        }
        self.done += 1;
        if let Some(pass) = self.passes.get(self.done) {
            self.queue = pieces(tile, self.width, *pass).collect();
        }
    }

    /// Brings the canvas up to date, before it is drawn.
    pub(crate) fn colour(&mut self, colours: &Colours) {
        let wanted = Some((colours.range, colours.map));
        let newer = std::mem::take(&mut self.newer);
        let columns = if self.coloured == wanted { newer } else { 0..self.width };
        if columns.is_empty() {
            return;
        }
        let (first, count) = (columns.start, columns.end - columns.start);
        let mut pixels = Vec::with_capacity((count * self.height * 4) as usize);
        for row in self.levels.chunks(self.width as usize) {
            for &level in row.iter().skip(first as usize).take(count as usize) {
                let place = usize::from(colours.range.place(level));
                let [red, green, blue] = colours.table.get(place).copied().unwrap_or_default();
                pixels.extend([red, green, blue, if level == ABSENT { 0 } else { 255 }]);
            }
        }
        let picture = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), count, self.height);
        if let (Some(context), Ok(picture)) = (dom::context(&self.canvas), picture) {
            dom::report(context.put_image_data(&picture, f64::from(first), 0.0));
        }
        self.coloured = wanted;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // Its memory goes now, not when the browser collects canvases.
        self.canvas.set_width(0);
    }
}

/// Tiles by name; those that were not used for longest go first.
#[derive(Default)]
pub(crate) struct Cache {
    tiles: HashMap<Tile, Entry>,
    clock: u64,
}

impl Cache {
    pub(crate) fn get(&self, tile: &Tile) -> Option<&Entry> {
        self.tiles.get(tile)
    }

    pub(crate) fn get_mut(&mut self, tile: &Tile) -> Option<&mut Entry> {
        self.tiles.get_mut(tile)
    }

    /// Makes room for the tiles that are wanted now; the others are kept while there is room.
    pub(crate) fn want(&mut self, tiles: &[Tile], lanes: &[Lane]) {
        self.clock += 1;
        for tile in tiles {
            let entry = match self.tiles.entry(*tile) {
                std::collections::hash_map::Entry::Occupied(entry) => Some(entry.into_mut()),
                std::collections::hash_map::Entry::Vacant(vacant) => {
                    let entry = lanes.get(tile.lane as usize).and_then(|lane| Entry::new(*tile, lane));
                    entry.map(|entry| vacant.insert(entry))
                }
            };
            if let Some(entry) = entry {
                entry.used = self.clock;
            }
        }
        let bytes = |entry: &Entry| entry.levels.len() * ELEMENT_BYTES;
        let mut total: usize = self.tiles.values().map(bytes).sum();
        if total <= MOST_BYTES {
            return;
        }
        let mut old: Vec<(u64, Tile, usize)> = self
            .tiles
            .iter()
            .filter(|(_, entry)| entry.used < self.clock)
            .map(|(tile, entry)| (entry.used, *tile, bytes(entry)))
            .collect();
        old.sort_by_key(|(used, ..)| *used);
        for (_, tile, bytes) in old {
            if total <= MOST_BYTES {
                break;
            }
            self.tiles.remove(&tile);
            total -= bytes;
        }
    }

    /// The next piece of the first of `tiles` that has not done as many passes.
    pub(crate) fn next(&mut self, tiles: &[Tile], passes: usize) -> Option<Piece> {
        tiles.iter().find_map(|tile| self.tiles.get_mut(tile)?.next(passes))
    }

    /// Takes a piece in.
    pub(crate) fn take(&mut self, piece: &Piece, levels: &[i16]) {
        let Some(entry) = self.tiles.get_mut(&piece.tile) else { return };
        let (width, columns) = (entry.width as usize, piece.columns as usize);
        for (row, part) in entry.levels.chunks_mut(width).zip(levels.chunks(columns)) {
            if let Some(place) = row.get_mut(piece.first as usize..piece.first as usize + part.len()) {
                place.copy_from_slice(part);
            }
        }
        let (first, end) = (piece.first, piece.first + piece.columns);
        entry.newer =
            if entry.newer.is_empty() { first..end } else { entry.newer.start.min(first)..entry.newer.end.max(end) };
        entry.away = entry.away.saturating_sub(1);
        entry.finish_pass(piece.tile);
    }

    /// A piece that could not be computed counts as done, so that it is not asked for forever.
    pub(crate) fn give_up(&mut self, piece: &Piece) {
        if let Some(entry) = self.tiles.get_mut(&piece.tile) {
            entry.away = entry.away.saturating_sub(1);
            entry.finish_pass(piece.tile);
        }
    }

    /// Tiles of a lane with the same transform that show something, the coarsest first.
    pub(crate) fn stand_ins(&self, lane: u32, grid: &Grid) -> Vec<Tile> {
        let fits = |(tile, entry): &(&Tile, &Entry)| {
            tile.lane == lane && tile.grid != *grid && tile.grid.same_transform(grid) && entry.has_levels()
        };
        let mut tiles: Vec<Tile> = self.tiles.iter().filter(fits).map(|(tile, _)| *tile).collect();
        let coarseness = |tile: &Tile| (tile.grid.column_log2, tile.grid.pool_log2);
        tiles.sort_by_key(|tile| std::cmp::Reverse(coarseness(tile)));
        tiles
    }
}
