//! `heimdall inspect`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use heimdall_pipeline::Settings;
use heimdall_recording::Fact;
use serde::Serialize;
use serde_json::json;

use crate::facts::Typed;
use crate::print::print;
use crate::scene::{Opened, open};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What to look at.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Files of any kind that the page takes.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How it is written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    typed: Typed,
}

/// Prints what was inferred; fails where no file could be read.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut opened = open(&arguments.files, Settings::default(), &arguments.typed)?;
    opened.checksums(false)?;
    match arguments.format {
        Format::Json => print(&format!("{}\n", serde_json::to_string_pretty(&as_json(&opened))?))?,
        Format::Text => print(&as_text(&opened))?,
    }
    let scene = &opened.scene;
    let nothing = scene.recordings.is_empty() && scene.receivers.is_empty() && scene.reports.is_empty();
    Ok(if nothing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn as_json(opened: &Opened) -> serde_json::Value {
    let scene = &opened.scene;
    let recordings: Vec<_> = scene
        .recordings
        .iter()
        .map(|entry| {
            let mut value = json!(entry.recording);
            if let Some(object) = value.as_object_mut() {
                object.insert("power_dbfs".into(), json!(entry.survey.power_dbfs));
                object.insert("silent".into(), json!(entry.survey.silent));
                object.insert("clipped".into(), json!(entry.survey.clipped));
            }
            value
        })
        .collect();
    json!({
        "recordings": recordings,
        "receivers": scene.receivers,
        "reports": scene.reports,
        "refused": scene.refused,
    })
}

fn as_text(opened: &Opened) -> String {
    let mut lines = Vec::new();
    for entry in &opened.scene.recordings {
        let recording = &entry.recording;
        lines.push(format!("{} ({})", recording.name, recording.container));
        lines.push(row("station", &recording.station, |name| name.clone()));
        lines.push(row("sample rate", &recording.sample_rate_hz, |hz| format!("{hz:.4} Hz")));
        lines.push(row("start", &recording.start_time_unix_ns, |ns| format!("{ns} ns since 1970")));
        lines.push(row("frequency", &recording.center_frequency_hz, |hz| format!("{hz} Hz")));
        lines.push(row("position", &recording.position, |p| format!("{} {}", p.latitude_deg, p.longitude_deg)));
        lines.push(format!("  {:<12} {} complex", "samples", recording.sample_count));
        lines.push(format!("  {:<12} {}: {}", "clock", word(&recording.time_grade), recording.time_reason));
        lines.extend(recording.questions.iter().map(|question| format!("  {:<12} {}", "asks for", word(question))));
        lines.extend(recording.notices.iter().map(|notice| format!("  {:<12} {notice}", "note")));
    }
    let scene = &opened.scene;
    lines.extend(
        scene
            .receivers
            .iter()
            .map(|row| format!("receiver {} {} {}", row.name, row.position.latitude_deg, row.position.longitude_deg)),
    );
    lines.extend(scene.reports.iter().map(|row| format!("report of {}", row.receiver)));
    lines.extend(scene.refused.iter().map(|refusal| format!("refused {}: {}", refusal.name, refusal.reason)));
    lines.join("\n") + "\n"
}

fn row<T>(name: &str, fact: &Option<Fact<T>>, show: impl Fn(&T) -> String) -> String {
    let known = fact.as_ref().map(|fact| format!("{} (from {})", show(&fact.value), word(&fact.origin)));
    format!("  {name:<12} {}", known.unwrap_or_else(|| "not known".into()))
}

/// A serialised enum's word, spaces for underscores.
fn word(value: &impl Serialize) -> String {
    let text = serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned));
    text.unwrap_or_default().replace('_', " ")
}
