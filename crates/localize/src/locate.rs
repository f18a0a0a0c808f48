//! From evidence to fix.

use heimdall_recording::Position;

use crate::bearing::{BearingExpert, BearingObservation};
use crate::bound::{level_bound, tdoa_bound};
use crate::ellipse::{ellipse, gaussian_k};
use crate::geodesy::{Geodesy, LocalFrame, SPEED_OF_LIGHT_M_PER_S};
use crate::level::{LevelExpert, LevelObservation, LevelPrior};
use crate::neural::{NeuralEvidence, NeuralExpert};
use crate::posterior::{Effort, Judge};
use crate::range::RangeOrigin;
use crate::region::regions_and_modes;
use crate::tdoa::{PairLags, TdoaExpert, receiver_variances};
use crate::tempered::Tempered;
use crate::{Ellipse, Expert, Fix, Posterior, Propagation, SearchArea, verdict};

/// For a fix that is shown with its regions.
const FINE: Effort = Effort { tolerance: 5e-5, most_evaluations: 40_000 };
/// For how far a fix moves without a receiver: the same to a hundredth, in half the time.
const COARSE: Effort = Effort { tolerance: 1e-3, most_evaluations: 10_000 };

/// A receiver with a known position.
#[derive(Clone, Debug, PartialEq)]
pub struct Receiver {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub position: Position,
}

/// Everything that the experts get. Indices in observations count `receivers`.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Receivers that take part, at most 128.
    pub receivers: Vec<Receiver>,
    /// Lags of pairs whose clocks agree.
    pub pairs: Vec<PairLags>,
    /// Levels.
    pub levels: Vec<LevelObservation>,
    /// Bearings.
    pub bearings: Vec<BearingObservation>,
    /// What a localizer network says, where one fits.
    pub neural: Option<NeuralEvidence>,
    /// What is known of power, exponent and shadowing.
    pub level_prior: LevelPrior,
    /// Arrival-time bias per receiver, 1 σ, seconds.
    pub bias_sigma_s: f64,
    /// How the wave is taken to travel.
    pub propagation: Propagation,
    /// Where to look; from receivers and propagation when absent.
    pub area: Option<SearchArea>,
}

/// A fix with the posterior it was read from.
pub struct Located {
    /// What is shown.
    pub fix: Fix,
    /// The distribution.
    pub posterior: Option<Posterior>,
}

impl Evidence {
    /// The same evidence without one receiver.
    pub fn without(&self, receiver: usize) -> Self {
        let moved = |index: usize| if index > receiver { index - 1 } else { index };
        let mut rest = self.clone();
        rest.receivers.remove(receiver);
        rest.pairs.retain(|pair| pair.first != receiver && pair.second != receiver);
        for pair in &mut rest.pairs {
            (pair.first, pair.second) = (moved(pair.first), moved(pair.second));
        }
        rest.levels.retain(|level| level.receiver != receiver);
        rest.levels.iter_mut().for_each(|level| level.receiver = moved(level.receiver));
        rest.bearings.retain(|bearing| bearing.receiver != receiver);
        rest.bearings.iter_mut().for_each(|bearing| bearing.receiver = moved(bearing.receiver));
        // The network speaks only where it was asked without this receiver as well; of two missing it knows nothing.
        rest.neural = rest.neural.and_then(|neural| {
            let observation = neural.without.get(receiver)?.clone()?;
            let others = neural.receivers.into_iter().filter(|index| *index != receiver).map(moved).collect();
            Some(NeuralEvidence { observation, receivers: others, without: Vec::new(), ..neural })
        });
        rest
    }

    /// Those who have something to say. What the network has seen as well, the others say with less weight.
    fn experts(&self, area: Option<SearchArea>) -> Vec<Box<dyn Expert>> {
        let mut experts: Vec<Box<dyn Expert>> = Vec::new();
        let neural = self.neural.as_ref().and_then(|neural| {
            let mut observation = neural.observation.clone();
            // A wrong answer leaves all open that is searched: spread thinner or denser, its share would be another.
            observation.scale_m = area.map_or(observation.scale_m, |area| area.radius_m);
            let expert = NeuralExpert::new(&observation, self.receivers.len())?;
            let tempered = Tempered { expert, exponent: neural.exponent };
            Some((tempered, neural.tdoa_exponent, neural.level_exponent))
        });
        let (tdoa, level) = neural.as_ref().map_or((1.0, 1.0), |(_, tdoa, level)| (*tdoa, *level));
        if !self.pairs.is_empty() && tdoa > 0.0 {
            let expert = TdoaExpert::new(&self.pairs, self.bias_sigma_s);
            experts.push(Box::new(Tempered { expert, exponent: tdoa }));
        }
        if self.levels.len() >= 2 && level > 0.0 {
            let expert = LevelExpert::new(self.levels.clone(), self.level_prior.clone());
            experts.push(Box::new(Tempered { expert, exponent: level }));
        }
        if !self.bearings.is_empty() {
            experts.push(Box::new(BearingExpert::new(self.bearings.clone())));
        }
        if let Some((expert, ..)) = neural {
            experts.push(Box::new(expert));
        }
        experts
    }

    /// Where places are judged from: the receivers, and after them the origin of the network's plane.
    fn origins(&self) -> Vec<RangeOrigin> {
        let network = self.neural.iter().map(|neural| neural.observation.origin);
        self.receivers.iter().map(|receiver| receiver.position).chain(network).map(RangeOrigin::new).collect()
    }

