//! Does the region hold the truth?

use heimdall_localize::{Fix, Region, Verdict};
use heimdall_recording::Position;

use super::Figure;

/// How one fix did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) held_68: bool,
    pub(crate) held_95: bool,
    pub(crate) area_95_km2: f64,
    pub(crate) located: bool,
}

/// Compares the polygons that the user sees with the truth; a fix without regions holds nothing.
pub(crate) fn outcome(fix: &Fix, truth: Position) -> Outcome {
    let held = |probability: f64| fix.regions.iter().any(|r| r.probability == probability && holds(r, truth));
    Outcome {
        held_68: held(0.68),
        held_95: held(0.95),
        area_95_km2: fix.regions.iter().find(|r| r.probability == 0.95).map_or(0.0, |r| r.area_km2),
        located: fix.verdict == Verdict::Located,
    }
}

/// Even–odd rule over all rings; regions that cross the date line do not occur in the studies.
fn holds(region: &Region, point: Position) -> bool {
    let (x, y) = (point.longitude_deg, point.latitude_deg);
    let crossings = region.geometry.coordinates.iter().flatten().flat_map(|ring| ring.windows(2)).filter(|edge| {
        let ([x1, y1], [x2, y2]) = (edge[0], edge[1]);
        (y1 > y) != (y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)
    });
    crossings.count() % 2 == 1
}

/// Coverage of the 68 and 95 % regions; `wanted` where they must hold what they promise.
pub(crate) fn coverage(what: &str, outcomes: &[Outcome], wanted: bool) -> Vec<Figure> {
    let count = outcomes.len().max(1) as f64;
    let share = |held: fn(&Outcome) -> bool| outcomes.iter().filter(|o| held(o)).count() as f64 / count;
    let mut areas: Vec<f64> = outcomes.iter().map(|o| o.area_95_km2).collect();
    areas.sort_by(f64::total_cmp);
    let median = areas.get(areas.len() / 2).copied().unwrap_or(0.0);
    let figure = |name: &str, share: f64, low: f64, high: f64| Figure {
        what: format!("{what}: {name} region holds ({} scenes)", outcomes.len()),
        value: format!("{:.1} ± {:.1} %", 100.0 * share, 100.0 * (share * (1.0 - share) / count).sqrt()),
        wanted: if wanted { format!("{:.1}–{:.1} %", 100.0 * low, 100.0 * high) } else { String::new() },
        reached: wanted.then_some((low..=high).contains(&share)),
    };
    vec![
        figure("68 %", share(|o| o.held_68), 0.65, 0.71),
        figure("95 %", share(|o| o.held_95), 0.935, 0.965),
        Figure {
            what: format!("{what}: median area of the 95 % region; share 'located'"),
            value: format!("{median:.3} km²; {:.0} %", 100.0 * share(|o| o.located)),
            wanted: String::new(),
            reached: None,
        },
    ]
}
