//! Fourier transforms with one cached plan per size.

use std::sync::Arc;

use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

/// A forward and an inverse transform of one size with their scratch space. A clone shares the plans, which take longer
/// to make than many transforms.
#[derive(Clone)]
pub(crate) struct Transform {
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex32>,
}

impl Transform {
    pub(crate) fn new(size: usize) -> Self {
        let mut planner = FftPlanner::new();
        let forward = planner.plan_fft_forward(size);
        let inverse = planner.plan_fft_inverse(size);
        let scratch_len = forward.get_inplace_scratch_len().max(inverse.get_inplace_scratch_len());
        Self { forward, inverse, scratch: vec![Complex32::default(); scratch_len] }
    }

    /// X\[k\] = Σ x\[n\]·exp(−2πi·kn/N), in place.
    pub(crate) fn forward(&mut self, data: &mut [Complex32]) {
        self.forward.process_with_scratch(data, &mut self.scratch);
    }

    /// x\[n\] = Σ X\[k\]·exp(+2πi·kn/N), in place, without the factor 1/N.
    pub(crate) fn inverse(&mut self, data: &mut [Complex32]) {
        self.inverse.process_with_scratch(data, &mut self.scratch);
    }
}

/// Frequency of bin `k` of a transform of `size` points, two-sided, Hz.
pub(crate) fn bin_frequency_hz(k: usize, size: usize, rate_hz: f64) -> f64 {
    let signed = if k < size.div_ceil(2) { k as f64 } else { k as f64 - size as f64 };
    signed * rate_hz / size as f64
}
