//! What is different in a version: short sentences, from two cards and two configurations.

use std::collections::{BTreeMap, BTreeSet};

use heimdall_model::{Estimate, MetricsCard, ModelCard};
use heimdall_page::format;

/// Names that a sentence lists before it only counts.
const LISTED: usize = 3;

/// The version that another is compared with: the one it was tuned from, else the one published before it.
pub fn predecessor<'a>(versions: &'a [String], version: &str, parent: Option<&str>) -> Option<&'a str> {
    let before = || {
        let place = versions.iter().position(|listed| listed == version)?;
        versions.get(place.checked_sub(1)?)
    };
    let parent = versions.iter().find(|listed| parent == Some(listed.as_str()));
    parent.or_else(before).map(String::as_str)
}

/// What `newer` learned from, is and does that `older` did otherwise.
pub fn changes(older: &ModelCard, newer: &ModelCard) -> Vec<String> {
    let mut sentences = sessions(older, newer);
    sentences.extend(worlds(older, newer));
    if older.feature_hash != newer.feature_hash {
        sentences.push("Its input is made with other settings or for other receivers.".to_owned());
    }
    if older.size != newer.size {
        sentences.push(format!("Size {} instead of {}.", newer.size, older.size));
    }
    if older.parameters != newer.parameters {
        let millions = |card: &ModelCard| format::number(card.parameters as f64 / 1e6, 2);
        sentences.push(format!("{} M parameters instead of {} M.", millions(newer), millions(older)));
    }
    sentences.extend(metrics(older, newer));
    sentences
}

/// Settings of `config.yaml` that differ.
pub fn config_changes(older: &str, newer: &str) -> Vec<String> {
    let (older, newer) = (settings(older), settings(newer));
    let keys: BTreeSet<&String> = older.keys().chain(newer.keys()).collect();
    let sentence = |key: &String| match (older.get(key), newer.get(key)) {
        (Some(before), Some(now)) if before == now => None,
        (Some(before), Some(now)) => Some(format!("Configuration: {key} is {now} instead of {before}.")),
        (None, Some(now)) => Some(format!("Configuration: {key} is new, {now}.")),
        (Some(before), None) => Some(format!("Configuration: {key} is gone, it was {before}.")),
        (None, None) => None,
    };
    keys.into_iter().filter_map(sentence).collect()
}

fn sessions(older: &ModelCard, newer: &ModelCard) -> Vec<String> {
    let sentence = |of: &ModelCard, other: &ModelCard, what: &str| {
        let only: Vec<&str> =
            of.sessions.iter().filter(|id| !other.sessions.contains(id)).map(String::as_str).collect();
        let noun = if only.len() == 1 { "session" } else { "sessions" };
        (!only.is_empty()).then(|| format!("{} {noun} {what}: {}.", only.len(), listed(&only)))
    };
    [sentence(newer, older, "added"), sentence(older, newer, "no longer learned from")].into_iter().flatten().collect()
}

/// "a, b, c and 4 more".
fn listed(names: &[&str]) -> String {
    let shown = names.get(..LISTED.min(names.len())).unwrap_or_default().join(", ");
    if names.len() > LISTED { format!("{shown} and {} more", names.len() - LISTED) } else { shown }
}

fn worlds(older: &ModelCard, newer: &ModelCard) -> Vec<String> {
    let mut sentences = Vec::new();
    for world in &newer.worlds {
        let name = &world.name;
        match older.worlds.iter().find(|before| before.name == *name) {
            None => sentences.push(format!("{} scenes of “{name}”, which is new.", world.scenes)),
            Some(before) if before.scenes != world.scenes => {
                sentences.push(format!("{} scenes of “{name}” instead of {}.", world.scenes, before.scenes));
            }
            Some(before) if before.seeds != world.seeds => {
                sentences.push(format!("Other draws of “{name}”: its seeds differ."));
            }
            Some(_) => {}
        }
    }
    let gone = older.worlds.iter().filter(|before| newer.worlds.iter().all(|world| world.name != before.name));
    sentences.extend(gone.map(|world| format!("No scenes of “{}”, it had {}.", world.name, world.scenes)));
    sentences
}

fn metrics(older: &ModelCard, newer: &ModelCard) -> Vec<String> {
    let mut sentences = Vec::new();
    for now in &newer.metrics {
        let same = |before: &&MetricsCard| before.method == now.method && before.world == now.world;
        let Some(before) = older.metrics.iter().find(same) else { continue };
        let told = [
            error("RMSE", before.rmse_m, now.rmse_m),
            error("median error", before.median_m, now.median_m),
            coverage(68, before.coverage_68, now.coverage_68),
            coverage(95, before.coverage_95, now.coverage_95),
            (before.scenes != now.scenes)
                .then(|| format!("tested on {} held-out scenes instead of {}.", now.scenes, before.scenes)),
        ];
        sentences.extend(told.into_iter().flatten().map(|told| format!("{}: {told}", capital(&now.method))));
    }
    if sentences.is_empty() && !newer.metrics.is_empty() && older.metrics != newer.metrics {
        sentences.push("They were tested in different worlds: their errors do not compare.".to_owned());
    }
    sentences
}

