//! `heimdall evaluate`: accuracy and coverage on scenes whose truth is known.
//!
//! Every study draws its scenes from a seed, counts all of them and prints the figure beside what it should be.

mod chan_ho;
mod draw;
mod efficiency;
mod iq;
mod levels;
mod measured;
mod reference;
mod score;
pub(crate) mod world;

use std::process::ExitCode;

use clap::ValueEnum;

use crate::parallel;

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Study {
    /// Position error of TDoA from IQ against its Cramér–Rao bound, no bias.
    Efficiency,
    /// Coverage of the regions, TDoA from IQ with bias.
    TdoaIq,
    /// Coverage, TDoA drawn at the level of measured lags, and with the bias off by a factor of 2.
    TdoaMeasured,
    /// Coverage, levels only, with shadowing off by a factor of 2, and in a world of another law.
    Level,
    /// Errors and coverage with clocks aligned on a reference transmitter, beside the same scenes with satellite clocks.
    Reference,
    /// The sensors of Chan & Ho (1994).
    ChanHo,
}

/// What to measure.
#[derive(clap::Args)]
#[command(subcommand_precedence_over_arg = true, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    table: Option<Table>,
    /// Studies; all when none is named.
    #[arg(value_enum)]
    studies: Vec<Study>,
    /// Scenes per study instead of each study's own number.
    #[arg(long)]
    scenes: Option<usize>,
    /// Everything random follows from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Tables of methods side by side.
#[derive(clap::Subcommand)]
enum Table {
    /// Every method on the same scenes of a committed world.
    World(world::Arguments),
}

/// A figure and what it should be.
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) value: String,
    pub(crate) wanted: String,
    /// Absent where the figure is only printed.
    pub(crate) reached: Option<bool>,
}

impl Figure {
    pub(crate) fn print(&self) -> std::io::Result<()> {
        let mark = match self.reached {
            Some(true) => "reached",
            Some(false) => "MISSED",
            None => "printed",
        };
        let line = format!("{:<72} {:>24}   {:<18} {mark}\n", self.what, self.value, self.wanted);
        crate::print::print(&line)
    }
}

/// Runs the studies; fails where a figure is missed.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if let Some(Table::World(arguments)) = &arguments.table {
        return world::run(arguments);
    }
    let all = [Study::ChanHo, Study::Level, Study::TdoaMeasured, Study::Efficiency, Study::TdoaIq, Study::Reference];
    let studies = if arguments.studies.is_empty() { &all[..] } else { &arguments.studies };
    let mut missed = 0;
    for study in studies {
        let scenes = |standard: usize| arguments.scenes.unwrap_or(standard);
        let figures = match study {
            Study::Efficiency => efficiency::study(scenes(1000), arguments.seed)?,
            Study::TdoaIq => iq::study(scenes(2000), arguments.seed)?,
            Study::TdoaMeasured => measured::study(scenes(2000), arguments.seed),
            Study::Level => levels::study(scenes(2000), arguments.seed),
            Study::Reference => reference::study(scenes(200), arguments.seed)?,
            Study::ChanHo => chan_ho::study(scenes(1000), arguments.seed),
        };
        for figure in figures {
            figure.print()?;
            missed += usize::from(figure.reached == Some(false));
        }
    }
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::from(3) })
}
