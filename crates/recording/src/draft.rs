//! What a format's reader found, before names, questions and typed-in facts are added.

use crate::filename::NameFacts;
use crate::typed::TypedFacts;
use crate::{Checksum, Error, Fact, Layout, NamedCoding, Origin, Position, Question, Recording, TimeGrade};

/// No receiver samples faster, Hz.
const MAX_RATE_HZ: f64 = 20e9;
/// No receiver gives fewer samples a second, and a time window in seconds would hold none.
const MIN_RATE_HZ: f64 = 1.0;

/// A clock's grade and the reason for it.
pub(crate) struct Clock {
    pub(crate) grade: TimeGrade,
    pub(crate) reason: String,
    /// False where the answer to "is it disciplined?" is in the file already.
    pub(crate) ask: bool,
}

/// A recording in the making.
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) source_index: usize,
    pub(crate) container: String,
    pub(crate) layout: Layout,
    pub(crate) sample_rate_hz: Option<Fact<f64>>,
    pub(crate) start_time_unix_ns: Option<Fact<i64>>,
    pub(crate) time_sigma_s: Option<f64>,
    pub(crate) clock: Option<Clock>,
    pub(crate) center_frequency_hz: Option<Fact<f64>>,
    pub(crate) position: Option<Fact<Position>>,
    pub(crate) station: Option<Fact<String>>,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) metadata_sha512: Option<String>,
    pub(crate) full_scale_dbm: Option<Fact<f64>>,
    pub(crate) synthetic: bool,
    /// The sample format was guessed.
    pub(crate) ask_format: bool,
    /// Whether these are complex samples is in doubt.
    pub(crate) ask_iq: bool,
    pub(crate) notices: Vec<String>,
}

impl Draft {
    pub(crate) fn new(name: &str, container: &str, layout: Layout) -> Self {
        Self {
            name: name.to_owned(),
            source_index: 0,
            container: container.to_owned(),
            layout,
            sample_rate_hz: None,
            start_time_unix_ns: None,
            time_sigma_s: None,
            clock: None,
            center_frequency_hz: None,
            position: None,
            station: None,
            checksum: None,
            metadata_sha512: None,
            full_scale_dbm: None,
            synthetic: false,
            ask_format: false,
            ask_iq: false,
            notices: Vec::new(),
        }
    }

    /// Adds what the name says and what the user typed in, and asks for the rest.
    pub(crate) fn finish(mut self, named: &NameFacts, typed: &TypedFacts) -> Result<Recording, Error> {
        self.add_name_facts(named);
        self.add_typed_facts(typed)?;
        if self.layout.sample_count() == 0 {
            return Err(Error::Empty { file: self.name });
        }
        let rate_hz = self.sample_rate_hz.as_ref().map(|fact| fact.value);
        if let Some(rate_hz) = rate_hz.filter(|rate| !(MIN_RATE_HZ..=MAX_RATE_HZ).contains(rate)) {
            return Err(Error::AbsurdRate { rate_hz, file: self.name });
        }
        if self.center_frequency_hz.as_ref().is_some_and(|fact| !fact.value.is_finite()) {
            self.center_frequency_hz = None;
        }
        let clock = self.clock.unwrap_or_else(|| Clock::of_start(self.start_time_unix_ns.as_ref()));
        let unusable = !matches!(clock.grade, TimeGrade::Gnss | TimeGrade::Reference);
        let asked = [
            (self.position.is_none(), Question::Position),
            (self.sample_rate_hz.is_none(), Question::SampleRate),
            (self.center_frequency_hz.is_none(), Question::CenterFrequency),
            (self.ask_format, Question::SampleFormat),
            (unusable && clock.ask, Question::Clock),
            (self.ask_iq, Question::IsItIq),
        ];
        let questions = asked.into_iter().filter(|(ask, _)| *ask).map(|(_, question)| question);
        Ok(Recording {
            sample_count: self.layout.sample_count(),
            name: self.name,
            source_index: self.source_index,
            container: self.container,
            layout: self.layout,
            packed: None,
            sample_rate_hz: self.sample_rate_hz,
            start_time_unix_ns: self.start_time_unix_ns,
            time_grade: clock.grade,
            time_reason: clock.reason,
            time_sigma_s: self.time_sigma_s,
            clock_fit: None,
            center_frequency_hz: self.center_frequency_hz,
            position: self.position,
            station: self.station,
            checksum: self.checksum,
            metadata_sha512: self.metadata_sha512,
            full_scale_dbm: self.full_scale_dbm,
            synthetic: self.synthetic,
            questions: questions.collect(),
            notices: self.notices,
        })
    }

