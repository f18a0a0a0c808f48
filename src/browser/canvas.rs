//! Painting on canvases.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::dom;

/// Device pixels per CSS pixel.
pub(crate) fn pixel_ratio() -> f64 {
    web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(1.0, 4.0)
}

/// Puts opaque RGBA pixels on a canvas of that size.
pub(crate) fn put_pixels(canvas: &HtmlCanvasElement, rgba: &[u8], width: usize, height: usize) {
    let (Ok(width), Ok(height)) = (u32::try_from(width), u32::try_from(height)) else { return };
    canvas.set_width(width);
    canvas.set_height(height);
    let context =
        canvas.get_context("2d").ok().flatten().and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok());
    let picture = ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), width, height);
    if let (Some(context), Ok(picture)) = (context, picture) {
        dom::report(context.put_image_data(&picture, 0.0, 0.0));
    }
}

/// Gives a canvas as many device pixels as it covers; returns its size in them.
pub(crate) fn fit(canvas: &HtmlCanvasElement) -> (u32, u32) {
    let ratio = pixel_ratio();
    let size = |css: i32| (f64::from(css.max(1)) * ratio).round() as u32;
    let (width, height) = (size(canvas.client_width()), size(canvas.client_height()));
    canvas.set_width(width);
    canvas.set_height(height);
    (width, height)
}
