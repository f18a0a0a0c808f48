//! Requests under way and what their answers change.

use heimdall_pipeline::export::ExportFormat;
use heimdall_pipeline::network::{Errand, NetworkRequest};
use heimdall_pipeline::{ChannelFacts, Checksums, Plan, Scene};

use super::{Effect, FileId, GroupId, GroupState, JobId, Lane, NewsKind, Part, Session};
use crate::protocol::{Reply, Request};

/// A request under way.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Job {
    Open(GroupId),
    Align(Box<Scene>),
    Extract { id: String, plan: Plan },
    Hash(FileId),
    Plan(u64),
    Solve { generation: u64, revision: u64 },
    Step(u64),
    Card,
    Listen { id: String, samples: String },
    Run(Box<Errand>),
    Export(ExportFormat),
    Pack(Vec<FileId>),
}

impl Job {
    /// Whether the solver does it.
    pub(super) fn is_the_solvers(&self) -> bool {
        matches!(self, Self::Plan(_) | Self::Solve { .. } | Self::Step(_) | Self::Export(_))
    }
}

impl Session {
    pub(super) fn submit(
        &mut self,
        job: Job,
        lane: Lane,
        request: Request,
        files: Vec<FileId>,
        effects: &mut Vec<Effect>,
    ) {
        let id = self.fresh_id();
        self.jobs.insert(id, job);
        effects.push(Effect::Submit { job: id, lane, request: Box::new(request), files });
    }

    /// Takes jobs back that nobody waits for any more.
    pub(super) fn abort(&mut self, unwanted: impl Fn(&Job) -> bool, effects: &mut Vec<Effect>) {
        let ids: Vec<JobId> = self.jobs.iter().filter(|(_, job)| unwanted(job)).map(|(id, _)| *id).collect();
        for id in ids {
            self.jobs.remove(&id);
            effects.push(Effect::Abort(id));
        }
    }

    pub(super) fn take_reply(&mut self, id: JobId, reply: Reply, effects: &mut Vec<Effect>) {
        let Some(job) = self.jobs.remove(&id) else { return };
        match (job, reply) {
            (Job::Open(group), Reply::Opened(contents)) => self.take_contents(group, contents, effects),
            (Job::Align(scene), Reply::Aligned(clocks)) => self.take_clocks(*scene, clocks.map(|clocks| *clocks)),
            (Job::Extract { id: recording, plan }, Reply::Extracted(facts)) => {
                self.forward(id, recording, plan, facts, effects);
            }
            (Job::Hash(file), Reply::Hashed(sums)) => self.take_sums(file, sums),
            (Job::Plan(generation), Reply::Planned(plan)) => self.take_plan(generation, plan, effects),
            (Job::Solve { generation, revision }, Reply::Solved(report)) => {
                self.note(NewsKind::Answer, report.fix.sentence.clone());
                self.report = Some(*report);
                self.report_generation = generation;
                self.report_revision = revision;
            }
            (Job::Step(generation), Reply::Stepped(step)) => self.take_step(generation, step, effects),
            (Job::Card, Reply::Card(card)) => self.take_card(card),
            (Job::Listen { id: recording, samples }, Reply::Listened(facts)) => {
                self.listened.insert(recording, samples);
                let request = Box::new(Request::Network(NetworkRequest::Heard { facts }));
                effects.push(Effect::ForwardSamples { job: id, lane: Lane::Network, request });
            }
            (Job::Run(errand), Reply::Answered(answer)) => self.take_answer(*errand, answer),
            (Job::Export(format), Reply::Exported(text)) => {
                let name = format!("heimdall-fix.{}", format.extension());
                self.note(NewsKind::Done, format!("{name} was saved."));
                let parts = vec![Part::Bytes(text.into_bytes())];
                effects.push(Effect::Download { name, media_type: format.media_type(), parts });
            }
            (Job::Pack(files), Reply::Packed(pieces)) => self.take_pieces(&files, pieces, effects),
            (job, Reply::Failed(reason)) => self.take_failure(job, reason),
            // A worker that answers something else than it was asked would be an error of this program.
            (job, _) => self.take_failure(job, "The worker gave an answer that does not fit".to_owned()),
        }
    }

