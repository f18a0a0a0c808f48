//! What is going on, in words.

use super::jobs::Job;
use super::{JobId, Session};

/// The stage that the user waits for.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// "Opening 3 files".
    pub label: String,
    /// Jobs of this stage, whose progress is shown.
    pub jobs: Vec<JobId>,
    /// True where the answer on the screen is complete and this only adds to it.
    pub background: bool,
}

impl Session {
    /// The earliest stage that is not finished.
    pub fn activity(&self) -> Option<Activity> {
        let stage = |wanted: fn(&Job) -> bool, label: fn(usize) -> String, background| {
            let jobs: Vec<JobId> = self.jobs.iter().filter(|(_, job)| wanted(job)).map(|(id, _)| *id).collect();
            (!jobs.is_empty()).then(|| Activity { label: label(jobs.len()), jobs, background })
        };
        stage(|job| matches!(job, Job::Open(_)), |count| counted("Opening", count, "file"), false)
            .or_else(|| stage(|job| matches!(job, Job::Align(_)), |_| "Aligning the clocks".to_owned(), false))
            .or_else(|| stage(|job| matches!(job, Job::Plan(_)), |_| "Choosing the band".to_owned(), false))
            .or_else(|| {
                let label = |count| counted("Taking the band out of", count, "recording");
                stage(|job| matches!(job, Job::Extract { .. }), label, false)
            })
            .or_else(|| {
                stage(|job| matches!(job, Job::Solve { .. }), |_| "Correlating and searching".to_owned(), false)
            })
            .or_else(|| {
                let label = |_| "Fetching what the network needs".to_owned();
                stage(|job| matches!(job, Job::Card | Job::Listen { .. }), label, true)
            })
            .or_else(|| stage(|job| matches!(job, Job::Run(_)), |_| "Asking the network".to_owned(), true))
            .or_else(|| {
                stage(|job| matches!(job, Job::Export(_) | Job::Pack(_)), |_| "Writing the file".to_owned(), true)
            })
            .or_else(|| stage(|job| matches!(job, Job::Hash(_)), |_| "Computing checksums".to_owned(), true))
    }
}

fn counted(verb: &str, count: usize, noun: &str) -> String {
    if count == 1 { format!("{verb} a {noun}") } else { format!("{verb} {count} {noun}s") }
}
