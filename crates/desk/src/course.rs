//! The course of a training in numbers: as the server tells it, or as a published version keeps it.

use serde::Deserialize;

/// Names of the columns and rows of numbers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Course {
    columns: Vec<String>,
    rows: Vec<Vec<Option<f64>>>,
}

impl Course {
    /// From the text of `learning.csv`, whose cells are numbers or empty.
    pub fn parse(csv: &str) -> Self {
        let mut lines = csv.lines().map(|line| line.split(','));
        let columns = lines.next().map(|names| names.map(str::to_owned).collect()).unwrap_or_default();
        let rows = lines.map(|cells| cells.map(|cell| cell.parse().ok()).collect()).collect();
        Self { columns, rows }
    }

    /// Rows; a curve needs two.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing was measured yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn column(&self, name: &str) -> impl Iterator<Item = Option<f64>> + '_ {
        let index = self.columns.iter().position(|column| column == name);
        self.rows.iter().map(move |row| row.get(index?).copied().flatten())
    }

    /// A column over epochs, where it was measured.
    pub fn points(&self, name: &str) -> Vec<(f64, f64)> {
        self.column("epochs").zip(self.column(name)).filter_map(|(x, y)| Some((x?, y?))).collect()
    }

    fn last(&self, name: &str) -> Option<f64> {
        self.column(name).flatten().last()
    }

    /// The newest numbers in words.
    pub fn line(&self) -> String {
        let part = |name: &str, show: fn(f64) -> String| self.last(name).map(show);
        let parts = [
            part("epochs", |value| format!("epoch {value:.2}")),
            part("loss", |value| format!("loss {value:.3}")),
            part("rmse_m", |value| format!("RMSE {:.2} km", value / 1e3)),
            part("coverage_68", |value| format!("68 % holds {:.0} %", value * 100.0)),
            part("coverage_95", |value| format!("95 % holds {:.0} %", value * 100.0)),
            part("learning_rate", |value| format!("rate {value:.1e}")),
            part("gradient_norm", |value| format!("gradient {value:.2}")),
            part("scenes_per_s", |value| format!("{value:.0} scenes/s")),
            // Of a training that has ended nothing is left to wait for.
            part("remaining_s", |value| format!("{:.0} min to go", (value / 60.0).ceil()))
                .filter(|_| self.last("remaining_s") > Some(0.0)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_course_has_curves_and_a_line_of_its_end() {
        let course = Course::parse("epochs,loss,remaining_s,rmse_m\n0.5,-1.25,90,\n1.0,-2e0,0,8130.5\n");
        assert_eq!((course.len(), course.is_empty()), (2, false));
        assert_eq!(course.points("loss"), [(0.5, -1.25), (1.0, -2.0)]);
        assert_eq!(course.points("rmse_m"), [(1.0, 8130.5)]);
        assert_eq!(course.line(), "epoch 1.00 · loss -2.000 · RMSE 8.13 km");
        assert!(Course::parse("").is_empty());
    }
}
