//! A network beside the classical experts, with workers and host played by hand.

use heimdall_pipeline::network::{CardText, Errand, NetworkName, NetworkNews, NetworkRequest, NetworkStep};

use super::*;

fn name() -> NetworkName {
    NetworkName { model: "north".to_owned(), version: "v1.0.0".to_owned() }
}

/// The plan holds who listens, so that with another receiver it is another.
fn errand(recordings: &[&str]) -> Errand {
    Errand {
        name: name(),
        recordings: recordings.iter().map(|id| (*id).to_owned()).collect(),
        samples: "192 kHz".to_owned(),
        plan: format!("{recordings:?}"),
    }
}

fn answer() -> Reply {
    Reply::Answered("where".to_owned())
}

/// Up to the question what to do about a network.
fn stepping() -> (Session, JobId) {
    let (mut session, planning) = opened();
    session.handle(Event::Models("the list".to_owned()));
    let plan = plan(&["a.wav", "b.wav"], 77.5e3);
    let extracting = jobs(&session.handle(Event::Replied(planning, Reply::Planned(Some(plan.clone())))));
    let mut last = Vec::new();
    for ((job, _), id) in extracting.into_iter().zip(["a.wav", "b.wav"]) {
        last = session.handle(Event::Replied(job, Reply::Extracted(facts(id, &plan))));
    }
    let (step, request) = job(&last);
    assert!(matches!(request, Request::Step { card: None, .. }), "{request:?}");
    (session, step)
}

