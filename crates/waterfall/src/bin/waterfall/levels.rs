//! Levels that the colours span, found from what is seen.

use heimdall_waterfall::{LevelRange, automatic};
use leptos::prelude::GetUntracked;

use crate::dom;
use crate::stage::{Stage, redraw_after};

/// Smaller changes are not worth other colours.
const LEAST_CHANGE_DB: f32 = 1.5;
/// Elements of a tile that are looked at: one in so many.
const STRIDE: usize = 7;

impl Stage {
    /// Colours for a lane of which nothing was known.
    pub(crate) fn first_levels(&mut self, lane: u32, levels: &[i16]) {
        if let Some(range) = self.ranges.get_mut(lane as usize)
            && range.is_none()
        {
            *range = automatic(levels.iter().copied());
        }
    }

    /// Levels are found again after some milliseconds of rest.
    pub(crate) fn settle_levels(&mut self, rest_ms: f64) {
        self.levels_due_ms = Some(dom::now_ms() + rest_ms);
        redraw_after(rest_ms);
    }

    /// Finds levels where they are due.
    pub(crate) fn find_levels(&mut self) {
        let Some(due) = self.levels_due_ms else { return };
        let left_ms = due - dom::now_ms();
        if left_ms > 0.0 {
            redraw_after(left_ms);
            return;
        }
        self.levels_due_ms = None;
        if !self.signals.automatic.get_untracked() {
            return;
        }
        for lane in self.shown.clone() {
            let tiles = self.wanted.visible.iter().filter(|tile| tile.lane == lane);
            let levels =
                tiles.filter_map(|tile| self.cache.get(tile)).flat_map(|entry| entry.levels.iter().step_by(STRIDE));
            let Some(found) = automatic(levels.copied()) else { continue };
            if let Some(range) = self.ranges.get_mut(lane as usize)
                && range.is_none_or(|old| differs(&old, &found))
            {
                *range = Some(found);
            }
        }
    }
}

fn differs(old: &LevelRange, new: &LevelRange) -> bool {
    let apart = |one: f32, other: f32| (one - other).abs() > LEAST_CHANGE_DB;
    apart(old.floor_dbfs, new.floor_dbfs) || apart(old.ceiling_dbfs, new.ceiling_dbfs)
}