    /// 95 % ellipse of the Cramér–Rao bound at `place`, from time differences where there are any, else levels.
    pub(crate) fn bound(&self, geodesy: &Geodesy, place: Position) -> Option<Ellipse> {
        let mut covariance = None;
        if self.pairs.len() >= 2 {
            let mut taking_part: Vec<usize> = self.pairs.iter().flat_map(|p| [p.first, p.second]).collect();
            taking_part.sort_unstable();
            taking_part.dedup();
            let all = receiver_variances(&self.pairs, self.bias_sigma_s);
            let positions: Vec<Position> =
                taking_part.iter().filter_map(|r| self.receivers.get(*r)).map(|r| r.position).collect();
            let variances: Vec<f64> = taking_part
                .iter()
                .filter_map(|r| all.get(*r))
                .map(|variance| variance * SPEED_OF_LIGHT_M_PER_S.powi(2))
                .collect();
            covariance = tdoa_bound(geodesy, place, &positions, &variances);
        } else if self.levels.len() >= 3 {
            let prior = &self.level_prior;
            let shadowing: f64 = prior.shadowing_db.iter().map(|(db, p)| db * p).sum();
            let positions: Vec<Position> =
                self.levels.iter().filter_map(|l| self.receivers.get(l.receiver)).map(|r| r.position).collect();
            let sigmas: Vec<f64> = self.levels.iter().map(|l| l.sigma_db.hypot(shadowing)).collect();
            covariance = level_bound(geodesy, place, &positions, &sigmas, prior.exponent_mean);
        }
        ellipse(place, covariance?, gaussian_k(0.95))
    }
}

/// Disc around the receivers, as far beyond the outermost as the wave usually reaches, but no further
/// than ten times the receivers' own extent.
pub fn search_area(geodesy: &Geodesy, receivers: &[Receiver], propagation: Propagation) -> Option<SearchArea> {
    let first = receivers.first()?;
    let frame = LocalFrame { origin: first.position };
    let places: Vec<[f64; 2]> = receivers.iter().map(|r| frame.east_north_m(geodesy, r.position)).collect();
    let count = places.len() as f64;
    let middle = [0, 1].map(|axis| places.iter().map(|place| place[axis]).sum::<f64>() / count);
    let center = frame.position(geodesy, middle);
    let extent = receivers.iter().map(|r| geodesy.distance_m(center, r.position)).fold(0.0, f64::max);
    let reach = if extent > 0.0 { propagation.reach_m().min(10.0 * extent) } else { propagation.reach_m() };
    Some(SearchArea { center, radius_m: (extent + reach).min(9_000e3) })
}

/// Where evidence is searched.
pub(crate) fn area_of(geodesy: &Geodesy, evidence: &Evidence) -> Option<SearchArea> {
    evidence.area.or_else(|| search_area(geodesy, &evidence.receivers, evidence.propagation))
}

/// The posterior of the evidence and what it says.
pub fn locate(geodesy: &Geodesy, evidence: &Evidence) -> Located {
    let area = area_of(geodesy, evidence);
    let (experts, origins) = (evidence.experts(area), evidence.origins());
    let mut fix = verdict::empty_fix(experts.iter().map(|e| e.name().to_string()).collect());
    fix.warnings = verdict::geometry_warnings(geodesy, &evidence.receivers);
    let Some(area) = area.filter(|_| !experts.is_empty()) else {
        verdict::judge_nothing(&mut fix, evidence);
        return Located { fix, posterior: None };
    };
    fix.searched_radius_m = area.radius_m;
    fix.searched_center = Some(area.center);
    let frame = LocalFrame { origin: area.center };
    let judge = Judge::new(geodesy, area, &origins, &experts);
    let Some(posterior) = Posterior::search(&judge, area, FINE) else {
        verdict::judge_nothing(&mut fix, evidence);
        return Located { fix, posterior: None };
    };
    let mean = frame.position(geodesy, posterior.mean_m());
    fix.mean = Some(mean);
    fix.mode = Some(frame.position(geodesy, posterior.mode_m(&judge)));
    (fix.regions, fix.modes) = regions_and_modes(&posterior, &judge);
    fix.ellipse_95 = posterior.ellipse(geodesy, 0.95);
    // The bound holds for what the formulas know; a network may know more.
    fix.bound_95 = evidence.bound(geodesy, mean).filter(|_| !fix.experts.iter().any(|name| name == "neural"));
    verdict::judge(&mut fix, evidence, &posterior);
    Located { fix, posterior: Some(posterior) }
}

/// Posterior mean and covariance only, for leave-one-out: a coarser search and no polygons.
pub(crate) fn locate_mean(geodesy: &Geodesy, evidence: &Evidence) -> Option<(Posterior, Position)> {
    let area = area_of(geodesy, evidence)?;
    let (experts, origins) = (evidence.experts(Some(area)), evidence.origins());
    let frame = LocalFrame { origin: area.center };
    let judge = Judge::new(geodesy, area, &origins, &experts);
    if experts.is_empty() {
        return None;
    }
    let posterior = Posterior::search(&judge, area, COARSE)?;
    let mean = frame.position(geodesy, posterior.mean_m());
    Some((posterior, mean))
}
