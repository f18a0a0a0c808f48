//! Quadratics through measurements that have a σ each, with what is known of oscillators beforehand.

/// A delay or a frequency over time: value, slope and curvature at t = 0, so that it is c₀ + c₁t + ½c₂t².
pub(super) type Quadratic = [f64; 3];

/// Measurement: time, value, 1 σ.
pub(super) type Point = (f64, f64, f64);

/// Residuals beyond this many σ lose weight (Huber 1964).
const HUBER: f64 = 2.0;
const ROUNDS: usize = 25;

pub(super) fn value(curve: &Quadratic, t: f64) -> f64 {
    curve[0] + t * (curve[1] + 0.5 * t * curve[2])
}

pub(super) fn sum(a: &Quadratic, b: &Quadratic) -> Quadratic {
    std::array::from_fn(|k| a[k] + b[k])
}

/// The fit and how certain it is.
pub(super) struct Fit {
    /// About t = 0.
    pub(super) curve: Quadratic,
    /// Covariance of the coefficients in the scaled time x = (t − middle)/half.
    covariance: [[f64; 3]; 3],
    middle: f64,
    half: f64,
    /// Root mean square of the residuals in σ, 1 where they scatter as stated.
    pub(super) scatter: f64,
}

impl Fit {
    /// Variance of the curve's mean between two times.
    pub(super) fn variance_of_mean(&self, from: f64, to: f64) -> f64 {
        let (a, b) = ((from - self.middle) / self.half, (to - self.middle) / self.half);
        let square = (a * a + a * b + b * b) / 3.0;
        let row = [1.0, 0.5 * (a + b), 0.5 * square];
        (0..3).map(|i| (0..3).map(|j| row[i] * self.covariance[i][j] * row[j]).sum::<f64>()).sum()
    }
}

/// Weighted robust quadratic that is to be *added* to `known`; the sum's slope and curvature are Gaussian around zero
/// with `prior_sigma` beforehand, so that two stretches with a gap between still give an answer.
pub(super) fn fit(points: &[Point], known: &Quadratic, prior_sigma: [f64; 2]) -> Option<Fit> {
    let first = points.iter().map(|p| p.0).reduce(f64::min)?;
    let last = points.iter().map(|p| p.0).reduce(f64::max)?;
    let middle = 0.5 * (first + last);
    let half = (0.5 * (last - first)).max(1e-3);
    // Of the whole curve, in scaled time: slope at the middle and curvature.
    let known_scaled = [(known[1] + known[2] * middle) * half, known[2] * half * half];
    let precision = [(prior_sigma[0] * half).powi(-2), (prior_sigma[1] * half * half).powi(-2)];
    let row = |t: f64| {
        let x = (t - middle) / half;
        [1.0, x, 0.5 * x * x]
    };
    let residual =
        |solution: &[f64; 3], p: &Point| (p.1 - (0..3).map(|k| row(p.0)[k] * solution[k]).sum::<f64>()) / p.2;
    let mut solution = [0.0; 3];
    let mut covariance = [[0.0; 3]; 3];
    let mut shares = vec![1.0; points.len()];
    for _ in 0..ROUNDS {
        let mut normal = [[0.0; 3]; 3];
        let mut right = [0.0; 3];
        for (point, share) in points.iter().zip(&shares) {
            let (row, weight) = (row(point.0), share / (point.2 * point.2));
            for i in 0..3 {
                right[i] += weight * row[i] * point.1;
                for j in 0..3 {
                    normal[i][j] += weight * row[i] * row[j];
                }
            }
        }
        for k in 0..2 {
            normal[k + 1][k + 1] += precision[k];
            right[k + 1] -= precision[k] * known_scaled[k];
        }
        covariance = inverse(&normal)?;
        solution = std::array::from_fn(|i| (0..3).map(|j| covariance[i][j] * right[j]).sum());
        let mut sizes: Vec<f64> = points.iter().map(|p| residual(&solution, p).abs()).collect();
        let each = sizes.clone();
        sizes.sort_by(f64::total_cmp);
        let scale = (1.4826 * sizes.get(sizes.len() / 2).copied().unwrap_or(1.0)).max(1.0);
        shares = each.iter().map(|size| (HUBER * scale / size.max(1e-12)).min(1.0)).collect();
    }
    let squares: f64 = points.iter().zip(&shares).map(|(p, share)| share * residual(&solution, p).powi(2)).sum();
    let freedom = points.len() as f64 - 3.0;
    let scatter = if freedom > 0.0 { (squares / freedom).sqrt() } else { 1.0 };
    let widening = scatter.max(1.0).powi(2);
    covariance.iter_mut().flatten().for_each(|entry| *entry *= widening);
    let (slope, bend) = (solution[1] / half, solution[2] / (half * half));
    let curve = [solution[0] - middle * slope + 0.5 * bend * middle * middle, slope - bend * middle, bend];
    Some(Fit { curve, covariance, middle, half, scatter })
}

/// Inverse of a symmetric positive matrix by its adjugate.
fn inverse(m: &[[f64; 3]; 3]) -> Option<[[f64; 3]; 3]> {
    let minor = |i: usize, j: usize| {
        let (r, s) = ((i + 1) % 3, (i + 2) % 3);
        let (u, v) = ((j + 1) % 3, (j + 2) % 3);
        m[r][u] * m[s][v] - m[r][v] * m[s][u]
    };
    let determinant: f64 = (0..3).map(|j| m[0][j] * minor(0, j)).sum();
    (determinant > 0.0).then(|| std::array::from_fn(|i| std::array::from_fn(|j| minor(j, i) / determinant)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quadratic_is_found_and_one_wild_point_does_not_move_it() {
        let truth = [3e-5, 2e-5, 1e-8];
        let mut points: Vec<Point> = (0..12).map(|k| (f64::from(k), value(&truth, f64::from(k)), 1e-8)).collect();
        points[5].1 += 1e-3;
        let fit = fit(&points, &[0.0; 3], [1e-4, 1e-6]).expect("a fit");
        for t in [0.0, 5.0, 11.0] {
            assert!((value(&fit.curve, t) - value(&truth, t)).abs() < 2e-8, "at {t} s");
        }
    }

    #[test]
    fn the_mean_is_as_certain_as_n_measurements_are() {
        // Without a curvature the mean over the stretch is the mean of the points: σ²/n.
        let points: Vec<Point> = (0..10).map(|k| (f64::from(k) + 0.5, 0.0, 2.0)).collect();
        let fit = fit(&points, &[0.0; 3], [1e3, 1e-9]).expect("a fit");
        let variance = fit.variance_of_mean(0.0, 10.0);
        assert!((variance / 0.4 - 1.0).abs() < 0.01, "{variance}");
        // A line between the outer thirds, read in the middle: their mean as well.
        let outer: Vec<Point> = points.iter().filter(|p| (p.0 - 5.0).abs() > 2.0).copied().collect();
        let variance = super::fit(&outer, &[0.0; 3], [1e3, 1e-9]).expect("a fit").variance_of_mean(4.0, 6.0);
        assert!((variance * outer.len() as f64 / 4.0 - 1.0).abs() < 0.01, "{variance}");
    }
}
