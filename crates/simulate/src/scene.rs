//! The description of a scene: everything that a simulation depends on.

use heimdall_recording::{Position, TimeGrade};
use serde::{Deserialize, Serialize};

use crate::{Error, Modulation, Propagation};

/// One emission and its receivers. The same scene always gives the same samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Everything random follows from it.
    pub seed: u64,
    /// Frequency at 0 Hz of every receiver's baseband.
    pub center_frequency_hz: f64,
    /// Time of the scene's beginning, nanoseconds since 1970-01-01 UTC.
    pub start_time_unix_ns: i64,
    /// How long each receiver records.
    pub duration_s: f64,
    /// The emission.
    pub transmitter: Transmitter,
    /// Who records it.
    pub receivers: Vec<ReceiverSpec>,
    /// What happens on the way.
    pub propagation: Propagation,
}

/// Where and what is emitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transmitter {
    /// The place to be found.
    pub position: Position,
    /// Mean power over the emission as radiated by an isotropic antenna (EIRP).
    pub power_dbm: f64,
    /// Middle of the emission relative to the receivers' centre frequency.
    #[serde(default)]
    pub frequency_offset_hz: f64,
    /// Waveform.
    pub modulation: Modulation,
}

/// How much noise a receiver adds. It is white over the receiver's sample rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// System noise figure in decibels over kT₀ with T₀ = 290 K (−173.98 dBm/Hz). Man-made noise
    /// is part of it: the figures of ITU-R P.372 are of this kind.
    FigureDb(f64),
    /// Density at the antenna terminals.
    DensityDbmPerHz(f64),
    /// Ratio of the signal's mean power to the noise in the *signal's own bandwidth*
    /// ([`Modulation::bandwidth_hz`]), not in the sample rate. The level of the signal still
    /// follows from power and propagation; the noise is what gives way.
    SnrDb(f64),
}

/// One receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReceiverSpec {
    /// Name of the station, unique in the scene.
    pub name: String,
    /// Where its antenna is.
    pub position: Position,
    /// True samples per second.
    pub sample_rate_hz: f64,
    /// What it adds.
    pub noise: Noise,
    /// Recorded levels are too high by this (signal and noise alike).
    #[serde(default)]
    pub gain_error_db: f64,
    /// The stamp of sample 0 is too late by this. Rounded to whole nanoseconds.
    #[serde(default)]
    pub clock_error_s: f64,
    /// Standard deviation of a further clock error that is drawn.
    #[serde(default)]
    pub clock_sigma_s: f64,
    /// Its oscillator runs high by this, so the emission appears too low by this part of the
    /// centre frequency. The sample rate, being stated as it truly is, is not affected.
    #[serde(default)]
    pub frequency_error_ppm: f64,
    /// Sample 0 is taken this long after the scene's beginning. An integer, so that a stamp in
    /// nanoseconds is exact.
    #[serde(default)]
    pub start_offset_ns: i64,
    /// How well the recording claims that its clock is known.
    #[serde(default = "gnss")]
    pub time_grade: TimeGrade,
    /// Shadowing instead of a drawn one, positive where the signal is stronger. For worlds that
    /// fix it in space.
    #[serde(default)]
    pub shadowing_db: Option<f64>,
    /// Excess delay instead of a drawn one.
    #[serde(default)]
    pub excess_delay_s: Option<f64>,
    /// Power of a complex tone that just fills the converter. Chosen to fit the samples where
    /// `None`.
    #[serde(default)]
    pub full_scale_dbm: Option<f64>,
}

fn gnss() -> TimeGrade {
    TimeGrade::Gnss
}

impl ReceiverSpec {
    /// A faultless receiver that starts with the scene and knows its time from satellites.
    pub fn new(name: &str, position: Position, sample_rate_hz: f64, noise: Noise) -> Self {
        Self {
            name: name.to_owned(),
            position,
            sample_rate_hz,
            noise,
            gain_error_db: 0.0,
            clock_error_s: 0.0,
            clock_sigma_s: 0.0,
            frequency_error_ppm: 0.0,
            start_offset_ns: 0,
            time_grade: TimeGrade::Gnss,
            shadowing_db: None,
            excess_delay_s: None,
            full_scale_dbm: None,
        }
    }

    /// Samples that this receiver takes in `duration_s`.
    pub(crate) fn sample_count(&self, duration_s: f64) -> usize {
        (duration_s * self.sample_rate_hz).round() as usize
    }

    /// Where the middle of the emission appears in this receiver's baseband.
    pub(crate) fn apparent_offset_hz(&self, scene: &Scene) -> f64 {
        let error_hz = scene.center_frequency_hz * self.frequency_error_ppm * 1e-6;
        scene.transmitter.frequency_offset_hz - error_hz
    }
}

