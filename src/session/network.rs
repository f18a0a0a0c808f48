//! A network beside the classical experts: is there one for these receivers, what is it to hear, what did it say.
//!
//! The classical answer never waits for it. Its own comes as a second solution of the same scene.

use heimdall_pipeline::network::{
    HeardFacts, NetworkAnswer, NetworkInput, NetworkName, NetworkPlan, NetworkRequest, NetworkStep,
};

use super::jobs::Job;
use super::{Effect, JobId, Lane, Session};
use crate::protocol::Request;

impl Session {
    fn network_is_on(&self) -> bool {
        !self.settings.experts_off.iter().any(|off| off == "neural")
    }

    /// Asks what to do next, once for each change of the scene and again when a card has come; true while that is
    /// under way.
    pub(super) fn step_about_network(&mut self, effects: &mut Vec<Effect>) -> bool {
        let Some(index) = self.models.clone() else { return false };
        if !self.network_is_on() || self.entries.is_empty() || self.stepped_generation == self.generation {
            return false;
        }
        let request = Request::Step { scene: self.scene(), index, card: self.card.clone() };
        self.stepped_generation = self.generation;
        self.submit(Job::Step(self.generation), Lane::Solver, request, Vec::new(), effects);
        true
    }

    pub(super) fn take_step(&mut self, generation: u64, step: NetworkStep, effects: &mut Vec<Effect>) {
        if generation != self.generation {
            return;
        }
        self.network_plan = None;
        match step {
            NetworkStep::Silent { name, reason } => self.set_network(NetworkInput::Silent { name, reason }),
            NetworkStep::Fetch(folder) => {
                self.set_network(NetworkInput::Unasked);
                if !self.jobs.values().any(|job| *job == Job::Card) {
                    let job = self.fresh_id();
                    self.jobs.insert(job, Job::Card);
                    effects.push(Effect::FetchCard { job, folder });
                }
            }
            NetworkStep::Listen(plan) => {
                // Another setting of the classical experts changes nothing of what the network said.
                if self.answered.as_ref() != Some(&plan) {
                    self.set_network(NetworkInput::Unasked);
                }
                self.network_plan = Some(plan);
            }
        }
    }

    /// A card has come: with it the next step is another one.
    pub(super) fn take_card(&mut self, card: heimdall_pipeline::network::CardText) {
        self.card = Some(card);
        self.stepped_generation = self.generation.wrapping_sub(1);
    }

    /// Lets the recordings be heard, and then the network run.
    pub(super) fn ask_network(&mut self, effects: &mut Vec<Effect>) {
        let Some(plan) = self.network_plan.clone().filter(|_| self.network_is_on()) else { return };
        let running = self.jobs.values().any(|job| matches!(job, Job::Run(_)));
        if self.answered.as_ref() == Some(&plan) || self.listen_missing(&plan, effects) || running {
            return;
        }
        let Some(card) = self.card.clone() else { return };
        let request = Request::Network(NetworkRequest::Run { card, plan: plan.clone() });
        self.submit(Job::Run(Box::new(plan)), Lane::Network, request, Vec::new(), effects);
    }

    fn listen_missing(&mut self, plan: &NetworkPlan, effects: &mut Vec<Effect>) -> bool {
        let mut missing = false;
        for id in plan.recordings() {
            if self.listened.get(id).is_some_and(|heard| heard.same_samples(plan)) {
                continue;
            }
            missing = true;
            let under_way = |job: &Job| matches!(job, Job::Listen { id: other, .. } if other == id);
            let entry = self.entries.iter().find(|entry| entry.scene.id == id);
            let Some(entry) = entry.filter(|_| !self.jobs.values().any(under_way)) else { continue };
            let (file, recording) = (entry.file, Box::new(entry.scene.clone()));
            let plan = Box::new(plan.clone());
            let job = Job::Listen { id: id.to_owned(), plan: plan.clone() };
            self.submit(job, Lane::Recordings, Request::Listen { recording, plan }, vec![file], effects);
        }
        missing
    }

    pub(super) fn forward_heard(
        &mut self,
        job: JobId,
        recording: String,
        plan: NetworkPlan,
        facts: HeardFacts,
        effects: &mut Vec<Effect>,
    ) {
        self.listened.insert(recording, plan);
        let request = Box::new(Request::Network(NetworkRequest::Heard { facts }));
        effects.push(Effect::ForwardSamples { job, lane: Lane::Network, request });
    }

    pub(super) fn take_answer(&mut self, plan: NetworkPlan, answer: Box<NetworkAnswer>) {
        if self.network_plan.as_ref() == Some(&plan) {
            self.answered = Some(plan);
            self.set_network(NetworkInput::Answered(answer));
        }
    }

    /// It could not be fetched or run: said, and not tried again before something changes.
    pub(super) fn silence(&mut self, reason: String) {
        let name: Option<NetworkName> = self.network_plan.take().map(|plan| plan.name);
        self.set_network(NetworkInput::Silent { name, reason });
    }

    fn set_network(&mut self, network: NetworkInput) {
        if !matches!(network, NetworkInput::Answered(_)) {
            self.answered = None;
        }
        if network != self.network {
            self.network = network;
            self.network_revision += 1;
        }
    }
}
