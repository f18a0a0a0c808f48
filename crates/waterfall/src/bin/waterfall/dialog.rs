//! The dialog, and how it opens.

use std::cell::RefCell;

use heimdall_pipeline::emissions;
use heimdall_waterfall::{lanes, text};
use leptos::html::{Canvas, Dialog};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlCanvasElement, HtmlDialogElement, ResizeObserver};

use crate::controls::{Display, Receivers, Tools};
use crate::dom::{self, report};
use crate::pool::{self, Pool};
use crate::selection_bar::{SelectionBar, use_everything};
use crate::stage::{self, Signals, Stage, change, put};
use crate::{export, feed, input, page};

/// CSS pixels that a lane should have at least when the waterfall opens.
const LEAST_LANE: f64 = 90.0;

/// What was mounted.
#[derive(Clone)]
struct Mounted {
    dialog: HtmlDialogElement,
    canvases: [HtmlCanvasElement; 2],
    signals: Signals,
    subtitle: RwSignal<String>,
}

thread_local! {
    static MOUNTED: RefCell<Option<Mounted>> = const { RefCell::new(None) };
}

/// Opens the waterfall with the recording of this name among those that are shown.
pub(crate) fn open(recording: &str) {
    let mounted = MOUNTED.with_borrow(Clone::clone).or_else(mount);
    let (Some(mounted), Some((scene, files))) = (mounted, page::open_scene()) else { return };
    let axes = lanes(&scene.recordings);
    let Some(limits) = axes.limits() else { return };
    let Mounted { dialog, canvases, signals, subtitle } = mounted;
    report(dialog.show_modal());
    let room = (f64::from(canvases[0].client_height()) / LEAST_LANE).max(1.0) as usize;
    let wanted = scene.recordings.iter().position(|lent| lent.recording.name == recording).unwrap_or(0);
    // The one that was asked for, and as many of the others as are well seen.
    let mut shown: Vec<usize> = (0..scene.recordings.len()).filter(|index| *index != wanted).collect();
    shown.truncate(room.saturating_sub(1));
    shown.push(wanted);
    shown.sort_unstable();
    let receivers = scene.recordings.iter().enumerate();
    signals.receivers.set(receivers.map(|(index, lent)| (lent.receiver.clone(), shown.contains(&index))).collect());
    signals.fft_log2.set(axes.balanced_fft_log2());
    signals.selection.set(None);
    let heard: Vec<_> = scene.recordings.iter().map(|lent| (&lent.recording, &lent.spectrum)).collect();
    signals.emissions.set(emissions(&heard));
    signals.refining.set(true);
    put(signals.message, None);
    let date = axes.origin_unix_ns.map(text::date);
    subtitle.set(date.unwrap_or_else(|| "times from the start of each recording".to_owned()));
    let shown = shown.into_iter().map(|index| index as u32).collect();
    let [canvas, minimap] = canvases;
    input::focus(&canvas);
    let recordings = scene.recordings;
    stage::set(Some(Stage::new((axes, limits), (recordings.clone(), scene.plan), shown, [canvas, minimap], signals)));
    spawn_local(async move {
        let started = pool::module().await.and_then(|module| {
            Pool::start(&module, &recordings, &files, feed::hear).map_err(|error| dom::text(&error))
        });
        match started {
            Ok(pool) => change(|stage| stage.pool = Some(pool)),
            Err(sentence) => put(signals.message, Some(sentence)),
        }
    });
}

/// Puts the dialog into the page, closed.
fn mount() -> Option<Mounted> {
    let body = dom::document().body()?;
    // Not in the page's own style, which everybody fetches.
    let style = dom::document().create_element("style").ok()?;
    style.set_text_content(Some(include_str!("waterfall.css")));
    report(dom::document().head()?.append_child(&style));
    let parts = Parts {
        signals: Signals::new(),
        subtitle: RwSignal::new(String::new()),
        dialog: NodeRef::new(),
        canvas: NodeRef::new(),
        minimap: NodeRef::new(),
    };
    leptos::mount::mount_to(body, move || view! { <Waterfall parts/> }).forget();
    let Parts { signals, subtitle, dialog, canvas, minimap } = parts;
    let canvases = [canvas.get_untracked()?, minimap.get_untracked()?];
    watch_size(&canvases[0]);
    watch_theme();
    let mounted = Mounted { dialog: dialog.get_untracked()?, canvases, signals, subtitle };
    MOUNTED.set(Some(mounted.clone()));
    Some(mounted)
}

/// What the dialog is made of.
#[derive(Clone, Copy)]
struct Parts {
    signals: Signals,
    subtitle: RwSignal<String>,
    dialog: NodeRef<Dialog>,
    canvas: NodeRef<Canvas>,
    minimap: NodeRef<Canvas>,
}

pub(crate) fn close() {
    if let Some(mounted) = MOUNTED.with_borrow(Clone::clone) {
        mounted.dialog.close();
    }
}

