use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::{HEADER_FILE, PLANE_LEN, PLANES_FILE, SceneLabel, SetFile, SetHeader, Split, VERSION};
use crate::error::NetworkError;

/// A training set on disk: labels in memory, planes read one scene at a time.
#[derive(Debug)]
pub struct TrainingSet {
    folder: PathBuf,
    file: File,
    header: SetHeader,
    labels: Vec<SceneLabel>,
}

impl TrainingSet {
    /// # Errors
    /// A set that is missing, unfinished, truncated, of another version, or whose splits share ground.
    pub fn open(folder: &Path) -> Result<TrainingSet, NetworkError> {
        let refused = |reason: String| NetworkError::DataSet { reason, path: folder.to_path_buf() };
        let path = folder.join(HEADER_FILE);
        let text = fs::read(&path).map_err(NetworkError::disk("read", &path))?;
        let set: SetFile = serde_json::from_slice(&text)
            .map_err(|e| refused(format!("{HEADER_FILE} cannot be read ({e}); make the set again")))?;
        if set.version != VERSION {
            return Err(refused(format!("it has version {}, not {VERSION}; make the set again", set.version)));
        }
        let path = folder.join(PLANES_FILE);
        let file = File::open(&path).map_err(NetworkError::disk("read", &path))?;
        let bytes = file.metadata().map_err(NetworkError::disk("read", &path))?.len();
        if !set.header.is_consistent() {
            return Err(refused(format!("{HEADER_FILE} contradicts itself; make the set again")));
        }
        let expected = (set.header.record_bytes() as u64).checked_mul(set.labels.len() as u64);
        if expected != Some(bytes) {
            let scenes = set.labels.len();
            return Err(refused(format!("{PLANES_FILE} is not {scenes} scenes long; make the set again")));
        }
        if set.labels.iter().any(|l| l.present.len() != set.header.receivers.len()) {
            return Err(refused("a label names other receivers than the set; make the set again".into()));
        }
        let mut splits = BTreeMap::new();
        for label in &set.labels {
            if *splits.entry(label.block).or_insert(label.split) != label.split {
                let block = label.block;
                return Err(refused(format!("block {block} is in two splits: split by place, never by scene")));
            }
        }
        Ok(TrainingSet { folder: folder.to_path_buf(), file, header: set.header, labels: set.labels })
    }

    /// What all scenes share.
    pub fn header(&self) -> &SetHeader {
        &self.header
    }

    /// Truth of every scene.
    pub fn labels(&self) -> &[SceneLabel] {
        &self.labels
    }

    /// Scenes of one split, in order.
    pub fn scenes(&self, split: Split) -> Vec<usize> {
        (0..self.labels.len()).filter(|i| self.labels[*i].split == split).collect()
    }

    /// Fills `planes` (C, 128, 32) with scene `index`.
    ///
    /// # Errors
    /// A record whose checksum is wrong, or the disk.
    pub fn read(&self, index: usize, planes: &mut [f32]) -> Result<(), NetworkError> {
        let refused = |reason: String| NetworkError::DataSet { reason, path: self.folder.clone() };
        if index >= self.labels.len() || planes.len() != self.header.planes() * PLANE_LEN {
            return Err(refused(format!("it has no scene {index} of {} numbers", planes.len())));
        }
        let mut record = vec![0; self.header.record_bytes()];
        let offset = (record.len() * index) as u64;
        self.file.read_exact_at(&mut record, offset).map_err(NetworkError::disk("read", &self.folder))?;
        let (numbers, sum) = record.split_at(record.len() - 4);
        if crc32fast::hash(numbers).to_le_bytes() != sum {
            return Err(refused(format!("scene {index} is damaged; make the set again")));
        }
        planes.fill(0.0);
        let mut shorts = [f16::ZERO; PLANE_LEN];
        for (&plane, bytes) in self.header.stored_planes.iter().zip(numbers.chunks_exact(PLANE_LEN * 2)) {
            for (short, pair) in shorts.iter_mut().zip(bytes.chunks_exact(2)) {
                *short = f16::from_le_bytes([pair[0], pair[1]]);
            }
            shorts.convert_to_f32_slice(&mut planes[plane * PLANE_LEN..(plane + 1) * PLANE_LEN]);
        }
        Ok(())
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}
