//! What only the user can answer, asked in the recording's row. An answer opens the files again at once.

use heimdall_page::session::{Event, GroupId, RecordingRow};
use heimdall_recording::{Origin, Position, Question, TimeGrade, TypedFacts};
use leptos::prelude::*;

use crate::browser::dom;
use crate::state::state;

/// The part of a row that its questions depend on: what is being typed survives changes of the rest.
#[derive(Clone, PartialEq)]
pub(crate) struct Asked {
    questions: Vec<Question>,
    receiver: String,
    group: GroupId,
    typed: TypedFacts,
}

impl Asked {
    pub(crate) fn of(row: &RecordingRow) -> Self {
        Self {
            questions: row.questions.clone(),
            receiver: row.receiver.clone(),
            group: row.group,
            typed: row.typed.clone(),
        }
    }
}

#[component]
pub(crate) fn Questions(row: Asked) -> impl IntoView {
    let asked: Vec<_> = row.questions.iter().map(|question| ask(*question, &row)).collect();
    (!asked.is_empty()).then(|| view! { <div class="questions">{asked}</div> })
}

fn ask(question: Question, row: &Asked) -> AnyView {
    let row = row.clone();
    match question {
        Question::Position => view! { <AskPosition receiver=row.receiver/> }.into_any(),
        Question::SampleRate => view! {
            <Ask row key="rate" label="Sample rate" unit="S/s" hint="250000" put=|typed, rate_hz| typed.sample_rate_hz = Some(rate_hz)/>
        }
        .into_any(),
        Question::CenterFrequency => view! {
            <Ask row key="frequency" label="Centre frequency" unit="kHz" hint="77.5" put=|typed, hertz| typed.center_frequency_hz = Some(hertz)/>
        }
        .into_any(),
        Question::SampleFormat => view! { <AskFormat row/> }.into_any(),
        Question::Clock => view! {
            <Confirm row key="clock" text="Its clock is not known to be disciplined." button="Trust this clock" answer=|typed| {
                typed.time_grade = Some(TimeGrade::Gnss);
            }/>
        }
        .into_any(),
        Question::IsItIq => view! {
            <Confirm row key="iq" text="This looks like audio, not like IQ." button="Treat it as IQ" answer=|typed| {
                typed.treat_as_iq = Some(true);
            }/>
        }
        .into_any(),
    }
}

/// A question with a number for an answer.
#[component]
fn Ask(
    row: Asked,
    key: &'static str,
    label: &'static str,
    unit: &'static str,
    hint: &'static str,
    put: fn(&mut TypedFacts, f64),
) -> impl IntoView {
    let state = state();
    let (text, wrong) = (RwSignal::new(String::new()), RwSignal::new(false));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let mut typed = row.typed.clone();
        match TypedFacts::number(&format!("{} {unit}", text.get_untracked().trim())) {
            Some(number) => {
                put(&mut typed, number);
                state.send(Event::Answered(row.group, typed));
            }
            None => wrong.set(true),
        }
    };
    view! {
        <form class="question" data-question=key on:submit=submit>
            <label>{label} <input type="text" inputmode="decimal" placeholder=hint class:wrong=move || wrong.get() bind:value=text/> {unit}</label>
            <button type="submit">"Use"</button>
        </form>
    }
}

/// A question with yes for an answer.
#[component]
fn Confirm(
    row: Asked,
    key: &'static str,
    text: &'static str,
    button: &'static str,
    answer: fn(&mut TypedFacts),
) -> impl IntoView {
    let state = state();
    let confirm = move |_| {
        let mut typed = row.typed.clone();
        answer(&mut typed);
        state.send(Event::Answered(row.group, typed));
    };
    view! {
        <div class="question" data-question=key>
            <span>{text}</span>
            <button type="button" on:click=confirm>{button}</button>
        </div>
    }
}

/// Where a receiver stands: typed, pasted or clicked.
#[component]
fn AskPosition(receiver: String) -> impl IntoView {
    let state = state();
    let (text, wrong) = (RwSignal::new(String::new()), RwSignal::new(false));
    let (typed, clicked) = (receiver.clone(), receiver);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        match Position::parse(&text.get_untracked()) {
            Some(position) => state.send(Event::Placed(typed.clone(), position, Origin::TypedIn)),
            None => wrong.set(true),
        }
    };
    let click = move |_| {
        state.placing.set(Some(clicked.clone()));
        dom::bring_into_view("map");
    };
    view! {
        <form class="question" data-question="position" on:submit=submit>
            <label>"Position " <input type="text" placeholder="51.466, 11.977" class:wrong=move || wrong.get() bind:value=text/></label>
            <button type="submit">"Use"</button>
            <button type="button" on:click=click>"Click on the map"</button>
        </form>
        {move || wrong.get().then(|| view! { <p class="why-not">"Latitude and longitude in degrees, such as 51.466, 11.977"</p> })}
    }
}

/// Sample formats that raw files come in.
const FORMATS: [(&str, &str); 7] = [
    ("cu8", "8 bit unsigned (RTL-SDR)"),
    ("cs8", "8 bit signed (HackRF)"),
    ("cs16", "16 bit signed"),
    ("cs16_be", "16 bit signed, big endian"),
    ("cs32", "32 bit signed"),
    ("cf32", "32 bit float"),
    ("cf64", "64 bit float"),
];

#[component]
fn AskFormat(row: Asked) -> impl IntoView {
    let state = state();
    let current = row.typed.coding.clone().unwrap_or_default();
    let choose = move |event| {
        let typed = TypedFacts { coding: Some(event_target_value(&event)), ..row.typed.clone() };
        state.send(Event::Answered(row.group, typed));
    };
    let options = FORMATS.map(|(name, text)| view! { <option value=name selected=current == name>{text}</option> });
    view! {
        <div class="question" data-question="format">
            <label>"Sample format " <select on:change=choose><option value="" disabled selected=current.is_empty()>"choose"</option>{options}</select></label>
        </div>
    }
}
