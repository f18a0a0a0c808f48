//! Weights as whole numbers of eight bits with a step per output, as ONNX's DequantizeLinear defines them (operator set
//! 13, without zero point: weights lie around 0).

/// Largest whole number: -128 stays unused, so that a weight and its negative are stored alike.
const LARGEST: f32 = 127.0;

/// A matrix or kernel.
#[derive(Debug)]
pub(crate) struct EightBit {
    /// Weight per whole number, for each output.
    pub steps: Vec<f32>,
    /// In the order of the weights.
    pub whole: Vec<i8>,
    inner: usize,
}

impl EightBit {
    /// The nearest whole numbers at the steps that each output's largest weight allows. `weights` are finite and
    /// row-major of `shape`, which has the outputs along `axis`.
    pub fn of(weights: &[f32], shape: &[usize], axis: usize) -> EightBit {
        let (outputs, inner): (usize, usize) = (shape[axis], shape[axis + 1..].iter().product());
        let mut steps = vec![0.0f32; outputs];
        for (index, weight) in weights.iter().enumerate() {
            let step = &mut steps[index / inner % outputs];
            *step = step.max(weight.abs() / LARGEST);
        }
        steps.iter_mut().filter(|step| **step == 0.0).for_each(|step| *step = 1.0);
        let whole = |(index, weight): (usize, &f32)| {
            (weight / steps[index / inner % outputs]).round().clamp(-LARGEST, LARGEST) as i8
        };
        EightBit { whole: weights.iter().enumerate().map(whole).collect(), steps, inner }
    }

    /// What they stand for; `weights` has their length.
    pub fn widen_into(&self, weights: &mut [f32]) {
        for (index, (weight, whole)) in weights.iter_mut().zip(&self.whole).enumerate() {
            *weight = f32::from(*whole) * self.steps[index / self.inner % self.steps.len()];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_off_by_half_a_step_of_its_output_at_most_and_rounding_again_changes_nothing() {
        let shape = [3, 5, 2, 2];
        let weights: Vec<f32> = (0..60).map(|n| ((n * 37) % 101) as f32 / 40.0 - 1.3).collect();
        for axis in [0, 1, 3] {
            let stored = EightBit::of(&weights, &shape, axis);
            let mut wide = vec![0.0; weights.len()];
            stored.widen_into(&mut wide);
            let stride: usize = shape[axis + 1..].iter().product();
            for (index, (weight, wide)) in weights.iter().zip(&wide).enumerate() {
                let step = stored.steps[index / stride % shape[axis]];
                assert!((weight - wide).abs() <= 0.5001 * step, "{weight} became {wide} at a step of {step}");
            }
            assert_eq!(EightBit::of(&wide, &shape, axis).whole, stored.whole);
        }
    }

    #[test]
    fn weights_of_zero_stay_zero() {
        let mut wide = [1.0; 3];
        EightBit::of(&[0.0; 3], &[3, 1], 0).widen_into(&mut wide);
        assert_eq!(wide, [0.0; 3]);
    }
}
