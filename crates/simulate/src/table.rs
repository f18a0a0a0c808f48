//! Levels as a table.

use crate::{Error, SimulatedScene};

/// `receiver,lat,lon,level_dbm,sigma_db`: what each receiver's meter shows of the emission, gain
/// error included, with a stated standard deviation.
///
/// # Errors
/// Where the table cannot be written.
pub fn level_csv(scene: &SimulatedScene, sigma_db: f64) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Error::Table(error.to_string());
    writer.write_record(["receiver", "lat", "lon", "level_dbm", "sigma_db"]).map_err(failed)?;
    for receiver in &scene.receivers {
        let position = receiver.spec.position;
        let row = [
            receiver.spec.name.clone(),
            position.latitude_deg.to_string(),
            position.longitude_deg.to_string(),
            format!("{:.2}", receiver.truth.recorded_level_dbm),
            sigma_db.to_string(),
        ];
        writer.write_record(&row).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| Error::Table(error.to_string()))
}
