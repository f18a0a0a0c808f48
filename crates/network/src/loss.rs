use burn::tensor::{Int, Tensor};

use crate::forward::Output;

/// Deviation that the mean-only warm-up assumes, in units of the constellation's scale.
const WARM_UP_DEVIATION: f32 = 0.2;

/// What training makes small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Squared error under a fixed deviation: the uncertainty head rests.
    MeanOnly,
    /// Negative log-likelihood of a Gaussian with full covariance.
    Gaussian,
}

impl Loss {
    /// Sum over the scenes of `output` against `targets` (N, 2), in units of the constellation's scale.
    ///
    /// With L the Cholesky factor, z = L⁻¹ (target − position): ½ zᵀz + ln det L + ln 2π (multivariate normal density,
    /// covariance L Lᵀ).
    ///
    /// Where the network has a posterior over places, minus the logarithm of the true cell's probability is added.
    /// `cells` (N, 1) are the true cells.
    pub fn sum(self, output: Output, targets: Tensor<2>, cells: Tensor<2, Int>) -> Tensor<1> {
        let scenes = targets.dims()[0] as f32;
        let by_cell = match output.density {
            Some(density) if self == Loss::Gaussian => Some(-density.gather(1, cells).sum()),
            _ => None,
        };
        let error = targets - output.position;
        if self == Loss::MeanOnly {
            return error.powi_scalar(2).sum() * (0.5 / (WARM_UP_DEVIATION * WARM_UP_DEVIATION));
        }
        let column = |tensor: &Tensor<2>, index: usize| tensor.clone().narrow(1, index, 1);
        let (east, north) = (column(&output.factor, 0), column(&output.factor, 2));
        let first = column(&error, 0) / east.clone();
        let second = (column(&error, 1) - column(&output.factor, 1) * first.clone()) / north.clone();
        let squares = (first.powi_scalar(2) + second.powi_scalar(2)) * 0.5;
        let gaussian = (squares + east.log() + north.log()).sum() + scenes * std::f32::consts::TAU.ln();
        by_cell.into_iter().fold(gaussian, |sum, by_cell| sum + by_cell)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn value(loss: Loss, position: [f32; 2], factor: [f32; 3], target: [f32; 2]) -> f32 {
        let device = Device::flex();
        let row = |v: &[f32]| Tensor::<2>::from_data(TensorData::new(v.to_vec(), [1, v.len()]), &device);
        let cells = Tensor::<2, Int>::zeros([1, 1], &device);
        let output = Output { position: row(&position), factor: row(&factor), density: None };
        loss.sum(output, row(&target), cells).into_scalar()
    }

    /// By hand: covariance [[4, 1], [1, 1.25]], determinant 4, inverse [[0.3125, −0.25], [−0.25, 1]]; error (1, 2) has
    /// the squared distance 0.3125 − 2·0.5 + 4 = 3.3125; half of it + ½ ln 4 + ln 2π.
    #[test]
    fn loss_is_the_density_of_the_bivariate_normal() {
        let expected = 3.3125 / 2.0 + 0.5 * 4f32.ln() + std::f32::consts::TAU.ln();
        let got = value(Loss::Gaussian, [0.0, 0.0], [2.0, 0.5, 1.0], [1.0, 2.0]);
        assert!((got - expected).abs() < 1e-5, "{got} against {expected}");
    }

    /// By hand: (0.04 + 0.16) / 2 / 0.04.
    #[test]
    fn warm_up_sees_only_the_mean() {
        for factor in [[1.0, 0.0, 1.0], [3.0, 2.0, 0.1]] {
            assert!((value(Loss::MeanOnly, [0.2, 0.0], factor, [0.0, 0.4]) - 2.5).abs() < 1e-5);
        }
    }
}
