//! A box that the user drew, and what it means for the experts.

use heimdall_pipeline::{Band, Plan, Settings, TimeWindow};

use crate::Lane;
use crate::view::{Span, View};

/// Second 0 of the page's time window on the common axis.
fn common_start_s(plan: Option<&Plan>, origin_unix_ns: Option<i64>, lane: &Lane) -> f64 {
    let by_clock = plan.zip(origin_unix_ns).and_then(|(plan, origin)| {
        let start = plan.start_unix_ns.checked_sub((plan.offset_s * 1e9).round() as i64)?;
        // Without common clocks, each recording counts from its own start.
        (start != 0).then(|| start.saturating_sub(origin) as f64 * 1e-9)
    });
    by_clock.unwrap_or(lane.start_s)
}

/// What the experts take now, on the common axes.
#[must_use]
pub fn in_use(plan: &Plan, origin_unix_ns: Option<i64>, lane: &Lane) -> View {
    let start = common_start_s(Some(plan), origin_unix_ns, lane) + plan.offset_s;
    let Band { center_hz, bandwidth_hz } = plan.band;
    View {
        time: Span { start, end: start + plan.samples as f64 / plan.rate_hz },
        frequency: Span { start: center_hz - bandwidth_hz / 2.0, end: center_hz + bandwidth_hz / 2.0 },
    }
}

/// Band and time of the settings that a selection stands for, drawn on a lane; everything else is as it was.
///
/// # Errors
/// A sentence where the experts cannot use it.
pub fn choice(
    selection: &View,
    plan: Option<&Plan>,
    origin_unix_ns: Option<i64>,
    lane: &Lane,
) -> Result<Settings, &'static str> {
    let bounds = lane.bounds();
    let band = selection.frequency.common(&bounds.frequency);
    let band = band.ok_or("The selection lies beside the band of this recording. Draw it on the picture.")?;
    let time = selection.time.common(&bounds.time);
    let time = time.ok_or("The selection lies before or after this recording. Draw it on the picture.")?;
    let common_s = common_start_s(plan, origin_unix_ns, lane);
    let start_s = (time.start - common_s).max(0.0);
    let duration_s = time.end - common_s - start_s;
    if duration_s <= 0.0 {
        return Err("The selection lies before the time that all recordings have in common. Choose a later one.");
    }
    Ok(Settings {
        band: Some(Band { center_hz: band.middle(), bandwidth_hz: band.length() }),
        window: Some(TimeWindow { start_s, duration_s }),
        ..Settings::default()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn lane(start_s: f64) -> Lane {
        Lane { receiver: "A".into(), start_s, rate_hz: 1e6, samples: 10_000_000, center_hz: 100e6, rate_known: true }
    }

    fn plan() -> Plan {
        let band = Band { center_hz: 100e6, bandwidth_hz: 20e3 };
        Plan {
            band,
            start_unix_ns: 1_000_000_000_000,
            offset_s: 0.0,
            rate_hz: 25e3,
            samples: 100_000,
            recordings: Vec::new(),
        }
    }

    fn selection(start: f64, end: f64) -> View {
        View { time: Span::new(start, end), frequency: Span::new(100.1e6, 100.15e6) }
    }

    #[test]
    fn a_selection_counts_from_what_all_have_in_common() {
        // The common time begins 2.5 s after the axis.
        let origin = Some(1_000_000_000_000 - 2_500_000_000);
        let choice = choice(&selection(4.0, 4.5), Some(&plan()), origin, &lane(0.0)).unwrap();
        assert!((choice.window.unwrap().start_s - 1.5).abs() < 1e-9);
        assert!((choice.window.unwrap().duration_s - 0.5).abs() < 1e-9);
        assert!((choice.band.unwrap().center_hz - 100.125e6).abs() < 1e-3);
        assert!((choice.band.unwrap().bandwidth_hz - 50e3).abs() < 1e-3);
    }

    #[test]
    fn what_a_selection_has_too_much_is_left_out() {
        let origin = Some(1_000_000_000_000 - 2_500_000_000);
        let early = choice(&selection(2.0, 3.0), Some(&plan()), origin, &lane(0.0)).unwrap();
        assert_eq!(early.window.unwrap().start_s, 0.0);
        assert!((early.window.unwrap().duration_s - 0.5).abs() < 1e-9);
        assert!(choice(&selection(1.0, 2.0), Some(&plan()), origin, &lane(0.0)).is_err());
        assert!(choice(&selection(11.0, 12.0), Some(&plan()), origin, &lane(0.0)).is_err());
    }

    #[test]
    fn without_common_clocks_a_selection_counts_from_the_recording_it_was_drawn_on() {
        let plan = Plan { start_unix_ns: 0, ..plan() };
        let choice = choice(&selection(4.0, 4.5), Some(&plan), None, &lane(1.0)).unwrap();
        assert!((choice.window.unwrap().start_s - 3.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_in_use_is_where_it_was_selected() {
        let origin = Some(1_000_000_000_000 - 2_500_000_000);
        let plan = Plan { offset_s: 1.5, start_unix_ns: 1_001_500_000_000, ..plan() };
        let used = in_use(&plan, origin, &lane(0.0));
        assert!((used.time.start - 4.0).abs() < 1e-9 && (used.time.end - 8.0).abs() < 1e-9);
    }
}