    pub(super) fn take_death(&mut self, id: JobId, message: &str, effects: &mut Vec<Effect>) {
        let Some(job) = self.jobs.remove(&id) else { return };
        // Plan, solve and export share a worker: what else it was to do is asked for again.
        if job.is_the_solvers() {
            self.held.clear();
            self.abort(Job::is_the_solvers, effects);
        }
        self.take_failure(job, format!("The worker stopped ({message}); the other files are kept"));
    }

    fn take_failure(&mut self, job: Job, reason: String) {
        match job {
            Job::Open(group) => {
                if let Some(group) = self.groups.iter_mut().find(|other| other.id == group) {
                    group.state = GroupState::Refused(reason.clone());
                }
                self.note(NewsKind::Refusal, reason);
                self.changed();
            }
            Job::Extract { id, .. } => {
                if let Some(entry) = self.entries.iter_mut().find(|entry| entry.scene.id == id) {
                    entry.failed = Some(reason.clone());
                }
                self.note(NewsKind::Refusal, reason);
                self.changed();
            }
            // The recordings go on with the clocks that they have.
            Job::Align(scene) => {
                self.take_clocks(*scene, None);
                self.trouble = Some(reason);
            }
            // An empty checksum is not asked for again.
            Job::Hash(file) => self.take_sums(file, Checksums::default()),
            // The scene has changed since; its newer state gets its own chance.
            Job::Plan(generation) | Job::Solve { generation, .. } if generation != self.generation => {}
            // The classical experts go on without it.
            Job::Step(_) | Job::Card | Job::Listen { .. } | Job::Run(_) => self.silence(reason),
            Job::Plan(_) | Job::Solve { .. } => {
                self.note(NewsKind::Refusal, reason.clone());
                self.trouble = Some(reason);
                self.paused = true;
            }
            Job::Pack(_) => self.note(NewsKind::Failure, reason),
            Job::Export(_) => {
                self.note(NewsKind::Refusal, reason.clone());
                self.trouble = Some(reason);
            }
        }
    }

    fn forward(&mut self, job: JobId, recording: String, plan: Plan, facts: ChannelFacts, effects: &mut Vec<Effect>) {
        self.held.insert(recording, plan);
        let request = Box::new(Request::Channel { facts });
        effects.push(Effect::ForwardSamples { job, lane: Lane::Solver, request });
    }

    fn take_sums(&mut self, file: FileId, sums: Checksums) {
        self.sums.insert(file, sums);
        self.show_sums();
    }

    /// Gives recordings the checksums of their files, and a notice where these are not what the metadata states.
    pub(super) fn show_sums(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.scene.sha256.is_none()) {
            let Some(sums) = self.sums.get(&entry.file) else { continue };
            entry.scene.sha256 = Some(sums.sha256.clone());
            let recording = &mut entry.scene.recording;
            recording.notices.extend(sums.notice(recording.checksum.as_ref()));
        }
    }

    /// Ends all work; what was not opened yet waits.
    pub(super) fn cancel(&mut self, effects: &mut Vec<Effect>) {
        self.jobs.clear();
        self.held.clear();
        self.listened.clear();
        self.wanted_export = None;
        self.paused = true;
        effects.extend([Lane::Recordings, Lane::Solver, Lane::Checksums, Lane::Network].map(Effect::Empty));
        for group in self.groups.iter_mut().filter(|group| group.state == GroupState::Opening) {
            group.state = GroupState::Paused;
        }
    }

    /// Takes the work up again.
    pub(super) fn resume(&mut self, effects: &mut Vec<Effect>) {
        self.changed();
        let waiting = self.groups.iter().filter(|group| group.state == GroupState::Paused);
        let ids: Vec<GroupId> = waiting.map(|group| group.id).collect();
        for id in ids {
            self.open(id, effects);
        }
    }
}
