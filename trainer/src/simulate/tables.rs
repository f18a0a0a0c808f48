//! Scenes as tables of measurements.

use std::ops::Range;

use anyhow::Context;
use heimdall_simulate::NamedBytes;
use heimdall_simulate::world::{Fields, Split};

/// `NAME.csv`, a row for each scene and receiver that heard it, with the columns of a table of levels and the time of
/// arrival where the receiver shares a clock; `NAME-truth.csv`, a row for each scene.
pub(super) fn files(
    fields: &Fields,
    split: Split,
    scenes: Range<usize>,
    name: &str,
) -> anyhow::Result<[NamedBytes; 2]> {
    let world = fields.world();
    let mut measured = csv::Writer::from_writer(Vec::new());
    let mut truths = csv::Writer::from_writer(Vec::new());
    let header = ["scene", "receiver", "lat", "lon", "level_dbm", "sigma_db", "arrival_s", "arrival_sigma_s"];
    measured.write_record(header)?;
    truths.write_record(["scene", "lat", "lon", "east_m", "north_m", "power_dbm", "emitted_s", "seed", "synthetic"])?;
    let plane = world.plane();
    for index in scenes {
        let observation = fields.observe(split, index);
        let truth = observation.truth;
        let receivers = world.constellation.iter().zip(observation.level_dbm).zip(observation.arrival);
        for ((station, level_dbm), arrival) in receivers {
            let Some(level_dbm) = level_dbm else { continue };
            // A tenth of a nanosecond: 3 cm.
            let [time, sigma] = arrival.map_or_else(Default::default, |arrival| {
                [format!("{:.10}", arrival.time_s), format!("{:e}", arrival.thermal_s)]
            });
            measured.write_record([
                index.to_string(),
                station.name.clone(),
                station.position.latitude_deg.to_string(),
                station.position.longitude_deg.to_string(),
                format!("{level_dbm:.4}"),
                world.level_noise_db.to_string(),
                time,
                sigma,
            ])?;
        }
        let position = plane.position(truth.east_north_m);
        let [east, north] = truth.east_north_m;
        truths.write_record([
            index.to_string(),
            format!("{:.7}", position.latitude_deg),
            format!("{:.7}", position.longitude_deg),
            format!("{east:.2}"),
            format!("{north:.2}"),
            format!("{:.4}", truth.power_dbm),
            format!("{:.10}", truth.emitted_s),
            fields.seed().to_string(),
            "true".to_owned(),
        ])?;
    }
    let bytes = |writer: csv::Writer<Vec<u8>>| writer.into_inner().context("the table cannot be written");
    Ok([
        NamedBytes { name: format!("{name}.csv"), bytes: bytes(measured)? },
        NamedBytes { name: format!("{name}-truth.csv"), bytes: bytes(truths)? },
    ])
}
