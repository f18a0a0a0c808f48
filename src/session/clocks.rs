//! Clocks aligned on a reference transmitter, where the user named one.

use heimdall_pipeline::{Clocks, Scene, SceneRecording};

use super::jobs::Job;
use super::{Effect, Entry, Lane, Session};
use crate::protocol::Request;

impl Session {
    /// The scene before its clocks are aligned; of the settings only what the alignment looks at.
    fn unaligned(&self) -> Scene {
        let mut scene = self.bare_scene();
        scene.settings.band = None;
        scene.settings.gain_sigma_db = None;
        scene.settings.experts_off.clear();
        scene.refused.clear();
        scene.recordings.iter_mut().for_each(|entry| entry.sha256 = None);
        scene
    }

    /// Asks for the clocks of the scene as it is; true while they are missing.
    pub(super) fn align_missing(&mut self, effects: &mut Vec<Effect>) -> bool {
        if self.settings.reference.is_none() {
            self.abort(|job| matches!(job, Job::Align(_)), effects);
            // Channels were taken out by the clocks that were found.
            if self.clocks.take().is_some() {
                self.held.clear();
            }
            return false;
        }
        let scene = self.unaligned();
        self.abort(|job| matches!(job, Job::Align(old) if **old != scene), effects);
        if self.clocks.as_ref().is_some_and(|(known, _)| *known == scene) {
            return false;
        }
        if !self.jobs.values().any(|job| matches!(job, Job::Align(_))) {
            let file = |recording: &SceneRecording| {
                self.entries.iter().find(|entry| entry.scene.id == recording.id).map(|entry| entry.file)
            };
            let files = scene.recordings.iter().filter_map(file).collect();
            let request = Request::Align { scene: scene.clone() };
            self.submit(Job::Align(Box::new(scene)), Lane::Recordings, request, files, effects);
        }
        true
    }

    pub(super) fn take_clocks(&mut self, scene: Scene, clocks: Option<Clocks>) {
        self.clocks = Some((scene, clocks));
        self.held.clear();
    }

    /// What the alignment found, while its reference is the one that the user wants.
    pub(super) fn clocks_in_force(&self) -> Option<&Clocks> {
        let (_, clocks) = self.clocks.as_ref()?;
        clocks.as_ref().filter(|clocks| self.settings.reference.as_ref() == Some(&clocks.settings))
    }

    /// A recording with what the alignment found of its clock.
    pub(super) fn recording_of(&self, entry: &Entry) -> SceneRecording {
        if self.clocks_in_force().is_none() {
            return entry.scene.clone();
        }
        let aligned = self.scene().recordings.into_iter().find(|recording| recording.id == entry.scene.id);
        aligned.unwrap_or_else(|| entry.scene.clone())
    }
}
