//! What the receivers heard, as the network's input.

use heimdall_features::{BandPooler, Correlogram, SegmentSpectrum};
use heimdall_localize::SPEED_OF_LIGHT_M_PER_S;
use num_complex::Complex32;

use crate::{Constellation, Error, FeatureSettings, PLANE_COLUMNS, PLANE_ROWS};

/// What one receiver recorded.
#[derive(Clone, Copy, Debug)]
pub struct ReceiverInput<'a> {
    /// Complex baseband; a tone of amplitude 1 is full scale.
    pub samples: &'a [Complex32],
    /// True sample rate.
    pub sample_rate_hz: f64,
    /// Power at the antenna of a tone of full scale, dBm.
    pub full_scale_dbm: f64,
    /// Time of the first sample on the scene's clock, seconds.
    pub start_s: f64,
    /// Whether `start_s` and the rate are good enough for time differences.
    pub common_clock: bool,
}

/// The network's input, (C, 128, 32).
#[derive(Clone, Debug, PartialEq)]
pub struct Planes {
    plane_count: usize,
    values: Vec<f32>,
}

/// Values of one plane.
const PLANE_LEN: usize = PLANE_ROWS * PLANE_COLUMNS;

impl Planes {
    /// Planes made elsewhere (read from a cache): `plane_count` × 128 × 32 values.
    ///
    /// # Errors
    /// Where there are more or fewer values, or one is not finite.
    pub fn new(plane_count: usize, values: Vec<f32>) -> Result<Self, Error> {
        if plane_count.checked_mul(PLANE_LEN) != Some(values.len()) {
            return Err(Error::PlaneValues { values: values.len(), plane_count });
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Error::PlanesNotFinite);
        }
        Ok(Self { plane_count, values })
    }

    /// C.
    pub fn plane_count(&self) -> usize {
        self.plane_count
    }

    /// All values: plane after plane, row (lowest frequency or lag first) after row, 32 columns each.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The same scene without a receiver of its constellation: its levels at the floor, its pairs' planes at zero.
    pub fn without(&self, constellation: &Constellation, settings: &FeatureSettings, receiver: usize) -> Self {
        let receivers = constellation.receivers.len();
        let pairs = constellation.pairs().enumerate();
        let own = pairs.filter(|(_, pair)| pair.first == receiver || pair.second == receiver);
        let gone = own.map(|(index, _)| (receivers + index, 0.0));
        let mut rest = self.clone();
        for (index, value) in gone.chain([(receiver, settings.shown(f64::NEG_INFINITY))]) {
            let plane = rest.values.chunks_exact_mut(PLANE_LEN).nth(index);
            plane.into_iter().for_each(|plane| plane.fill(value));
        }
        rest
    }

    /// One plane, 128 rows of 32 columns; empty where there is none.
    pub fn plane(&self, index: usize) -> &[f32] {
        self.values.chunks_exact(PLANE_LEN).nth(index).unwrap_or_default()
    }
}

/// The input that a scene makes. `inputs` are in the constellation's order, `None` for a receiver that is missing.
///
/// Planes 0…R−1 hold the absolute level in each mel band and segment: the mean power ([`BandPooler`]) in
/// dBm, shifted and scaled as the settings say. The pairs' planes follow in the order of [`Constellation::pairs`]:
/// the largest normalised correlation ([`Correlogram`]) in each lag bin and segment, 0 without a common clock.
///
/// # Errors
/// Where constellation or settings are unusable, where the number of inputs is another, where a recording has
/// another rate, or where a number is not finite.
pub fn planes(
    constellation: &Constellation,
    settings: &FeatureSettings,
    inputs: &[Option<ReceiverInput>],
) -> Result<Planes, Error> {
    constellation.validate()?;
    settings.validate()?;
    let receivers = constellation.receivers.len();
    if inputs.len() != receivers {
        return Err(Error::InputCount { inputs: inputs.len(), receivers });
    }
    let mut pooler = BandPooler::new(settings.mel.clone(), settings.segments()).map_err(Error::Bands)?;
    let mut values = Vec::with_capacity(constellation.plane_count() * PLANE_LEN);
    for (site, input) in constellation.receivers.iter().zip(inputs) {
        match input {
            Some(input) => {
                let powers = powers(&mut pooler, input, &site.name)?;
                let level_dbm = |power: f32| 10.0 * f64::from(power).log10() + input.full_scale_dbm;
                values.extend(powers.into_iter().map(|power| settings.shown(level_dbm(power))));
            }
            None => values.resize(values.len() + PLANE_LEN, settings.shown(f64::NEG_INFINITY)),
        }
    }
    values.extend(correlograms(constellation, settings, inputs));
    Ok(Planes { plane_count: constellation.plane_count(), values })
}