/// With its first letter large.
fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn error(name: &str, before: Estimate, now: Estimate) -> Option<String> {
    let (old, new) = (format::distance(before.value), format::distance(now.value));
    if old == new {
        return None;
    }
    let percent = 100.0 * (now.value / before.value - 1.0);
    let sign = if percent > 0.0 { "+" } else { "" };
    let change = format!("{name} {new} instead of {old} ({sign}{} %)", format::number(percent, 0));
    // As a difference it may still be more than chance: the scenes are the same. Said so that nobody reads too much.
    let overlap = now.low <= before.high && before.low <= now.high;
    Some(if overlap { format!("{change}; their 95 % intervals overlap.") } else { format!("{change}.") })
}

fn coverage(percent: u32, before: Option<Estimate>, now: Option<Estimate>) -> Option<String> {
    let shown = |share: Estimate| format::number(100.0 * share.value, 1);
    let (old, new) = (shown(before?), shown(now?));
    (old != new).then(|| format!("{percent} % regions hold {new} % instead of {old} %."))
}

/// Values by their path, such as `network.size`; the trainer writes plain nested maps.
fn settings(yaml: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut path: Vec<(usize, &str)> = Vec::new();
    for line in yaml.lines() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        while path.last().is_some_and(|(outer, _)| *outer >= indent) {
            path.pop();
        }
        let (key, value) = text.split_once(':').map_or((text, ""), |(key, value)| (key, value.trim()));
        path.push((indent, key));
        if !value.is_empty() {
            let keys: Vec<&str> = path.iter().map(|(_, key)| *key).collect();
            found.insert(keys.join("."), value.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use heimdall_model::{Constellation, FeatureSettings, Site, WorldCard};
    use heimdall_recording::Position;

    use super::*;

    fn card(version: &str) -> ModelCard {
        let site = |name: &str, latitude_deg| Site {
            name: name.into(),
            position: Position { latitude_deg, longitude_deg: 8.0 },
        };
        let two = Constellation::new("two".into(), vec![site("a", 45.0), site("b", 46.0)]).unwrap();
        let mut card = ModelCard::draft("localizer", two, FeatureSettings::default()).unwrap();
        card.version = version.into();
        card.size = "atto".into();
        card.parameters = 3_812_799;
        card
    }

    fn world(scenes: u64) -> WorldCard {
        WorldCard { name: "hills".into(), seeds: vec![1], scenes, block_m: 5e3, remark: String::new() }
    }

    fn metrics_of(rmse_m: f64, world: &str) -> MetricsCard {
        let estimate = |value: f64| Estimate { value, low: 0.9 * value, high: 1.1 * value };
        MetricsCard {
            method: "network".into(),
            world: world.into(),
            scenes: 400,
            mean_m: estimate(3e3),
            median_m: estimate(2e3),
            rmse_m: estimate(rmse_m),
            p90_m: estimate(6e3),
            coverage_68: Some(estimate(0.68)),
            coverage_95: None,
        }
    }

    #[test]
    fn equal_cards_have_no_changes() {
        assert!(changes(&card("v1.0.0"), &card("v1.1.0")).is_empty());
    }

    #[test]
    fn sessions_and_scenes_that_came_and_went_are_told() {
        let (mut older, mut newer) = (card("v1.0.0"), card("v1.1.0"));
        older.sessions = vec!["s0".into(), "s1".into()];
        newer.sessions = ["s1", "s2", "s3", "s4", "s5"].map(String::from).into();
        older.worlds = vec![world(8000)];
        newer.worlds = vec![world(12_000), WorldCard { name: "plain".into(), ..world(60) }];
        let told = changes(&older, &newer);
        assert_eq!(
            told,
            [
                "4 sessions added: s2, s3, s4 and 1 more.",
                "1 session no longer learned from: s0.",
                "12000 scenes of “hills” instead of 8000.",
                "60 scenes of “plain”, which is new.",
            ]
        );
    }

    #[test]
    fn a_better_error_is_told_with_what_chance_may_do() {
        let (mut older, mut newer) = (card("v1.0.0"), card("v1.1.0"));
        newer.size = "femto".into();
        older.metrics = vec![metrics_of(4000.0, "hills")];
        newer.metrics = vec![metrics_of(3000.0, "hills")];
        assert_eq!(
            changes(&older, &newer),
            ["Size femto instead of atto.", "Network: RMSE 3.00 km instead of 4.00 km (−25 %)."]
        );
        newer.metrics = vec![metrics_of(3800.0, "hills")];
        assert!(changes(&older, &newer)[1].ends_with("(−5 %); their 95 % intervals overlap."));
        newer.metrics = vec![metrics_of(3000.0, "plain")];
        assert!(changes(&older, &newer)[1].contains("do not compare"));
    }

    #[test]
    fn settings_are_compared_by_their_path() {
        let older = "seed: 1\nnetwork:\n  size: atto\n  cells: 128\nepochs: 3\n";
        let newer = "seed: 1\nnetwork:\n  size: femto\nepochs: 3\naugmentation:\n  noise: 0.1\n";
        assert_eq!(
            config_changes(older, newer),
            [
                "Configuration: augmentation.noise is new, 0.1.",
                "Configuration: network.cells is gone, it was 128.",
                "Configuration: network.size is femto instead of atto.",
            ]
        );
    }

    #[test]
    fn a_version_is_compared_with_its_parent_or_the_one_before() {
        let versions = ["v1.0.0", "v1.1.0", "v1.2.0"].map(String::from);
        assert_eq!(predecessor(&versions, "v1.2.0", Some("v1.0.0")), Some("v1.0.0"));
        assert_eq!(predecessor(&versions, "v1.2.0", Some("v0.9.0")), Some("v1.1.0"));
        assert_eq!(predecessor(&versions, "v1.0.0", None), None);
    }
}
