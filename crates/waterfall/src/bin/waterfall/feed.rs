//! Which tiles are wanted, and in which order the workers get them.

use heimdall_waterfall::{Grid, Tile, View, visible};
use leptos::prelude::GetUntracked;

use crate::pool::{Job, Outcome};
use crate::stage::{Stage, put, redraw, redraw_soon, with};
use crate::{dom, export};

/// Tiles of the newest frame.
#[derive(Default)]
pub(crate) struct Wanted {
    pub(crate) visible: Vec<Tile>,
    /// Of the small picture of everything.
    pub(crate) overview: Vec<Tile>,
    /// Beside what is seen, for when it moves.
    margin: Vec<Tile>,
}

impl Wanted {
    pub(crate) fn of(stage: &Stage) -> Self {
        let mut wanted = Self::default();
        for place in stage.boxes() {
            let Some(lane) = stage.lane(place.lane) else { continue };
            let grid = stage.grid(place.lane, &stage.view, (place.width, place.height));
            let Some(grid) = grid else { continue };
            wanted.visible.extend(visible(place.lane, lane, grid, &stage.view, 0.0));
            let around = visible(place.lane, lane, grid, &stage.view, 1.0);
            wanted.margin.extend(around.into_iter().filter(|tile| !wanted.visible.contains(tile)));
        }
        let (width, height) = stage.minimap_strip();
        for &index in &stage.shown {
            let all = &stage.limits.all;
            if let (Some(lane), Some(grid)) = (stage.lane(index), stage.grid(index, all, (width, height))) {
                wanted.overview.extend(visible(index, lane, grid, all, 0.0));
            }
        }
        wanted
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Tile> {
        self.visible.iter().chain(&self.overview).chain(&self.margin).copied()
    }
}

impl Stage {
    /// The grid of a lane for a view drawn on so many CSS pixels.
    pub(crate) fn grid(&self, lane: u32, view: &View, (width, height): (f64, f64)) -> Option<Grid> {
        let ratio = dom::pixel_ratio();
        let transform = (self.signals.fft_log2.get_untracked(), self.signals.taper.get_untracked());
        Some(Grid::fitting(self.lane(lane)?, view, (width * ratio, height * ratio), transform))
    }

    /// Width and height of a lane in the small picture of everything.
    pub(crate) fn minimap_strip(&self) -> (f64, f64) {
        let (width, height) = (f64::from(self.minimap.client_width()), f64::from(self.minimap.client_height()));
        ((width - crate::stage::GUTTER).max(1.0), height / self.shown.len().max(1) as f64)
    }

    /// Gives free workers what is needed most.
    pub(crate) fn feed(&mut self) {
        let Some(pool) = &self.pool else { return };
        let Wanted { visible, overview, margin } = &self.wanted;
        let refining = self.signals.refining.get_untracked();
        while pool.has_room() {
            let cache = &mut self.cache;
            let next = cache.next(visible, 1).or_else(|| cache.next(overview, 1)).or_else(|| cache.next(margin, 1));
            let next = next.or_else(|| {
                // All that reads much can be stopped.
                let rest = [(visible, 2), (overview, 2), (visible, usize::MAX)];
                rest.into_iter().filter(|_| refining).find_map(|(tiles, passes)| cache.next(tiles, passes))
            });
            let Some(piece) = next else { return };
            pool.compute(piece);
        }
    }

    /// Share of the visible samples that was looked at, and whether there is more to look at.
    pub(crate) fn coverage(&self) -> (f64, bool) {
        let known = |tile: &Tile| Some((*tile, self.cache.get(tile)?));
        let entries: Vec<_> = self.wanted.visible.iter().filter_map(known).collect();
        let shares = entries.iter().map(|(tile, entry)| entry.coverage(&tile.grid));
        let share = shares.sum::<f64>() / entries.len().max(1) as f64;
        let unfinished = entries.iter().any(|(_, entry)| !entry.has_done(usize::MAX));
        (if unfinished { share.min(0.999) } else { 1.0 }, unfinished)
    }
}

/// Takes in what a worker sent.
pub(crate) fn hear(outcome: Outcome) {
    match outcome {
        Outcome::Levels(piece, levels) => {
            with(|stage| {
                stage.first_levels(piece.tile.lane, &levels);
                stage.cache.take(&piece, &levels);
                stage.settle_levels(150.0);
                stage.feed();
            });
            // What only adds to a picture that is there need not be drawn piece by piece.
            return if piece.adds() { redraw_soon() } else { redraw() };
        }
        Outcome::Samples(number, samples) => export::arrived(number, Ok(samples)),
        Outcome::Failed(Job::Piece(piece), sentence) => {
            with(|stage| {
                stage.cache.give_up(&piece);
                put(stage.signals.message, Some(sentence));
            });
        }
        Outcome::Failed(Job::Samples(number), sentence) => export::arrived(number, Err(sentence)),
    }
    redraw();
}
