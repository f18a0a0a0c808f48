use std::f64::consts::PI;

use crate::layout::Layout;

const FIRST_DECAY: f32 = 0.9;
const SECOND_DECAY: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// AdamW (Loshchilov and Hutter 2019, algorithm 2) over the flat list of parameters.
#[derive(Debug, Clone)]
pub(crate) struct AdamW {
    pub first: Vec<f32>,
    pub second: Vec<f32>,
    pub steps: u64,
}

impl AdamW {
    pub fn new(count: usize) -> AdamW {
        AdamW { first: vec![0.0; count], second: vec![0.0; count], steps: 0 }
    }

    /// Moves the parameters that `trained` names, per entry of the layout.
    pub fn step(
        &mut self,
        layout: &Layout,
        values: &mut [f32],
        gradients: &[f32],
        trained: &[bool],
        rate: f64,
        decay: f64,
    ) {
        self.steps += 1;
        let steps = self.steps as f64;
        let correction_first = 1.0 - f64::from(FIRST_DECAY).powf(steps);
        let correction_second = 1.0 - f64::from(SECOND_DECAY).powf(steps);
        let step = (rate / correction_first) as f32;
        let root_correction = (1.0 / correction_second.sqrt()) as f32;
        for (entry, _) in layout.entries.iter().zip(trained).filter(|(_, trained)| **trained) {
            let keep = if entry.decays() { (1.0 - rate * decay) as f32 } else { 1.0 };
            let range = entry.range();
            let moments = self.first[range.clone()].iter_mut().zip(&mut self.second[range.clone()]);
            for ((value, gradient), (m, v)) in values[range.clone()].iter_mut().zip(&gradients[range]).zip(moments) {
                *m = FIRST_DECAY * *m + (1.0 - FIRST_DECAY) * gradient;
                *v = SECOND_DECAY * *v + (1.0 - SECOND_DECAY) * gradient * gradient;
                *value = *value * keep - step * *m / (v.sqrt() * root_correction + EPSILON);
            }
        }
    }
}

/// Scales the gradients to at most this Euclidean norm and returns the norm they had.
pub(crate) fn clip(gradients: &mut [f32], most: f64) -> f64 {
    // Eight sums: one alone waits for each addition.
    let (groups, rest) = gradients.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for group in groups {
        sums.iter_mut().zip(group).for_each(|(sum, g)| *sum += f64::from(*g).powi(2));
    }
    let rest = rest.iter().map(|g| f64::from(*g).powi(2));
    let norm = sums.into_iter().chain(rest).sum::<f64>().sqrt();
    if norm > most {
        let factor = (most / norm) as f32;
        gradients.iter_mut().for_each(|g| *g *= factor);
    }
    norm
}

/// Linear warm-up, then half a cosine down to `last` × `peak` (Loshchilov and Hutter 2017).
pub(crate) fn learning_rate(peak: f64, last: f64, step: u64, warm_up_steps: u64, steps: u64) -> f64 {
    if step < warm_up_steps {
        return peak * (step + 1) as f64 / warm_up_steps as f64;
    }
    let way = (step - warm_up_steps) as f64 / (steps - warm_up_steps).max(1) as f64;
    peak * (last + (1.0 - last) * 0.5 * (1.0 + (PI * way.min(1.0)).cos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NetworkConfig;
    use crate::size::Size;

    /// The first step of AdamW is the rate in the gradient's direction, whatever its size; decay shrinks first.
    #[test]
    fn first_step_is_the_rate_and_only_kernels_decay() {
        let layout = Layout::new(&NetworkConfig { size: Size::Probe, planes: 3, ..NetworkConfig::default() });
        let mut values = vec![1.0; layout.count()];
        let trained = vec![true; layout.entries.len()];
        let mut optimizer = AdamW::new(layout.count());
        optimizer.step(&layout, &mut values, &vec![-7.0; layout.count()], &trained, 0.1, 0.5);
        for entry in &layout.entries {
            let expected = if entry.decays() { 0.95 + 0.1 } else { 1.0 + 0.1 };
            assert!((values[entry.offset] - expected).abs() < 1e-5, "{}", entry.name);
        }
    }

    /// Closed form: half way down the cosine the rate is the mean of peak and last.
    #[test]
    fn rate_warms_up_and_falls() {
        assert_eq!(learning_rate(1.0, 0.0, 0, 10, 110), 0.1);
        assert_eq!(learning_rate(1.0, 0.0, 9, 10, 110), 1.0);
        assert!((learning_rate(1.0, 0.2, 60, 10, 110) - 0.6).abs() < 1e-12);
        assert!((learning_rate(1.0, 0.2, 110, 10, 110) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn clipping_keeps_the_direction() {
        let mut gradients = vec![3.0, 4.0];
        assert_eq!(clip(&mut gradients, 1.0), 5.0);
        assert!((gradients[0] - 0.6).abs() < 1e-6 && (gradients[1] - 0.8).abs() < 1e-6);
        assert!(clip(&mut gradients, 2.0) < 1.01 && (gradients[0] - 0.6).abs() < 1e-6);
    }
}
