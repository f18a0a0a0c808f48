//! The verdict: how far the evidence goes, and the sentences that say so.

use std::collections::BTreeSet;

use crate::geodesy::{Geodesy, LocalFrame};
use crate::locate::{Evidence, Receiver};
use crate::tdoa::PairLags;
use crate::{Fix, Posterior, Verdict};

/// Receivers nearer than this share of the scene's extent count as one place.
const COINCIDENT_SHARE: f64 = 0.02;
/// Receivers whose spread across their common line is below this share of that along it are collinear.
const COLLINEAR_SHARE: f64 = 0.08;
/// A 95 % region below this share of the area searched, in one piece, is a place.
const LOCATED_SHARE: f64 = 0.01;
/// Above this share the evidence says next to nothing.
const HOPELESS_SHARE: f64 = 0.6;
/// Integrated signal-to-noise ratio below which a correlation may be noise alone.
pub const DETECTED: f64 = 30.0;

pub(crate) fn empty_fix(experts: Vec<String>) -> Fix {
    Fix {
        verdict: Verdict::NotLocatable,
        sentence: String::new(),
        reasons: Vec::new(),
        warnings: Vec::new(),
        mode: None,
        mean: None,
        regions: Vec::new(),
        ellipse_95: None,
        modes: Vec::new(),
        bound_95: None,
        experts,
        searched_radius_m: 0.0,
        searched_center: None,
    }
}

/// No expert had anything to go by.
pub(crate) fn judge_nothing(fix: &mut Fix, evidence: &Evidence) {
    fix.reasons.push(match evidence.receivers.len() {
        0 => "No receiver with a known position takes part.".into(),
        1 => "Only one receiver takes part; a position needs at least three.".into(),
        count => format!("{count} receivers take part, but they share neither a clock nor comparable levels."),
    });
    fix.sentence = "Not locatable.".into();
}

/// Two receivers at one place, or all on one line.
pub(crate) fn geometry_warnings(geodesy: &Geodesy, receivers: &[Receiver]) -> Vec<String> {
    let Some(first) = receivers.first() else { return Vec::new() };
    let frame = LocalFrame { origin: first.position };
    let places: Vec<[f64; 2]> = receivers.iter().map(|r| frame.east_north_m(geodesy, r.position)).collect();
    let mut warnings = Vec::new();
    let distance = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let extent = places.iter().flat_map(|a| places.iter().map(move |b| distance(a, b))).fold(0.0, f64::max);
    for (i, (a, one)) in places.iter().zip(receivers).enumerate() {
        for (b, other) in places.iter().zip(receivers).skip(i + 1) {
            let apart = distance(a, b);
            if apart <= COINCIDENT_SHARE * extent || extent == 0.0 {
                warnings.push(format!(
                    "{} and {} are only {} apart: for a position they count as one receiver.",
                    one.name,
                    other.name,
                    length(apart)
                ));
            }
        }
    }
    if receivers.len() >= 3 && extent > 0.0 && spread_share(&places) < COLLINEAR_SHARE {
        warnings
            .push("The receivers lie nearly on one line: places on either side of it look alike to them.".to_string());
    }
    warnings.truncate(12);
    warnings
}

/// Receivers whose evidence is more than noise.
fn contributing(evidence: &Evidence) -> Vec<Receiver> {
    let detected = |pair: &&PairLags| pair.evidence.detection > DETECTED;
    let in_pairs = evidence.pairs.iter().filter(detected).flat_map(|pair| [pair.first, pair.second]);
    let levels = evidence.levels.iter().map(|level| level.receiver);
    let bearings = evidence.bearings.iter().map(|bearing| bearing.receiver);
    let planes = evidence.neural.iter().flat_map(|neural| neural.receivers.iter().copied());
    let named: BTreeSet<usize> = in_pairs.chain(levels).chain(bearings).chain(planes).collect();
    named.into_iter().filter_map(|index| evidence.receivers.get(index).cloned()).collect()
}

/// Receivers at different places.
fn distinct(geodesy: &Geodesy, receivers: &[Receiver]) -> usize {
    let apart = |a: &Receiver, b: &Receiver| geodesy.distance_m(a.position, b.position);
    let extent = receivers.iter().flat_map(|a| receivers.iter().map(move |b| apart(a, b))).fold(0.0, f64::max);
    let is_new = |index: usize, receiver: &Receiver| {
        receivers.iter().take(index).all(|earlier| apart(earlier, receiver) > COINCIDENT_SHARE * extent)
    };
    receivers.iter().enumerate().filter(|(index, receiver)| is_new(*index, receiver)).count()
}

/// Ratio of the smaller to the larger principal spread of points.
fn spread_share(places: &[[f64; 2]]) -> f64 {
    let count = places.len() as f64;
    let mean = [0, 1].map(|axis| places.iter().map(|p| p[axis]).sum::<f64>() / count);
    let moment = |a: usize, b: usize| places.iter().map(|p| (p[a] - mean[a]) * (p[b] - mean[b])).sum::<f64>();
    let (ee, en, nn) = (moment(0, 0), moment(0, 1), moment(1, 1));
    let middle = (ee + nn) / 2.0;
    let spread = ((ee - nn) / 2.0).hypot(en);
    ((middle - spread).max(0.0) / (middle + spread)).sqrt()
}

