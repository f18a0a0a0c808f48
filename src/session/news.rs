//! What happened, for those who looked elsewhere: a short list of sentences, the newest last.

use super::Session;

/// Sentences that are kept.
const MOST: usize = 50;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Rises by one with each.
    pub number: u32,
    /// A sentence.
    pub text: String,
    /// Of what sort.
    pub kind: NewsKind,
}

/// Sorts of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewsKind {
    /// An answer, which has its own place on the page.
    Answer,
    /// Something could not be used or computed; that too stands elsewhere on the page.
    Refusal,
    /// Something was done that shows nowhere else.
    Done,
    /// Something failed that shows nowhere else.
    Failure,
}

impl NewsKind {
    /// True where something went wrong.
    pub const fn is_trouble(self) -> bool {
        matches!(self, Self::Refusal | Self::Failure)
    }
}

impl Session {
    /// Notes that something happened.
    pub(super) fn note(&mut self, kind: NewsKind, text: impl Into<String>) {
        let (newest, text) = (self.news.last(), text.into());
        // The same answer after each step of a drag is one piece of news.
        if kind == NewsKind::Answer && newest.is_some_and(|newest| newest.text == text) {
            return;
        }
        let number = newest.map_or(0, |newest| newest.number) + 1;
        self.news.push(News { number, text, kind });
        let surplus = self.news.len().saturating_sub(MOST);
        self.news.drain(..surplus);
    }
}
