//! What all plots have in common: a canvas as fine as the screen, the page's colours, and when to paint again.

use leptos::html::Canvas;
use leptos::prelude::*;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::TextStyle;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::page::report;

thread_local! {
    /// Rises when the window has another size or the system other colours.
    static LOOKS: ArcRwSignal<u32> = watched();
}

fn watched() -> ArcRwSignal<u32> {
    let looks = ArcRwSignal::new(0);
    let raise = {
        let looks = looks.clone();
        Closure::<dyn FnMut()>::new(move || looks.update(|count| *count += 1)).into_js_value()
    };
    if let Some(window) = web_sys::window() {
        report(window.add_event_listener_with_callback("resize", raise.unchecked_ref()));
        let dark = window.match_media("(prefers-color-scheme: dark)").ok().flatten();
        dark.into_iter()
            .for_each(|dark| report(dark.add_event_listener_with_callback("change", raise.unchecked_ref())));
    }
    looks
}

/// A canvas ready to be drawn on.
pub(crate) struct Paper {
    /// All of it, in device pixels.
    pub(crate) area: DrawingArea<CanvasBackend, Shift>,
    /// Device pixels per CSS pixel.
    ratio: f64,
}

impl Paper {
    fn on(element: &web_sys::HtmlCanvasElement) -> Option<Self> {
        let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(1.0, 4.0);
        let size = |css: i32| (f64::from(css.max(1)) * ratio).round() as u32;
        element.set_width(size(element.client_width()));
        element.set_height(size(element.client_height()));
        Some(Self { area: CanvasBackend::with_canvas_object(element.clone())?.into_drawing_area(), ratio })
    }

    /// CSS pixels in device pixels.
    pub(crate) fn scaled(&self, css: f64) -> u32 {
        (css * self.ratio).round() as u32
    }

    /// Small type.
    pub(crate) fn text(&self, colour: RGBColor) -> TextStyle<'static> {
        ("system-ui", 11.0 * self.ratio).into_font().color(&colour)
    }
}

/// A picture with a text that says the same: `draw` paints it, again whenever its data or the page's looks change.
#[component]
pub(crate) fn Picture(
    class: &'static str,
    #[prop(into)] text: Signal<String>,
    draw: impl Fn(&Paper) -> Option<()> + 'static,
) -> impl IntoView {
    let element = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        LOOKS.with(|looks| looks.track());
        let Some(element) = element.get() else { return };
        // A plot that fails leaves the text.
        let _drawn = Paper::on(&element).and_then(|paper| draw(&paper));
    });
    view! { <canvas node_ref=element class=class role="img" aria-label=move || text.get()></canvas> }
}

/// A colour of the page's style, such as `--ink`.
pub(crate) fn colour(name: &str) -> RGBColor {
    let style = web_sys::window().and_then(|window| {
        let root = window.document()?.document_element()?;
        window.get_computed_style(&root).ok()?
    });
    let text = style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default();
    let text = text.trim();
    let part = |at: usize| text.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(128);
    RGBColor(part(1), part(3), part(5))
}