/// All receivers together; 2²⁸ complex samples are 2 GiB.
const MAX_SAMPLES: f64 = 268_435_456.0;
/// Receivers may start this far from the beginning of the scene.
const MAX_OFFSET_NS: u64 = 3_600_000_000_000;

impl Scene {
    /// Checks everything that a simulation relies on.
    ///
    /// # Errors
    /// The first value that is not usable.
    pub fn validate(&self) -> Result<(), Error> {
        let whole = "the scene";
        positive(whole, "center_frequency_hz", self.center_frequency_hz)?;
        positive(whole, "duration_s", self.duration_s)?;
        on_earth("the transmitter", self.transmitter.position)?;
        finite("the transmitter", "power_dbm", self.transmitter.power_dbm)?;
        finite("the transmitter", "frequency_offset_hz", self.transmitter.frequency_offset_hz)?;
        self.transmitter.modulation.validate()?;
        self.propagation.validate()?;
        if self.receivers.is_empty() {
            return Err(Error::NoReceivers);
        }
        for (index, receiver) in self.receivers.iter().enumerate() {
            let before = self.receivers.iter().take(index);
            let name = receiver.name.trim();
            if name.is_empty() || before.into_iter().any(|other| other.name.trim() == name) {
                return Err(Error::Name { index, name: receiver.name.clone() });
            }
            self.validate_receiver(receiver)?;
        }
        let samples: f64 = self.receivers.iter().map(|receiver| receiver.sample_rate_hz * self.duration_s).sum();
        if samples > MAX_SAMPLES {
            return Err(Error::TooLong { samples, limit: MAX_SAMPLES });
        }
        Ok(())
    }

    fn validate_receiver(&self, receiver: &ReceiverSpec) -> Result<(), Error> {
        let place = format!("receiver {}", receiver.name);
        on_earth(&place, receiver.position)?;
        positive(&place, "sample_rate_hz", receiver.sample_rate_hz)?;
        let noise = match receiver.noise {
            Noise::FigureDb(value) | Noise::DensityDbmPerHz(value) | Noise::SnrDb(value) => value,
        };
        finite(&place, "noise", noise)?;
        finite(&place, "gain_error_db", receiver.gain_error_db)?;
        finite(&place, "clock_error_s", receiver.clock_error_s)?;
        not_negative(&place, "clock_sigma_s", receiver.clock_sigma_s)?;
        finite(&place, "frequency_error_ppm", receiver.frequency_error_ppm)?;
        finite(&place, "shadowing_db", receiver.shadowing_db.unwrap_or_default())?;
        finite(&place, "full_scale_dbm", receiver.full_scale_dbm.unwrap_or_default())?;
        let excess_s = receiver.excess_delay_s.unwrap_or_default();
        within(&place, "excess_delay_s", excess_s, excess_s.abs() <= 1.0, "at most a second")?;
        let offset_ns = receiver.start_offset_ns;
        let near = offset_ns.unsigned_abs() <= MAX_OFFSET_NS;
        within(&place, "start_offset_ns", offset_ns as f64, near, "within an hour of the scene")?;
        let edge_hz = receiver.apparent_offset_hz(self).abs() + self.transmitter.modulation.bandwidth_hz() / 2.0;
        let half_rate_hz = receiver.sample_rate_hz / 2.0;
        if edge_hz > half_rate_hz {
            return Err(Error::BandTooWide { receiver: receiver.name.clone(), edge_hz, half_rate_hz });
        }
        Ok(())
    }
}

pub(crate) fn on_earth(place: &str, position: Position) -> Result<(), Error> {
    // Read from JSON without a check, so checked here.
    match Position::new(position.latitude_deg, position.longitude_deg) {
        Some(_) => Ok(()),
        None => Err(Error::Position { place: place.to_owned() }),
    }
}

pub(crate) fn within(place: &str, name: &'static str, value: f64, ok: bool, need: &'static str) -> Result<(), Error> {
    if ok { Ok(()) } else { Err(Error::Value { place: place.to_owned(), name, value, need }) }
}

pub(crate) fn finite(place: &str, name: &'static str, value: f64) -> Result<(), Error> {
    within(place, name, value, value.is_finite(), "a number")
}

pub(crate) fn positive(place: &str, name: &'static str, value: f64) -> Result<(), Error> {
    within(place, name, value, value.is_finite() && value > 0.0, "a positive number")
}

pub(crate) fn not_negative(place: &str, name: &'static str, value: f64) -> Result<(), Error> {
    within(place, name, value, value.is_finite() && value >= 0.0, "zero or positive")
}
