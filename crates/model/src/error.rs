//! What can be wrong with a model or its input.

use heimdall_features::SpectrogramError;
use thiserror::Error;

/// Why there are no planes, or no model.
#[derive(Debug, Error)]
pub enum Error {
    /// Too few or too many receivers.
    #[error("a constellation has 2 to 8 receivers, this one has {0}: split it, or add what is missing")]
    ReceiverCount(usize),
    /// No coordinates.
    #[error("a receiver of the constellation has no valid position: give latitude and longitude of {0}")]
    ReceiverPosition(String),
    /// No plane to give positions in.
    #[error("the constellation's plane needs an origin and a positive scale, not {scale_m} m: {name}")]
    Plane {
        /// Scale given.
        scale_m: f64,
        /// The constellation.
        name: String,
    },
    /// Two receivers at one place.
    #[error("two receivers of the constellation stand within 10 m of each other: leave out {first} or {second}")]
    SamePlace {
        /// Name of the one.
        first: String,
        /// Name of the other.
        second: String,
    },
    /// A setting out of range.
    #[error("no planes can be made with the feature settings: {0} is out of range")]
    Setting(&'static str),
    /// The settings' bands.
    #[error("no planes can be made with the feature settings: {0}")]
    Bands(SpectrogramError),
    /// Too few samples per second for the bands and columns of a plane.
    #[error("{0} samples per second are too few for a plane of 128 bands: record at 6000 or more")]
    RateTooLow(f64),
    /// Not one input per receiver.
    #[error("{inputs} recordings for a constellation of {receivers} receivers: give one for each, or none")]
    InputCount {
        /// Given.
        inputs: usize,
        /// Needed.
        receivers: usize,
    },
    /// A recording that makes no spectra.
    #[error("no plane can be made of a recording: {source}; receiver {name}")]
    Receiver {
        /// Why.
        source: SpectrogramError,
        /// Whose.
        name: String,
    },
    /// NaN or infinity in a recording.
    #[error("a recording, its level, rate or start holds a number that is not finite: record again, receiver {0}")]
    NotFinite(String),
    /// Values that are no whole planes.
    #[error("{values} values are not {plane_count} planes of 128 × 32: make the planes again")]
    PlaneValues {
        /// Given.
        values: usize,
        /// Planes they should make.
        plane_count: usize,
    },
    /// NaN or infinity in planes.
    #[error("the planes hold a number that is not finite: make them again")]
    PlanesNotFinite,
    /// metadata.json cannot be read.
    #[error("the model's description cannot be read ({0}): fetch it again or publish the model again; metadata.json")]
    Card(serde_json::Error),
    /// The hash of a card is not that of its settings and constellation.
    #[error(
        "the model was trained on other features or receivers than this version makes (hash {card}, here {computed}): \
         train it again, or use the version it was trained with; metadata.json"
    )]
    FeatureHash {
        /// In the card.
        card: String,
        /// Of the settings and constellation in the card.
        computed: String,
    },
    /// The card's input is not what its constellation makes.
    #[error("the model's description must state the input planes (N, {planes}, 128, 32): publish again; metadata.json")]
    CardInput {
        /// Planes of the constellation.
        planes: usize,
    },
    /// A field of the card that makes no sense.
    #[error("the model's description is not usable, see its field {0}: publish the model again; metadata.json")]
    CardField(&'static str),
    /// A file that the card does not name.
    #[error("the model's description names no such file: publish the model again; {0}")]
    NoFile(String),
    /// A file of another length than published.
    #[error("a file of the model has {found} bytes instead of {stated}: fetch it again; {name}")]
    FileLength {
        /// Its length.
        found: u64,
        /// Length in the card.
        stated: u64,
        /// Its name.
        name: String,
    },
    /// A file with another content than published.
    #[error("a file of the model is not the one that was published (checksums differ): fetch it again; {0}")]
    FileChecksum(String),
    /// held-out.json cannot be read.
    #[error("the model's held-out scenes cannot be read ({0}): publish the model again; held-out.json")]
    HeldOut(serde_json::Error),
    /// A held-out scene that makes no sense.
    #[error("held-out scene {0} has no place, error or confidence that can be: publish the model again; held-out.json")]
    HeldOutScene(usize),
    /// index.json cannot be read.
    #[error("the list of models cannot be read ({0}): fetch it again; index.json")]
    Index(serde_json::Error),
    /// An entry of the index that makes no sense.
    #[error("the list of models has an unusable entry, {0}: publish again; index.json")]
    IndexEntry(String),
}
