//! Does the region hold the truth?

use heimdall_localize::{Ellipse, Fix, Geodesy, Verdict};
use heimdall_recording::Position;

use super::Figure;

/// How one fix did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) held_68: bool,
    pub(crate) held_95: bool,
    pub(crate) in_ellipse_95: bool,
    pub(crate) area_95_km2: f64,
    pub(crate) located: bool,
}

/// Compares the polygons that the user sees with the truth; a fix without regions holds nothing.
pub(crate) fn outcome(fix: &Fix, truth: Position) -> Outcome {
    let held = |probability: f64| fix.regions.iter().any(|r| r.probability == probability && r.geometry.holds(truth));
    Outcome {
        held_68: held(0.68),
        held_95: held(0.95),
        in_ellipse_95: fix.ellipse_95.is_some_and(|ellipse| in_ellipse(&ellipse, truth)),
        area_95_km2: fix.regions.iter().find(|r| r.probability == 0.95).map_or(0.0, |r| r.area_km2),
        located: fix.verdict == Verdict::Located,
    }
}

/// Inside the ellipse, in the plane that is true to distance and direction from its centre.
fn in_ellipse(ellipse: &Ellipse, truth: Position) -> bool {
    let (distance_m, azimuth_deg) = Geodesy::default().distance_and_azimuth(ellipse.center, truth);
    let (across, along) = (azimuth_deg - ellipse.azimuth_deg).to_radians().sin_cos();
    (along * distance_m / ellipse.semi_major_m).hypot(across * distance_m / ellipse.semi_minor_m) <= 1.0
}

/// Coverage of the 68 and 95 % regions; `wanted` where they must hold what they promise.
pub(crate) fn coverage(what: &str, outcomes: &[Outcome], wanted: bool) -> Vec<Figure> {
    let count = outcomes.len().max(1) as f64;
    let share = |held: fn(&Outcome) -> bool| outcomes.iter().filter(|o| held(o)).count() as f64 / count;
    let mut areas: Vec<f64> = outcomes.iter().map(|o| o.area_95_km2).collect();
    areas.sort_by(f64::total_cmp);
    let median = areas.get(areas.len() / 2).copied().unwrap_or(0.0);
    let figure = |name: &str, share: f64, low: f64, high: f64| Figure {
        what: format!("{what}: {name} holds ({} scenes)", outcomes.len()),
        value: format!("{:.1} ± {:.1} %", 100.0 * share, 100.0 * (share * (1.0 - share) / count).sqrt()),
        wanted: if wanted { format!("{:.1}–{:.1} %", 100.0 * low, 100.0 * high) } else { String::new() },
        reached: wanted.then_some((low..=high).contains(&share)),
    };
    vec![
        figure("68 % region", share(|o| o.held_68), 0.65, 0.71),
        figure("95 % region", share(|o| o.held_95), 0.935, 0.965),
        figure("95 % ellipse", share(|o| o.in_ellipse_95), 0.935, 0.965),
        Figure {
            what: format!("{what}: median area of the 95 % region; share 'located'"),
            value: format!("{median:.3} km²; {:.0} %", 100.0 * share(|o| o.located)),
            wanted: String::new(),
            reached: None,
        },
    ]
}
