//! What is seen: a stretch of time and a stretch of frequency, the same for all receivers.

/// From `start` to `end`, in seconds or hertz.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The smaller end.
    pub start: f64,
    /// The larger end.
    pub end: f64,
}

impl Span {
    /// Both ends, in any order.
    #[must_use]
    pub fn new(one: f64, other: f64) -> Self {
        Self { start: one.min(other), end: one.max(other) }
    }

    /// Its length.
    #[must_use]
    pub fn length(&self) -> f64 {
        self.end - self.start
    }

    /// Its middle.
    #[must_use]
    pub fn middle(&self) -> f64 {
        f64::midpoint(self.start, self.end)
    }

    /// The value at a share of the span.
    #[must_use]
    pub fn at(&self, share: f64) -> f64 {
        self.start + share * self.length()
    }

    /// Where a value lies, as a share of the span.
    #[must_use]
    pub fn share(&self, value: f64) -> f64 {
        (value - self.start) / self.length()
    }

    /// True where the value lies inside.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.start..=self.end).contains(&value)
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn hull(&self, other: &Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// What both have in common.
    #[must_use]
    pub fn common(&self, other: &Self) -> Option<Self> {
        let (start, end) = (self.start.max(other.start), self.end.min(other.end));
        (start < end).then_some(Self { start, end })
    }

    /// `factor` times as long, with `fixed` at the same share; kept inside `all` and no shorter than `least`.
    #[must_use]
    pub fn zoomed(&self, fixed: f64, factor: f64, all: &Self, least: f64) -> Self {
        let length = (self.length() * factor).clamp(least.min(all.length()), all.length());
        let start = fixed - self.share(fixed) * length;
        Self { start, end: start + length }.kept_inside(all)
    }

    /// Moved by `distance`, no further than the ends of `all`.
    #[must_use]
    pub fn moved(&self, distance: f64, all: &Self) -> Self {
        Self { start: self.start + distance, end: self.end + distance }.kept_inside(all)
    }

    fn kept_inside(self, all: &Self) -> Self {
        let length = self.length().min(all.length());
        let start = self.start.clamp(all.start, (all.end - length).max(all.start));
        Self { start, end: start + length }
    }
}

/// What is seen of all receivers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Seconds on the common axis.
    pub time: Span,
    /// Hertz, absolute.
    pub frequency: Span,
}

impl View {
    /// `factor` times as much of each axis, with a point kept where it is.
    #[must_use]
    pub fn zoomed(&self, (time, frequency): (f64, f64), (in_time, in_frequency): (f64, f64), limits: &Limits) -> Self {
        Self {
            time: self.time.zoomed(time, in_time, &limits.all.time, limits.least_s),
            frequency: self.frequency.zoomed(frequency, in_frequency, &limits.all.frequency, limits.least_hz),
        }
    }

    /// Moved by seconds and hertz.
    #[must_use]
    pub fn moved(&self, (time, frequency): (f64, f64), limits: &Limits) -> Self {
        Self {
            time: self.time.moved(time, &limits.all.time),
            frequency: self.frequency.moved(frequency, &limits.all.frequency),
        }
    }
}

/// How far a view can go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Everything that was recorded.
    pub all: View,
    /// The shortest time that is shown.
    pub least_s: f64,
    /// The narrowest band.
    pub least_hz: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Span = Span { start: 0.0, end: 100.0 };

    #[test]
    fn what_is_under_the_cursor_stays_there_while_zooming() {
        let view = Span::new(20.0, 60.0);
        let zoomed = view.zoomed(30.0, 0.5, &ALL, 1e-3);
        assert!((zoomed.length() - 20.0).abs() < 1e-12);
        assert!((zoomed.share(30.0) - view.share(30.0)).abs() < 1e-12);
    }

    #[test]
    fn no_view_leaves_what_was_recorded() {
        let view = Span::new(20.0, 60.0);
        assert_eq!(view.moved(-50.0, &ALL), Span::new(0.0, 40.0));
        assert_eq!(view.moved(500.0, &ALL), Span::new(60.0, 100.0));
        assert_eq!(view.zoomed(30.0, 10.0, &ALL, 1e-3), ALL);
        assert!((view.zoomed(30.0, 1e-9, &ALL, 0.5).length() - 0.5).abs() < 1e-12);
    }
}
