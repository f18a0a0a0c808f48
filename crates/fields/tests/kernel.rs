//! The kernel that scattered measurements show.

use heimdall_fields::{Covariance, Kriging, Sample};
use heimdall_simulate::world::Lattice;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

const RECEIVERS: usize = 3;
const EXTENT_M: f64 = 60e3;

#[test]
fn the_likeliest_kernel_is_that_of_the_field() {
    // A field drawn by circulant embedding, seen with noise of a tenth of its variance.
    let covariance = Covariance::Exponential { length_m: 10e3 };
    let lattices = Lattice::draw(covariance, 240, 250.0, RECEIVERS, 9, 1);
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut samples = |count: usize| -> Vec<Sample> {
        let mut sample = || {
            let east_north_m = [(); 2].map(|()| (rng.random::<f64>() - 0.5) * EXTENT_M);
            let mut noise = || 0.1_f64.sqrt() * rng.sample::<f64, _>(StandardNormal);
            let values: Vec<f64> = lattices.iter().map(|field| 6.0 * (field.cell(east_north_m) + noise())).collect();
            let mean = values.iter().sum::<f64>() / RECEIVERS as f64;
            Sample { east_north_m, deviations: values.iter().map(|value| value - mean).collect() }
        };
        (0..count).map(|_| sample()).collect()
    };
    let (training, validation) = (samples(2000), samples(400));
    let kernel = Kriging::new(&training, EXTENT_M).fit(&validation);
    let Covariance::Exponential { length_m } = kernel.covariance else { unreachable!("{kernel:?}") };
    // Lengths and variances of exponential fields trade against each other; their ratio is what the data fix
    // (Zhang 2004): σ²/length within a third.
    let ratio = kernel.variance / length_m / (36.0 / 10e3);
    assert!((0.66..1.5).contains(&ratio), "{kernel:?}");
    assert!((0.02..=0.25).contains(&(kernel.nugget * kernel.variance / 36.0)), "{kernel:?}");
}