/// Sets verdict, reasons and sentence of a fix that has regions.
pub(crate) fn judge(fix: &mut Fix, evidence: &Evidence, posterior: &Posterior) {
    let geodesy = Geodesy::default();
    let searched_m2 = std::f64::consts::PI * posterior.area.radius_m.powi(2);
    let area_m2 = posterior.densest(0.95).1;
    let share = area_m2 / searched_m2;
    let places = distinct(&geodesy, &contributing(evidence));
    let crossing_bearings = evidence.bearings.len() >= 2 && places >= 2;
    let detected = evidence.pairs.iter().any(|pair| pair.evidence.detection > DETECTED);
    let mut not_locatable = false;
    if places < 3 && !crossing_bearings {
        not_locatable = true;
        fix.reasons.push(match places {
            0 => "No receiver has anything in common with another.".into(),
            1 => "Only one usable receiver takes part; a position needs at least three at different places.".into(),
            _ => format!(
                "Only {places} usable receivers take part; a position needs at least three at different places."
            ),
        });
    }
    if !evidence.pairs.is_empty() && !detected {
        fix.reasons.push("The recordings have no signal in common in this band and time.".into());
        let network = evidence.neural.is_some();
        not_locatable |= evidence.levels.len() < 3 && !crossing_bearings && !network;
        not_locatable |= evidence.bearings.is_empty() && share > 0.2;
    }
    if share > HOPELESS_SHARE {
        not_locatable = true;
        fix.reasons.push("The evidence fits almost anywhere in the area searched.".into());
    }
    if evidence.pairs.is_empty() && evidence.bearings.is_empty() && evidence.neural.is_none() {
        fix.reasons
            .push("Only levels are comparable between these receivers, and levels give a region, not a point.".into());
    }
    let edge = edge_probability(posterior);
    if edge > 0.05 {
        fix.warnings.push(format!(
            "With {:.0} % probability the transmitter lies near or beyond the edge of the {} searched around the receivers.",
            100.0 * edge,
            length(posterior.area.radius_m)
        ));
    }
    if fix.modes.len() > 1 {
        let list: Vec<String> = fix.modes.iter().map(|mode| format!("{:.0} %", 100.0 * mode.probability)).collect();
        fix.reasons.push(format!("{} separate places fit ({}).", fix.modes.len(), list.join(", ")));
    }
    let one_place = fix.modes.first().is_some_and(|mode| mode.probability > 0.85);
    fix.verdict = if not_locatable {
        Verdict::NotLocatable
    } else if share < LOCATED_SHARE && one_place && edge < 0.05 {
        Verdict::Located
    } else {
        Verdict::Region
    };
    fix.sentence = sentence(fix, area_m2);
}

fn sentence(fix: &Fix, area_m2: f64) -> String {
    let radius = length((area_m2 / std::f64::consts::PI).sqrt());
    match (fix.verdict, fix.mean) {
        (Verdict::Located, Some(mean)) => format!(
            "Located near {}: with 95 % probability within an area of {}, about {radius} around it.",
            coordinates(mean.latitude_deg, mean.longitude_deg),
            area(area_m2)
        ),
        (Verdict::Region, Some(_)) => {
            format!("A region, not a point: with 95 % probability somewhere in {}.", area(area_m2))
        }
        _ => "Not locatable from these recordings.".into(),
    }
}

/// Probability within a cell of the search area's edge.
fn edge_probability(posterior: &Posterior) -> f64 {
    let edge = |cell: &&crate::Cell| {
        let [east, north] = cell.east_north_m;
        east.hypot(north) > 0.94 * posterior.area.radius_m
    };
    posterior.cells.iter().filter(edge).map(|cell| cell.probability).sum()
}

fn coordinates(latitude_deg: f64, longitude_deg: f64) -> String {
    format!(
        "{:.4}° {} {:.4}° {}",
        latitude_deg.abs(),
        if latitude_deg < 0.0 { 'S' } else { 'N' },
        longitude_deg.abs(),
        if longitude_deg < 0.0 { 'W' } else { 'E' }
    )
}

/// A length with two digits that matter.
fn length(metres: f64) -> String {
    let (value, unit) = if metres < 1000.0 { (metres, "m") } else { (metres / 1000.0, "km") };
    format!("{} {unit}", two_digits(value))
}

fn area(square_metres: f64) -> String {
    let (value, unit) = if square_metres < 1e4 { (square_metres, "m²") } else { (square_metres / 1e6, "km²") };
    format!("{} {unit}", two_digits(value))
}

/// Two digits that matter.
fn two_digits(value: f64) -> String {
    let magnitude = value.abs().max(1e-9).log10().floor() as i32;
    let decimals = usize::try_from(1 - magnitude).unwrap_or(0);
    let unit = 10f64.powi((magnitude - 1).max(0));
    let rounded = if magnitude > 1 { (value / unit).round() * unit } else { value };
    format!("{rounded:.decimals$}")
}