/// The scene of the one solution asked for.
fn solving(effects: &[Effect]) -> (JobId, NetworkNews) {
    let found = jobs(effects).into_iter().find_map(|(job, request)| match request {
        Request::Solve { network, .. } => Some((job, network)),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no solution is asked for: {effects:?}"))
}

fn listening(effects: &[Effect]) -> Vec<JobId> {
    let listens = |(job, request): (JobId, Request)| matches!(request, Request::Listen { .. }).then_some(job);
    jobs(effects).into_iter().filter_map(listens).collect()
}

/// Up to the network's run; the classical answer is there.
fn running() -> (Session, JobId) {
    let (mut session, step) = stepping();
    let effects = session.handle(Event::Replied(step, Reply::Stepped(NetworkStep::Fetch("north/v1.0.0".to_owned()))));
    let (solve, network) = solving(&effects);
    assert_eq!(network, NetworkNews::Unasked, "the classical answer does not wait");
    let Some(Effect::FetchCard { job: card, folder }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(folder, "north/v1.0.0");
    let text = CardText { folder: folder.clone(), json: "{}".to_owned() };
    assert!(jobs(&session.handle(Event::Replied(*card, Reply::Card(text)))).is_empty(), "the solver is busy");
    let (step, request) = job(&session.handle(Event::Replied(solve, Reply::Solved(Box::new(report())))));
    assert!(matches!(request, Request::Step { card: Some(_), .. }));
    let listen = NetworkStep::Listen(errand(&["a.wav", "b.wav"]));
    let effects = session.handle(Event::Replied(step, Reply::Stepped(listen)));
    let listens = listening(&effects);
    assert_eq!(listens.len(), 2);
    let mut last = Vec::new();
    for job in listens {
        last = session.handle(Event::Replied(job, Reply::Listened("facts".to_owned())));
        let forwarded = |effect: &Effect| matches!(effect, Effect::ForwardSamples { lane: Lane::Network, .. });
        assert!(last.iter().any(forwarded));
    }
    let runs = |(job, request): (JobId, Request)| {
        matches!(request, Request::Network(NetworkRequest::Run { .. })).then_some(job)
    };
    let run = jobs(&last).into_iter().find_map(runs).unwrap();
    (session, run)
}

#[test]
fn a_network_is_asked_after_the_classical_answer_and_makes_a_second_one() {
    let (mut session, run) = running();
    assert!(session.activity().is_some_and(|activity| activity.background));
    let (solve, network) = solving(&session.handle(Event::Replied(run, answer())));
    assert!(matches!(network, NetworkNews::Answered(_)));
    let effects = session.handle(Event::Replied(solve, Reply::Solved(Box::new(report()))));
    assert!(!jobs(&effects).iter().any(|(_, request)| matches!(request, Request::Solve { .. } | Request::Network(_))));
}

#[test]
fn another_setting_of_the_classical_experts_keeps_the_networks_answer() {
    let (mut session, run) = running();
    let (solve, _) = solving(&session.handle(Event::Replied(run, answer())));
    session.handle(Event::Replied(solve, Reply::Solved(Box::new(report()))));
    let settings = Settings { bias_sigma_s: Some(1e-6), ..Settings::default() };
    let planning = jobs(&session.handle(Event::Set(settings)))[0].0;
    let grid = plan(&["a.wav", "b.wav"], 77.5e3);
    let (step, _) = job(&session.handle(Event::Replied(planning, Reply::Planned(Some(grid)))));
    let listen = NetworkStep::Listen(errand(&["a.wav", "b.wav"]));
    let effects = session.handle(Event::Replied(step, Reply::Stepped(listen)));
    assert!(matches!(solving(&effects).1, NetworkNews::Answered(_)));
    assert!(listening(&effects).is_empty());
}

#[test]
fn a_receiver_less_asks_the_network_again_without_listening_again() {
    let (mut session, run) = running();
    let (solve, _) = solving(&session.handle(Event::Replied(run, answer())));
    session.handle(Event::Replied(solve, Reply::Solved(Box::new(report()))));
    let planning = jobs(&session.handle(Event::Switched("a.wav".to_owned(), false)))[0].0;
    let grid = plan(&["a.wav", "b.wav"], 77.5e3);
    let (step, _) = job(&session.handle(Event::Replied(planning, Reply::Planned(Some(grid)))));
    let listen = NetworkStep::Listen(errand(&["b.wav"]));
    let (solve, network) = solving(&session.handle(Event::Replied(step, Reply::Stepped(listen))));
    assert_eq!(network, NetworkNews::Unasked);
    let effects = session.handle(Event::Replied(solve, Reply::Solved(Box::new(report()))));
    assert!(listening(&effects).is_empty());
    let asked = |(_, request): &(JobId, Request)| matches!(request, Request::Network(NetworkRequest::Run { .. }));
    assert!(jobs(&effects).iter().any(asked));
}

#[test]
fn a_newer_version_makes_a_new_fix_and_until_then_the_old_one_stands() {
    let (mut session, run) = running();
    let (solve, _) = solving(&session.handle(Event::Replied(run, answer())));
    session.handle(Event::Replied(solve, Reply::Solved(Box::new(report()))));
    assert!(jobs(&session.handle(Event::Models("the list".to_owned()))).is_empty(), "nothing has changed");
    let (step, request) = job(&session.handle(Event::Models("a longer list".to_owned())));
    assert!(matches!(request, Request::Step { .. }));
    let effects = session.handle(Event::Replied(step, Reply::Stepped(NetworkStep::Fetch("north/v1.1.0".to_owned()))));
    let Some(Effect::FetchCard { job: card, folder }) = effects.first() else { panic!("{effects:?}") };
    assert!(folder == "north/v1.1.0" && effects.len() == 1, "no other solution meanwhile: {effects:?}");
    let text = CardText { folder: folder.clone(), json: "{}".to_owned() };
    let (step, _) = job(&session.handle(Event::Replied(*card, Reply::Card(text))));
    let newer = NetworkName { version: "v1.1.0".to_owned(), ..name() };
    let listen = NetworkStep::Listen(Errand { name: newer, ..errand(&["a.wav", "b.wav"]) });
    let effects = session.handle(Event::Replied(step, Reply::Stepped(listen)));
    assert!(listening(&effects).is_empty(), "what was heard serves again");
    let (run, request) = job(&effects);
    assert!(matches!(request, Request::Network(NetworkRequest::Run { .. })), "{request:?}");
    let (_, network) = solving(&session.handle(Event::Replied(run, Reply::Answered("elsewhere".to_owned()))));
    assert_eq!(network, NetworkNews::Answered("elsewhere".to_owned()));
}

#[test]
fn without_a_model_the_report_says_why_at_once() {
    let (mut session, step) = stepping();
    let silent = NetworkStep::Silent { name: None, reason: "No model for these receivers.".to_owned() };
    let (_, network) = solving(&session.handle(Event::Replied(step, Reply::Stepped(silent))));
    let expected = NetworkNews::Silent { name: None, reason: "No model for these receivers.".to_owned() };
    assert_eq!(network, expected);
}

#[test]
fn a_network_that_fails_costs_a_sentence_and_is_not_tried_again_by_itself() {
    let (mut session, run) = running();
    session.handle(Event::NetworkLost);
    let (solve, network) = solving(&session.handle(Event::Died(run, "out of memory".to_owned())));
    let NetworkNews::Silent { name: said, reason } = network else { panic!("{network:?}") };
    assert!(said == Some(name()) && reason.contains("out of memory"), "{reason}");
    assert_eq!(session.trouble, None);
    let effects = session.handle(Event::Replied(solve, Reply::Solved(Box::new(report()))));
    assert!(listening(&effects).is_empty());
}

#[test]
fn switched_off_it_is_neither_fetched_nor_asked() {
    let (mut session, planning) = opened();
    session.handle(Event::Models("the list".to_owned()));
    let settings = Settings { experts_off: vec!["neural".to_owned()], ..Settings::default() };
    session.handle(Event::Set(settings));
    let (planning, _) = job(&session.handle(Event::Replied(planning, Reply::Planned(None))));
    let solve = extracted(&mut session, planning);
    let effects = session.handle(Event::Replied(solve, Reply::Solved(Box::new(report()))));
    assert!(jobs(&effects).iter().all(|(_, request)| matches!(request, Request::Hash { .. })), "{effects:?}");
}

#[test]
fn what_is_lent_holds_the_newest_answer_or_none() {
    let (mut session, run) = running();
    assert!(session.lent().1.fix.is_some());
    let (solve, _) = solving(&session.handle(Event::Replied(run, answer())));
    assert_eq!(session.lent().1.fix, None, "the network has spoken, and its part is not in the answer yet");
    session.handle(Event::Replied(solve, Reply::Solved(Box::new(report()))));
    let (files, lent) = session.lent();
    let names: Vec<&str> = lent.recordings.iter().map(|lent| lent.recording.name.as_str()).collect();
    assert_eq!((files.as_slice(), names.as_slice()), ([1, 2].as_slice(), ["a.wav", "b.wav"].as_slice()));
    assert!(lent.fix.is_some() && lent.generation == session.generation);
}
