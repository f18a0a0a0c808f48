//! A network beside the classical experts: is there one for these receivers, what is it to hear, what did it say.
//!
//! The classical answer never waits for it. Its own comes as a second solution of the same scene.

use heimdall_pipeline::network::{CardText, Errand, NetworkNews, NetworkRequest, NetworkStep};

use super::jobs::Job;
use super::{Effect, Lane, Session};
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
        self.errand = None;
        // A newer version of the network for the same scene: the older one's answer stands until there is another.
        let stands = self.answered_generation == self.generation;
        match step {
            NetworkStep::Silent { name, reason } => self.set_network(NetworkNews::Silent { name, reason }),
            NetworkStep::Fetch(folder) => {
                if !stands {
                    self.set_network(NetworkNews::Unasked);
                }
                if !self.jobs.values().any(|job| *job == Job::Card) {
                    let job = self.fresh_id();
                    self.jobs.insert(job, Job::Card);
                    effects.push(Effect::FetchCard { job, folder });
                }
            }
            NetworkStep::Listen(errand) => {
                // Another setting of the classical experts changes nothing of what the network said.
                if !stands && self.answered.as_ref() != Some(&errand) {
                    self.set_network(NetworkNews::Unasked);
                }
                self.errand = Some(errand);
            }
        }
    }

    /// The list of models came, or changed while the page was open.
    pub(super) fn take_models(&mut self, index: String) {
        if self.models.as_ref() != Some(&index) {
            self.models = Some(index);
            self.stepped_generation = self.generation.wrapping_sub(1);
        }
    }

    /// A card has come: with it the next step is another one.
    pub(super) fn take_card(&mut self, card: CardText) {
        self.card = Some(card);
        self.stepped_generation = self.generation.wrapping_sub(1);
    }

    /// Lets the recordings be heard, and then the network run.
    pub(super) fn ask_network(&mut self, effects: &mut Vec<Effect>) {
        let Some(errand) = self.errand.clone().filter(|_| self.network_is_on()) else { return };
        let running = self.jobs.values().any(|job| matches!(job, Job::Run(_)));
        if self.answered.as_ref() == Some(&errand) || self.listen_missing(&errand, effects) || running {
            return;
        }
        let Some(card) = self.card.clone() else { return };
        let request = Request::Network(NetworkRequest::Run { card, plan: errand.plan.clone() });
        self.submit(Job::Run(Box::new(errand)), Lane::Network, request, Vec::new(), effects);
    }

    fn listen_missing(&mut self, errand: &Errand, effects: &mut Vec<Effect>) -> bool {
        let mut missing = false;
        for id in &errand.recordings {
            if self.listened.get(id) == Some(&errand.samples) {
                continue;
            }
            missing = true;
            let under_way = |job: &Job| matches!(job, Job::Listen { id: other, .. } if other == id);
            let entry = self.entries.iter().find(|entry| entry.scene.id == *id);
            let Some(entry) = entry.filter(|_| !self.jobs.values().any(under_way)) else { continue };
            let (file, recording) = (entry.file, Box::new(self.recording_of(entry)));
            let job = Job::Listen { id: id.clone(), samples: errand.samples.clone() };
            let request = Request::Listen { recording, plan: errand.plan.clone() };
            self.submit(job, Lane::Recordings, request, vec![file], effects);
        }
        missing
    }

    pub(super) fn take_answer(&mut self, errand: Errand, answer: String) {
        if self.errand.as_ref() == Some(&errand) {
            self.answered = Some(errand);
            self.answered_generation = self.generation;
            self.set_network(NetworkNews::Answered(answer));
        }
    }

    /// It could not be fetched or run: said, and not tried again before something changes.
    pub(super) fn silence(&mut self, reason: String) {
        let name = self.errand.take().map(|errand| errand.name);
        self.set_network(NetworkNews::Silent { name, reason });
    }

    fn set_network(&mut self, network: NetworkNews) {
        if !matches!(network, NetworkNews::Answered(_)) {
            self.answered = None;
        }
        if network != self.network {
            self.network = network;
            self.network_revision += 1;
        }
    }
}
