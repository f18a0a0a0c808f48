//! Do the regions hold the truth as often as they say? Scenes drawn from the model that the experts state.
//! Small numbers: four binomial sigmas. `heimdall evaluate` counts thousands.
#![allow(clippy::unwrap_used)]

mod common;

use common::{all_lags, generator, holds, normal, nothing, receivers};
use heimdall_localize::{Evidence, Geodesy, LevelObservation, Propagation, locate, search_area};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

const SCENES: usize = 150;

fn check(what: &str, mut held: impl FnMut(usize) -> [bool; 2]) {
    let mut counts = [0usize; 2];
    for scene in 0..SCENES {
        for (count, held) in counts.iter_mut().zip(held(scene)) {
            *count += usize::from(held);
        }
    }
    for (count, probability) in counts.into_iter().zip([0.68, 0.95]) {
        let expected = SCENES as f64 * probability;
        let sigma = (expected * (1.0 - probability)).sqrt();
        let off = (count as f64 - expected) / sigma;
        eprintln!("{what}: {probability} held {count} of {SCENES}, {off:+.1} σ");
        assert!(off.abs() < 4.0, "{what}: the {probability} region held {count} of {SCENES}");
    }
}

fn places(rng: &mut ChaCha8Rng, count: usize, extent_m: f64) -> Vec<[f64; 2]> {
    (0..count).map(|_| [(); 2].map(|()| extent_m * (rng.random::<f64>() - 0.5))).collect()
}

#[test]
fn regions_from_time_differences_hold_what_they_promise() {
    let geodesy = Geodesy::default();
    let mut rng = generator(101);
    check("tdoa", |scene| {
        let (propagation, extent_m) =
            if scene % 2 == 0 { (Propagation::LineOfSight, 120e3) } else { (Propagation::GroundWave, 900e3) };
        let count = rng.random_range(3..=6);
        let receivers = receivers(&places(&mut rng, count, extent_m));
        let area = search_area(&geodesy, &receivers, propagation).unwrap();
        let radius_m = area.radius_m * rng.random::<f64>().sqrt();
        let truth = geodesy.direct(area.center, 360.0 * rng.random::<f64>(), radius_m);
        let bias_s = propagation.bias_sigma_s();
        let noise_s: Vec<f64> = receivers.iter().map(|_| bias_s * (0.1 + 1.5 * rng.random::<f64>())).collect();
        let errors_s: Vec<f64> =
            noise_s.iter().map(|noise| noise * normal(&mut rng) + bias_s * normal(&mut rng)).collect();
        let pairs = all_lags(&receivers, truth, &errors_s, &noise_s);
        let fix = locate(&geodesy, &Evidence { pairs, bias_sigma_s: bias_s, propagation, ..nothing(receivers) }).fix;
        [1, 2].map(|region| holds(&fix.regions[region], truth))
    });
}

#[test]
fn regions_from_levels_hold_what_they_promise() {
    let geodesy = Geodesy::default();
    let mut rng = generator(102);
    check("levels", |_| {
        let count = rng.random_range(4..=8);
        let receivers = receivers(&places(&mut rng, count, 120e3));
        let area = search_area(&geodesy, &receivers, Propagation::LineOfSight).unwrap();
        let radius_m = area.radius_m * rng.random::<f64>().sqrt();
        let truth = geodesy.direct(area.center, 360.0 * rng.random::<f64>(), radius_m);
        // −60 ± 30 dBm at 1 km, exponent 3 ± 0.5, shadowing 2…8 dB: the prior as documented.
        let power = -60.0 + 30.0 * normal(&mut rng);
        let exponent = 3.0 + 0.5 * normal(&mut rng);
        let shadowing = 2.0 + 6.0 * rng.random::<f64>();
        let levels = (0..count)
            .map(|receiver| {
                let distance_km = geodesy.distance_m(receivers[receiver].position, truth) / 1000.0;
                let noise = shadowing * normal(&mut rng) + normal(&mut rng);
                LevelObservation {
                    receiver,
                    level_db: power - 10.0 * exponent * distance_km.log10() + noise,
                    sigma_db: 1.0,
                }
            })
            .collect();
        let fix = locate(&geodesy, &Evidence { levels, ..nothing(receivers) }).fix;
        [1, 2].map(|region| holds(&fix.regions[region], truth))
    });
}
