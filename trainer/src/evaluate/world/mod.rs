//! `heimdall evaluate world`: every method on the same scenes of a committed world, pooled over its realisations.

mod estimate;
mod map;
mod methods;
mod model;
#[cfg(feature = "models")]
mod network;
mod plots;
mod simple;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use heimdall_simulate::world::{Fields, Observation, Split, World};
use rand::Rng;
use serde::Serialize;

use super::{draw, parallel};
use crate::worlds;
use methods::{Fitted, Method};
use table::{Placed, Row};

/// What to evaluate.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The world's file.
    world: PathBuf,
    /// The first so many of the world's realisations; all without.
    #[arg(long)]
    seeds: Option<usize>,
    /// Test scenes of each realisation instead of the world's own number.
    #[arg(long)]
    scenes: Option<usize>,
    /// Take this many receivers, at random, from each test scene.
    #[arg(long, default_value_t = 0)]
    missing: usize,
    /// Folder with a published network for each realisation, `seed-1` and so on.
    #[cfg(feature = "models")]
    #[arg(long)]
    networks: Option<PathBuf>,
    /// Draw reliability and error maps into this folder, as SVG.
    #[arg(long)]
    plots: Option<PathBuf>,
    /// Write the table as JSON as well.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// The JSON table.
#[derive(Serialize)]
struct Table<'a> {
    world: &'a str,
    seeds: &'a [u64],
    scenes_per_seed: usize,
    missing: usize,
    rows: &'a [Row],
}

/// A realisation's settings and each method's scores.
type Realised = (String, Vec<(&'static str, Vec<Placed>)>);

/// Prints the table.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let world = worlds::load(&arguments.world)?;
    anyhow::ensure!(
        arguments.missing < world.constellation.len(),
        "--missing {} leaves none of the world's {} receivers",
        arguments.missing,
        world.constellation.len()
    );
    for (flag, count) in [("--scenes", arguments.scenes), ("--seeds", arguments.seeds)] {
        anyhow::ensure!(count != Some(0), "{flag} 0 leaves nothing to measure: name at least 1");
    }
    let seeds = arguments.seeds.unwrap_or(world.seeds.len());
    let seeds = world.seeds.get(..seeds).with_context(|| format!("the world has only {} seeds", world.seeds.len()))?;
    let scenes = arguments.scenes.unwrap_or(world.scenes.test);
    let realised = parallel::map(seeds.len(), |index| {
        seeds.get(index).map_or_else(|| Ok(Realised::default()), |seed| realise(&world, *seed, scenes, arguments))
    });
    let realised = realised.into_iter().collect::<anyhow::Result<Vec<Realised>>>()?;
    let (mut rows, mut pooled) = (Vec::new(), Vec::new());
    let names = realised.first().map_or(&[][..], |(_, methods)| methods);
    for (index, (name, _)) in names.iter().enumerate() {
        let scores = realised.iter().filter_map(|(_, methods)| methods.get(index));
        let placed: Vec<Placed> = scores.flat_map(|(_, placed)| placed.iter().copied()).collect();
        rows.push(table::row(&world.name, name, &placed, 1));
        pooled.push((*name, placed));
    }
    let blocks_km = world.blocks.side_m / 1e3;
    crate::print::print(&format!(
        "{}: {} realisations with {scenes} test scenes each in held-out blocks of {blocks_km} km\n\n{}\n",
        world.name,
        seeds.len(),
        table::markdown(&rows)
    ))?;
    for (seed, (settings, _)) in seeds.iter().zip(&realised) {
        crate::print::print(&format!("seed {seed}: {settings}\n"))?;
    }
    if let Some(folder) = &arguments.plots {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        plots::reliability(&folder.join("reliability.svg"), &world.name, &pooled)?;
        for (name, placed) in pooled.iter().filter(|(name, _)| plots::MAPPED.contains(name)) {
            let file = format!("errors-{}.svg", name.replace([' ', ','], "-"));
            plots::error_map(&folder.join(file), &format!("{}: {name}", world.name), &world, placed)?;
        }
    }
    if let Some(path) = &arguments.json {
        let missing = arguments.missing;
        let table = Table { world: &world.name, seeds, scenes_per_seed: scenes, missing, rows: &rows };
        std::fs::write(path, serde_json::to_vec_pretty(&table)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Fits and scores all methods in one realisation.
fn realise(world: &World, seed: u64, scenes: usize, arguments: &Arguments) -> anyhow::Result<Realised> {
    let fields = Fields::new(world, seed)?;
    let fitted = Fitted::new(&fields);
    let test: Vec<Observation> =
        (0..scenes).map(|index| without(fields.observe(Split::Test, index), seed, index, arguments.missing)).collect();
    let score = |method: Method| {
        let placed = test.iter().map(|scene| ((seed, scene.truth.block), method.score(scene))).collect();
        (method.name, placed)
    };
    #[cfg_attr(not(feature = "models"), expect(unused_mut, reason = "networks add to it"))]
    let mut scored: Vec<(&'static str, Vec<Placed>)> = fitted.methods().into_iter().map(score).collect();
    #[cfg_attr(not(feature = "models"), expect(unused_mut, reason = "networks add to it"))]
    let mut settings = fitted.settings.clone();
    #[cfg(feature = "models")]
    if let Some(folder) = &arguments.networks {
        let folder = folder.join(format!("seed-{seed}"));
        let network = network::Network::read(&folder, &fields, fitted.validation(), &test)?;
        let (share, methods) = fitted.with_network(&network);
        settings += &format!(", classical expert beside the network: {share}");
        scored.extend(methods.into_iter().map(score));
    }
    Ok((settings, scored))
}

/// The observation with `missing` random receivers taken away.
fn without(mut observation: Observation, seed: u64, index: usize, missing: usize) -> Observation {
    let mut rng = draw::generator(seed, 91, index);
    let mut left: Vec<usize> = (0..observation.level_dbm.len()).collect();
    for _ in 0..missing.min(left.len()) {
        let receiver = left.swap_remove(rng.random_range(0..left.len()));
        if let Some(level) = observation.level_dbm.get_mut(receiver) {
            *level = None;
        }
        if let Some(arrival) = observation.arrival.get_mut(receiver) {
            *arrival = None;
        }
    }
    observation
}
