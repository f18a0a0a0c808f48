//! A bare carrier has no lag: it correlates at every one, and the ripple that noise leaves there is no peak.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Dropped, Meta, generator, noise, sum, tone};
use heimdall_localize::Verdict;

const RATE_HZ: f64 = 16e3;
const PLACES: [(f64, f64); 4] = [(45.02, 7.29), (45.234, 7.857), (44.561, 8.956), (45.478, 9.123)];

fn carrier_scene(seed: u64, receivers: usize) -> Dropped {
    let mut rng = generator(seed);
    let mut dropped = Dropped::default();
    for (index, position) in PLACES.iter().enumerate().take(receivers) {
        let carrier = tone(1234.5, RATE_HZ, 0.3, 16_000);
        let samples = sum(&carrier, &noise(&mut rng, carrier.len()), 0.03);
        let station = format!("R{index}");
        dropped.add(&Meta { station: &station, position: *position, ..Meta::default() }.floats(&samples));
    }
    dropped.scene.settings.experts_off = vec!["level".into()];
    dropped
}

#[test]
fn a_bare_carrier_is_no_place() {
    for seed in 0..12 {
        let report = carrier_scene(seed, 4).solve();
        assert_ne!(report.fix.verdict, Verdict::Located, "seed {seed}: {:?}", report.fix);
        // A σ of microseconds would be a hyperbola that nothing measured.
        for pair in &report.pairs {
            assert!(pair.thermal_sigma_s > 100e-6, "seed {seed}: {} s", pair.thermal_sigma_s);
        }
    }
}

#[test]
fn with_two_receivers_no_triangle_is_needed_to_see_it() {
    for seed in 0..6 {
        let report = carrier_scene(seed, 2).solve();
        assert!(report.pairs.iter().all(|pair| pair.thermal_sigma_s > 100e-6), "seed {seed}");
    }
}