/// A receiver's powers by band and segment, relative to full scale.
fn powers(pooler: &mut BandPooler, input: &ReceiverInput, name: &str) -> Result<Vec<f32>, Error> {
    let numbers = [input.sample_rate_hz, input.full_scale_dbm, input.start_s];
    // Without leaving early, which would keep the compiler from looking at several samples at once.
    let finite = |all: bool, sample: &Complex32| all & sample.re.is_finite() & sample.im.is_finite();
    if !numbers.iter().all(|number| number.is_finite()) || !input.samples.iter().fold(true, finite) {
        return Err(Error::NotFinite(name.to_owned()));
    }
    let powers = pooler.powers(input.samples, input.sample_rate_hz, input.start_s);
    let powers = powers.map_err(|source| Error::Receiver { source, name: name.to_owned() })?;
    // Samples beyond 1e19 are finite and their power is not.
    if powers.iter().any(|power| !power.is_finite()) {
        return Err(Error::NotFinite(name.to_owned()));
    }
    Ok(powers)
}

/// The planes of all pairs.
fn correlograms(
    constellation: &Constellation,
    settings: &FeatureSettings,
    inputs: &[Option<ReceiverInput>],
) -> Vec<f32> {
    let pairs: Vec<_> = constellation.pairs().collect();
    let mut values = vec![0.0; pairs.len() * PLANE_LEN];
    let timed: Vec<Option<&ReceiverInput>> =
        inputs.iter().map(|input| input.as_ref().filter(|input| input.common_clock)).collect();
    let span_s = |baseline_m: f64| settings.lag_margin * baseline_m / SPEED_OF_LIGHT_M_PER_S;
    let used = |index: usize| timed.get(index).copied().flatten().is_some();
    let longest_m = pairs.iter().filter(|pair| used(pair.first) && used(pair.second)).map(|pair| pair.baseline_m);
    let longest_m = longest_m.fold(0.0, f64::max);
    if longest_m == 0.0 {
        return values;
    }
    let segments = settings.segments();
    let mut correlogram = Correlogram::new(settings.sample_rate_hz(), segments.length_s, span_s(longest_m));
    let mut maxima = [0.0; PLANE_ROWS];
    // Segment by segment, so that the spectra in use stay in the cache.
    for column in 0..segments.count {
        let spectra: Vec<Option<SegmentSpectrum>> = timed
            .iter()
            .map(|input| {
                let input = (*input)?;
                correlogram.spectrum(input.samples, input.sample_rate_hz, input.start_s, segments.middle_s(column))
            })
            .collect();
        for (pair, plane) in pairs.iter().zip(values.chunks_exact_mut(PLANE_LEN)) {
            let (Some(Some(a)), Some(Some(b))) = (spectra.get(pair.first), spectra.get(pair.second)) else { continue };
            correlogram.lag_maxima(a, b, span_s(pair.baseline_m), &mut maxima);
            let cells = plane.iter_mut().skip(column).step_by(PLANE_COLUMNS);
            cells.zip(&maxima).for_each(|(cell, maximum)| *cell = *maximum);
        }
    }
    values
}
