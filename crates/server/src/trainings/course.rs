//! The course of a training, from the table that `heimdall train` writes while it runs.

use std::path::Path;

use serde::Serialize;

const TABLE: &str = "learning.csv";

/// Names of the columns, and rows of numbers; a number that was not measured at a moment is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Course {
    /// `epochs`, `loss`, `learning_rate`, `gradient_norm`, `scenes_per_s`, `remaining_s`, `rmse_m`, `median_m`,
    /// `coverage_68`, `coverage_95`.
    pub columns: Vec<String>,
    /// A row every ten steps and at the end of each epoch.
    pub rows: Vec<Vec<Option<f64>>>,
}

impl Course {
    /// The course so far of the run in `folder`; empty before its first steps.
    pub fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(TABLE)).unwrap_or_default();
        let mut lines = text.lines().map(|line| line.split(','));
        let columns = lines.next().map(|names| names.map(str::to_owned).collect()).unwrap_or_default();
        let rows = lines.map(|cells| cells.map(|cell| cell.parse().ok()).collect()).collect();
        Self { columns, rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_becomes_rows_of_numbers_with_gaps() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Course::read(folder.path()), Course::default());
        std::fs::write(folder.path().join(TABLE), "epochs,loss,rmse_m\n0.5,-1.25,\n1.0,-2e0,8130.5\n").unwrap();
        let course = Course::read(folder.path());
        assert_eq!(course.columns, ["epochs", "loss", "rmse_m"]);
        let rows = [vec![Some(0.5), Some(-1.25), None], vec![Some(1.0), Some(-2.0), Some(8130.5)]];
        assert_eq!(course.rows, rows);
    }
}
