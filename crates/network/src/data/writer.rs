use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use half::f16;

use super::{HEADER_FILE, PLANE_LEN, PLANES_FILE, SceneLabel, SetFile, SetHeader, VERSION};
use crate::error::NetworkError;
use crate::store::write_whole;

/// Writes a training set scene by scene. Nothing can be opened before [`TrainingSetWriter::finish`].
#[derive(Debug)]
pub struct TrainingSetWriter {
    folder: PathBuf,
    file: BufWriter<File>,
    header: SetHeader,
    labels: Vec<SceneLabel>,
}

impl TrainingSetWriter {
    /// Makes the folder where there is none; a set that is in it is replaced.
    ///
    /// # Errors
    /// A header that makes no sense, or the disk.
    pub fn create(folder: &Path, header: SetHeader) -> Result<TrainingSetWriter, NetworkError> {
        let refused = |reason: String| NetworkError::DataSet { reason, path: folder.to_path_buf() };
        let planes = header.planes();
        if !(2..=8).contains(&header.receivers.len()) {
            return Err(refused(format!("it has {} receivers, not 2 to 8", header.receivers.len())));
        }
        if header.stored_planes.is_empty()
            || header.stored_planes.windows(2).any(|w| w[0] >= w[1])
            || header.stored_planes.iter().any(|p| *p >= planes)
        {
            return Err(refused(format!("its stored planes must be ascending and below {planes}")));
        }
        if !(header.scale_m.is_finite() && header.scale_m > 0.0 && header.decibels_per_unit > 0.0) {
            return Err(refused("its scale must be a positive number".into()));
        }
        fs::create_dir_all(folder).map_err(NetworkError::disk("make the folder", folder))?;
        let old = folder.join(HEADER_FILE);
        if old.exists() {
            fs::remove_file(&old).map_err(NetworkError::disk("replace", &old))?;
        }
        let path = folder.join(PLANES_FILE);
        let file = File::create(&path).map_err(NetworkError::disk("write", &path))?;
        Ok(TrainingSetWriter { folder: folder.to_path_buf(), file: BufWriter::new(file), header, labels: Vec::new() })
    }

    /// Adds one scene; `planes` is (C, 128, 32), row-major.
    ///
    /// # Errors
    /// A wrong number of planes or presences, numbers that are not finite or beyond half precision, or the disk.
    pub fn add(&mut self, planes: &[f32], label: SceneLabel) -> Result<(), NetworkError> {
        let scene = self.labels.len();
        let refused = |reason: String| NetworkError::DataSet { reason, path: self.folder.clone() };
        if planes.len() != self.header.planes() * PLANE_LEN || label.present.len() != self.header.receivers.len() {
            return Err(refused(format!("scene {scene} does not have the planes of {:?}", self.header.receivers)));
        }
        if label.target_enu_m.iter().any(|x| !x.is_finite()) {
            return Err(refused(format!("the position of scene {scene} is not a number")));
        }
        let mut record = Vec::with_capacity(self.header.record_bytes());
        for &plane in &self.header.stored_planes {
            for value in &planes[plane * PLANE_LEN..(plane + 1) * PLANE_LEN] {
                let short = f16::from_f32(*value);
                if !short.is_finite() {
                    return Err(refused(format!("plane {plane} of scene {scene} holds {value}")));
                }
                record.extend_from_slice(&short.to_le_bytes());
            }
        }
        record.extend_from_slice(&crc32fast::hash(&record).to_le_bytes());
        self.file.write_all(&record).map_err(NetworkError::disk("write", &self.folder))?;
        self.labels.push(label);
        Ok(())
    }

    /// Writes the header, which makes the set one that can be opened.
    ///
    /// # Errors
    /// The disk.
    pub fn finish(mut self) -> Result<(), NetworkError> {
        self.file.flush().map_err(NetworkError::disk("write", &self.folder))?;
        let whole = SetFile { version: VERSION, header: self.header, labels: self.labels };
        let path = self.folder.join(HEADER_FILE);
        let text = serde_json::to_vec(&whole)
            .map_err(|e| NetworkError::DataSet { reason: e.to_string(), path: self.folder.clone() })?;
        write_whole(&path, &text)
    }
}