    fn add_name_facts(&mut self, named: &NameFacts) {
        let fact = |value: f64| Fact::new(value, Origin::FileName);
        self.sample_rate_hz = self.sample_rate_hz.take().or(named.sample_rate_hz.map(fact));
        self.center_frequency_hz = self.center_frequency_hz.take().or(named.center_frequency_hz.map(fact));
        if self.start_time_unix_ns.is_none() {
            self.start_time_unix_ns = named.start_time_unix_ns.map(|ns| Fact::new(ns, Origin::FileName));
        }
        if self.station.is_none() {
            self.station = Some(Fact::new(named.station.clone(), Origin::FileName));
        }
        if named.iq_swapped && self.layout.q_channel.is_some() {
            self.layout.iq_swapped = true;
            self.notices.push("The file name says that Q comes before I; they are exchanged".into());
        }
    }

    fn add_typed_facts(&mut self, typed: &TypedFacts) -> Result<(), Error> {
        if let Some(coding) = &typed.coding {
            let unknown = || Error::UnknownCoding { coding: coding.clone(), file: self.name.clone() };
            let named = NamedCoding::parse(coding).ok_or_else(unknown)?;
            self.layout.recode(named);
            self.ask_format = false;
            self.ask_iq = !named.complex;
        }
        fn replace<T: Clone>(fact: &mut Option<Fact<T>>, typed: Option<&T>) {
            if let Some(value) = typed {
                *fact = Some(Fact::new(value.clone(), Origin::TypedIn));
            }
        }
        replace(&mut self.sample_rate_hz, typed.sample_rate_hz.as_ref());
        replace(&mut self.center_frequency_hz, typed.center_frequency_hz.as_ref());
        replace(&mut self.position, typed.position.as_ref());
        replace(&mut self.station, typed.station.as_ref());
        if typed.start_time_unix_ns.is_some() && typed.time_grade.is_none() {
            self.clock = None;
        }
        replace(&mut self.start_time_unix_ns, typed.start_time_unix_ns.as_ref());
        if let Some(grade) = typed.time_grade {
            let reason = "You chose this grade for the clock".to_owned();
            self.clock = Some(Clock { grade, reason, ask: false });
        }
        if let Some(swapped) = typed.iq_swap {
            self.layout.iq_swapped = swapped;
        }
        match typed.treat_as_iq {
            Some(true) if self.layout.channels >= 2 || self.layout.q_channel.is_some() => {
                self.layout.q_channel.get_or_insert(1);
                self.ask_iq = false;
            }
            Some(true) => {
                self.ask_iq = true;
                self.notices.push("One real channel cannot be taken as I and Q".into());
            }
            Some(false) => self.ask_iq = true,
            None => {}
        }
        Ok(())
    }
}

impl Clock {
    pub(crate) fn new(grade: TimeGrade, reason: impl Into<String>) -> Self {
        Self { grade, reason: reason.into(), ask: true }
    }

    /// The grade of a start time that nothing vouches for.
    fn of_start(start: Option<&Fact<i64>>) -> Self {
        match start.map(|fact| fact.origin) {
            None => Self::new(TimeGrade::None, "No start time is known"),
            Some(Origin::FileName) => {
                Self::new(TimeGrade::Ntp, "The start time is from the file name, a computer's clock to a second or so")
            }
            Some(Origin::TypedIn) => {
                Self::new(TimeGrade::Ntp, "The start time was typed in; nothing says that satellites disciplined it")
            }
            Some(_) => Self::new(TimeGrade::Ntp, "The start time is a computer's clock, good to milliseconds at best"),
        }
    }
}