/// Ends the workers, forgets the tiles.
fn closed() {
    export::abandon();
    stage::set(None);
}

#[component]
fn Waterfall(parts: Parts) -> impl IntoView {
    let Parts { signals, subtitle, dialog, canvas, minimap } = parts;
    let described = move || {
        let receivers = signals.receivers.with(|receivers| {
            let shown = receivers.iter().filter(|(_, shown)| *shown).map(|(name, _)| name.as_str());
            shown.collect::<Vec<_>>().join(", ")
        });
        let range = signals.range.get();
        format!(
            "Waterfall of {receivers}: time to the right, frequency upwards, {}; colours from {:.0} to {:.0} dBFS",
            signals.seen.get(),
            range.floor_dbfs,
            range.ceiling_dbfs
        )
    };
    let refine = move |_| {
        signals.refining.update(|refining| *refining = !*refining);
        change(|_| {});
    };
    let details_open =
        dom::window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width > 820.0);
    view! {
        <dialog class="waterfall" id="waterfall" node_ref=dialog aria-label="Waterfall" on:close=move |_| closed()>
            <div class="wf-head">
                <h2>"Waterfall"</h2>
                <p class="wf-date">{move || subtitle.get()}</p>
                <Receivers signals/>
                <button type="button" id="close-waterfall" on:click=|_| close()>"Close"</button>
            </div>
            <div class="wf-bar">
                <Tools signals/>
                <details class="wf-more" open=details_open>
                    <summary>"Display"</summary>
                    <Display signals/>
                </details>
            </div>
            <canvas class="wf-map" node_ref=minimap aria-hidden="true" on:pointerdown=|event| input::minimap_pointer(&event) on:pointermove=|event| input::minimap_pointer(&event)></canvas>
            <canvas
                class="wf-picture"
                id="waterfall-picture"
                node_ref=canvas
                tabindex="0"
                role="img"
                aria-label=described
                aria-describedby="waterfall-readout"
                class:selecting=move || signals.selecting.get()
                on:pointerdown=|event| input::pointer_down(&event)
                on:pointermove=|event| input::pointer_move(&event)
                on:pointerup=|event| input::pointer_up(&event)
                on:pointercancel=|event| input::pointer_up(&event)
                on:pointerleave=|_| input::pointer_leave()
                on:wheel=|event| input::wheel(&event)
                on:keydown=|event| input::key(&event)
            ></canvas>
            <div class="wf-status">
                <p id="waterfall-readout" aria-live="polite">{move || signals.readout.get()}</p>
                <p id="waterfall-seen">{move || signals.seen.get()}</p>
                <p class="wf-coverage">
                    <span id="waterfall-coverage">{move || signals.coverage.get()}</span>
                    {move || signals.unfinished.get().then(|| view! {
                        <button type="button" class="quiet" id="refine" on:click=refine>
                            {move || if signals.refining.get() { "Stop" } else { "Look at the rest" }}
                        </button>
                    })}
                </p>
            </div>
            <SelectionBar signals/>
            <div class="wf-message" role="status" aria-live="polite">
                {move || signals.message.get().map(|sentence| view! {
                    <p id="waterfall-message">{sentence}</p>
                    <button type="button" class="quiet" on:click=move |_| use_everything(signals)>"Automatic band and time"</button>
                    <button type="button" class="quiet" on:click=move |_| signals.message.set(None)>"Dismiss"</button>
                })}
            </div>
            <details class="wf-keys">
                <summary>"Keys"</summary>
                <p>
                    <b>"Wheel"</b>" zooms time, with "<b>"Shift"</b>" frequency · "<b>"Drag"</b>" moves · "<b>"Shift + drag"</b>" selects · "
                    <b>"Arrows"</b>" move, with Shift the cursor · "<b>"+ −"</b>" zoom time · "<b>"Page up, Page down"</b>" zoom frequency · "
                    <b>"Home"</b>" shows all · "<b>"S"</b>" selects what is seen · "<b>"Z"</b>" zooms to the selection · "<b>"Enter"</b>" locates with it · "
                    <b>"Escape"</b>" clears it, then closes"
                </p>
            </details>
        </dialog>
    }
}

/// Draws again when the system changes between light and dark.
fn watch_theme() {
    let query = dom::window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let callback = Closure::<dyn FnMut()>::new(stage::redraw).into_js_value();
    if let Some(query) = query {
        report(query.add_event_listener_with_callback("change", callback.unchecked_ref()));
    }
}

/// Draws again when the canvas has another size.
fn watch_size(canvas: &HtmlCanvasElement) {
    let callback = Closure::<dyn FnMut()>::new(stage::redraw).into_js_value();
    match ResizeObserver::new(callback.unchecked_ref()) {
        Ok(observer) => observer.observe(canvas),
        Err(error) => report(Err::<(), _>(error)),
    }
}
