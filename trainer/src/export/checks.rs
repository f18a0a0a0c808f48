//! What is asked of a network before it is promoted.

use heimdall_model::{CheckCard, Estimate, MetricsCard, ParityCard};

use super::parity::PARITY_SCENES;

/// Fewer held-out scenes than this say nothing.
const LEAST_SCENES: u64 = 50;
/// What a region of 68 % may hold, and one of 95 %.
const HELD: [(f64, [f64; 2]); 2] = [(0.68, [0.65, 0.71]), (0.95, [0.935, 0.965])];
/// Its error over that of the mean place: less than this, or it has learned nothing.
const MOST_OF_MEAN_PLACE: f64 = 0.9;
/// Its error over the promoted version's on the same scenes.
const MOST_OF_PROMOTED: f64 = 1.05;

/// The version that is promoted now, scored on the candidate's held-out scenes.
pub(super) struct Promoted<'a> {
    pub(super) version: &'a str,
    pub(super) metrics: MetricsCard,
}

/// Every condition, fulfilled or not.
pub(super) fn checks(
    network: &MetricsCard,
    mean_place: &MetricsCard,
    promoted: Option<&Promoted<'_>>,
    parity: &[ParityCard],
) -> Vec<CheckCard> {
    let check = |passed: bool, sentence: String| CheckCard { sentence, passed };
    let mut checks: Vec<CheckCard> = parity.iter().map(|parity| {
        check(
            parity.scenes >= PARITY_SCENES as u64,
            format!(
                "{} says what the training framework says: {:.1e} of the scale, at most 1e-4, on {} scenes, at least \
                 {PARITY_SCENES}",
                parity.runtime, parity.largest_difference, parity.scenes
            ),
        )
    }).collect();
    checks.push(check(
        network.scenes >= LEAST_SCENES,
        format!("{} held-out scenes, at least {LEAST_SCENES}", network.scenes),
    ));
    for ((promised, [least, most]), held) in HELD.into_iter().zip([network.coverage_68, network.coverage_95]) {
        let Estimate { value, low, high } = held.unwrap_or(Estimate { value: f64::NAN, low: f64::NAN, high: f64::NAN });
        checks.push(check(
            low <= most && high >= least,
            format!(
                "regions of {:.0} % hold {:.1} % ({:.1}–{:.1}); the interval must reach {:.1}–{:.1} %",
                100.0 * promised,
                100.0 * value,
                100.0 * low,
                100.0 * high,
                100.0 * least,
                100.0 * most
            ),
        ));
    }
    let rmse_m = network.rmse_m.value;
    let ratio = |other: &MetricsCard| rmse_m / other.rmse_m.value;
    let compared = |name: &str, other: &MetricsCard, most: f64| {
        check(
            ratio(other) <= most,
            format!(
                "RMSE {:.2} km, {:.2} times that of {name} ({:.2} km), at most {most}",
                rmse_m / 1e3,
                ratio(other),
                other.rmse_m.value / 1e3
            ),
        )
    };
    checks.push(compared(&mean_place.method, mean_place, MOST_OF_MEAN_PLACE));
    if let Some(promoted) = promoted {
        checks.push(compared(promoted.version, &promoted.metrics, MOST_OF_PROMOTED));
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(rmse_km: f64, held: [[f64; 3]; 2], scenes: u64) -> MetricsCard {
        let estimate = |[low, value, high]: [f64; 3]| Estimate { value, low, high };
        let error = estimate([0.9, 1.0, 1.1].map(|x| x * rmse_km * 1e3));
        MetricsCard {
            method: "network".into(),
            world: "w".into(),
            scenes,
            mean_m: error,
            median_m: error,
            rmse_m: error,
            p90_m: error,
            coverage_68: Some(estimate(held[0])),
            coverage_95: Some(estimate(held[1])),
        }
    }

    const HONEST: [[f64; 3]; 2] = [[0.66, 0.69, 0.72], [0.93, 0.95, 0.97]];

    fn failed(network: &MetricsCard, promoted_rmse_km: Option<f64>) -> Vec<String> {
        let parity = ParityCard { runtime: "tract".into(), scenes: 64, largest_difference: 1e-6 };
        let promoted =
            promoted_rmse_km.map(|rmse_km| Promoted { version: "v1.0.0", metrics: metrics(rmse_km, HONEST, 200) });
        let all = checks(network, &metrics(60.0, HONEST, 200), promoted.as_ref(), &[parity]);
        all.into_iter().filter(|check| !check.passed).map(|check| check.sentence).collect()
    }

    #[test]
    fn an_honest_network_passes_and_others_are_told_why_not() {
        assert!(failed(&metrics(10.0, HONEST, 200), None).is_empty());
        assert!(failed(&metrics(10.0, HONEST, 200), Some(9.6)).is_empty());
        let worse = failed(&metrics(10.0, HONEST, 200), Some(9.0));
        assert!(matches!(worse.as_slice(), [one] if one.contains("v1.0.0") && one.contains("1.11")), "{worse:?}");
        let boasting = failed(&metrics(10.0, [[0.36, 0.39, 0.42], [0.70, 0.75, 0.80]], 200), None);
        assert!(matches!(boasting.as_slice(), [one, two] if one.contains("39.0 %") && two.contains("75.0 %")));
        let few = failed(&metrics(10.0, HONEST, 49), None);
        assert!(matches!(few.as_slice(), [one] if one.starts_with("49 held-out scenes")), "{few:?}");
        assert_eq!(failed(&metrics(57.0, HONEST, 200), None).len(), 1);
        assert_eq!(failed(&metrics(f64::NAN, HONEST, 200), None).len(), 1, "what is no number passes nothing");
    }
}
