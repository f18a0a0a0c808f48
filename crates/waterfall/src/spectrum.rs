//! One frame of samples to its power spectrum.

use std::sync::Arc;

use heimdall_features::Window;
use num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

/// A transform of one size with its taper.
pub struct Spectrum {
    fft: Arc<dyn Fft<f32>>,
    /// Divided by its sum: a tone of full scale at a bin reads 1. Once for each part of a sample.
    taper: Vec<[f32; 2]>,
    work: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl Spectrum {
    /// A transform of `size` points.
    #[must_use]
    pub fn new(size: usize, window: Window) -> Self {
        let taper = window.coefficients(size);
        let sum: f64 = taper.iter().sum();
        let fft = FftPlanner::new().plan_fft_forward(size);
        Self {
            scratch: vec![Complex32::ZERO; fft.get_inplace_scratch_len()],
            fft,
            taper: taper.iter().map(|weight| [(weight / sum) as f32; 2]).collect(),
            work: vec![Complex32::ZERO; size],
        }
    }

    /// Points of the transform.
    #[must_use]
    pub fn size(&self) -> usize {
        self.taper.len()
    }

    /// Adds the power of a frame, relative to full scale, to `sum` and keeps the largest in `peak`; bins as the
    /// transform has them, 0 Hz first. A frame that is too short counts as followed by silence.
    pub fn add(&mut self, frame: &[Complex32], sum: &mut [f32], peak: &mut [f32]) {
        let inside = frame.len().min(self.work.len());
        for ((out, sample), [re, im]) in self.work.iter_mut().zip(frame).zip(&self.taper) {
            *out = Complex32::new(sample.re * re, sample.im * im);
        }
        self.work.iter_mut().skip(inside).for_each(|out| *out = Complex32::ZERO);
        self.fft.process_with_scratch(&mut self.work, &mut self.scratch);
        for ((bin, sum), peak) in self.work.iter().zip(sum).zip(peak) {
            let power = bin.re * bin.re + bin.im * bin.im;
            *sum += power;
            *peak = if power > *peak { power } else { *peak };
        }
    }
}
