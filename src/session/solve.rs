//! From a changed scene to a new report, one step at a time.

use heimdall_pipeline::export::ExportFormat;
use heimdall_pipeline::{InputReport, Plan};

use super::jobs::Job;
use super::{Effect, FileId, GroupState, Lane, Session};
use crate::protocol::Request;

impl Session {
    /// Asks for the next things that can be done.
    pub(super) fn advance(&mut self, effects: &mut Vec<Effect>) {
        let opening = self.groups.iter().any(|group| group.state == GroupState::Opening);
        if self.paused || opening || self.solver_is_busy() {
            return;
        }
        if !self.has_evidence() {
            self.report = None;
            return;
        }
        if self.align_missing(effects) {
            return;
        }
        if self.planned_generation != self.generation {
            let request = Request::Plan { scene: self.scene() };
            self.submit(Job::Plan(self.generation), Lane::Solver, request, Vec::new(), effects);
        } else if self.extract_missing(effects) || self.step_about_network(effects) {
            // The channels come first, and whether a network is for these receivers.
        } else if self.is_report_stale() {
            let job = Job::Solve { generation: self.generation, revision: self.network_revision };
            let request = Request::Solve { scene: self.scene(), network: self.network.clone() };
            self.submit(job, Lane::Solver, request, Vec::new(), effects);
        } else {
            // Its answer makes another solution; what is there can be written meanwhile.
            self.ask_network(effects);
            // Only the JSON report holds checksums; of a large file they take minutes.
            let hashing = self.hash_missing(effects);
            if !hashing || self.wanted_export != Some(ExportFormat::Json) {
                self.export(effects);
            }
        }
    }

    pub(super) fn is_report_stale(&self) -> bool {
        let old = self.report_generation != self.generation || self.report_revision != self.network_revision;
        self.report.is_none() || old
    }

    fn solver_is_busy(&self) -> bool {
        self.jobs.values().any(Job::is_the_solvers)
    }

    pub(super) fn take_plan(&mut self, generation: u64, plan: Option<Plan>, effects: &mut Vec<Effect>) {
        self.planned_generation = generation;
        let stale = |job: &Job| match (job, &plan) {
            (Job::Extract { plan: old, .. }, Some(new)) => !old.same_grid(new),
            (Job::Extract { .. }, None) => true,
            _ => false,
        };
        self.abort(stale, effects);
        self.plan = plan;
    }

    /// Asks for the channels that the plan needs and the solver has not; true while any is missing.
    fn extract_missing(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some(plan) = self.plan.clone() else { return false };
        let mut missing = false;
        for id in &plan.recordings {
            if self.held.get(id).is_some_and(|held| held.same_grid(&plan)) {
                continue;
            }
            let Some(entry) = self.entries.iter().find(|entry| entry.scene.id == *id && entry.failed.is_none()) else {
                continue;
            };
            missing = true;
            let under_way = self.jobs.values().any(|job| matches!(job, Job::Extract { id: other, .. } if other == id));
            if !under_way {
                let (file, recording) = (entry.file, Box::new(self.recording_of(entry)));
                let job = Job::Extract { id: id.clone(), plan: plan.clone() };
                let request = Request::Extract { recording, plan: plan.clone() };
                self.submit(job, Lane::Recordings, request, vec![file], effects);
            }
        }
        missing
    }

    /// Asks for checksums, one file after another; true while any is missing.
    fn hash_missing(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some(file) = self.used_files().map(|(file, _)| *file).find(|file| !self.sums.contains_key(file)) else {
            return false;
        };
        if !self.jobs.values().any(|job| matches!(job, Job::Hash(_))) {
            let entries = self.entries.iter().filter(|entry| entry.file == file);
            let stated = entries.filter_map(|entry| entry.scene.recording.checksum.clone()).collect();
            self.submit(Job::Hash(file), Lane::Checksums, Request::Hash { stated }, vec![file], effects);
        }
        true
    }

    /// Files of all groups that could be opened.
    fn used_files(&self) -> impl Iterator<Item = &(FileId, String)> {
        self.groups.iter().filter(|group| group.state == GroupState::Open).flat_map(|group| &group.files)
    }

    /// Writes the file that the user waits for, once the report and the checksums are there.
    fn export(&mut self, effects: &mut Vec<Effect>) {
        let (Some(format), Some(mut report)) = (self.wanted_export.take(), self.report.clone()) else { return };
        for recording in &mut report.recordings {
            let Some(entry) = self.entries.iter().find(|entry| entry.scene.id == recording.name) else { continue };
            recording.sha256 = entry.scene.sha256.clone().filter(|sum| !sum.is_empty());
            let sums = self.sums.get(&entry.file);
            let notice = sums.and_then(|sums| sums.notice(entry.scene.recording.checksum.as_ref()));
            recording.notices.extend(notice.filter(|notice| !recording.notices.contains(notice)));
        }
        let sha256 = |file: &FileId| self.sums.get(file).map(|sums| sums.sha256.clone()).filter(|sum| !sum.is_empty());
        let input = |(file, name): &(FileId, String)| InputReport { name: name.clone(), sha256: sha256(file) };
        report.inputs = self.used_files().map(input).collect();
        let request = Request::Export { format, report: Box::new(report) };
        self.submit(Job::Export(format), Lane::Solver, request, Vec::new(), effects);
    }
}
