//! Clocks into the scene.

use heimdall_recording::{ClockFit, Fact, Origin, Question, TimeGrade};

use super::{Clocks, ReferenceScheme};
use crate::Scene;
use crate::clocks::align::target_part_s;

/// Tuners are off by this at most.
const TUNER_SHARE: f64 = 20e-6;

impl Clocks {
    /// Frequencies at which the recordings hold the reference and not the wanted signal.
    pub(crate) fn avoided_hz(&self) -> Option<(f64, f64)> {
        let reference = &self.settings.reference;
        let half_hz = reference.bandwidth_hz / 2.0 + TUNER_SHARE * reference.frequency_hz;
        let inside = matches!(self.settings.scheme, ReferenceScheme::Inside);
        inside.then_some((reference.frequency_hz - half_hz, reference.frequency_hz + half_hz))
    }

    /// Gives the scene's recordings the clocks that were found; says of the others why none was.
    pub fn apply(&self, scene: &mut Scene) {
        for clock in &self.recordings {
            let Some(entry) = scene.recordings.iter_mut().find(|entry| entry.id == clock.id) else { continue };
            let recording = &mut entry.recording;
            if let Some(aligned) = &clock.aligned {
                recording.sample_rate_hz = Some(Fact::new(aligned.sample_rate_hz, Origin::Reference));
                recording.start_time_unix_ns = Some(Fact::new(aligned.start_time_unix_ns, Origin::Reference));
                recording.time_grade = TimeGrade::Reference;
                recording.time_sigma_s = Some(aligned.sigma_s);
                recording.time_reason = if aligned.segments == 0 {
                    format!("The others were aligned with it on {}", self.settings.reference.name)
                } else {
                    format!(
                        "Aligned on {} to {:.2} µs; its samples run {:+.2} ppm",
                        self.settings.reference.name,
                        aligned.sigma_s * 1e6,
                        aligned.rate_ppm
                    )
                };
                recording.clock_fit = Some(aligned.fit);
                recording.questions.retain(|question| *question != Question::Clock);
            } else if let Some(why) = &clock.why_not {
                recording.time_reason = format!("{}. {why}", recording.time_reason.trim_end_matches('.'));
            }
        }
        if matches!(self.settings.scheme, ReferenceScheme::Parts { .. }) {
            for entry in &mut scene.recordings {
                let tuned_s = target_part_s(entry, self.settings.scheme);
                entry.recording.clock_fit.get_or_insert_with(ClockFit::default).tuned_s = tuned_s;
            }
        }
        scene.clocks = Some(self.clone());
    }
}
