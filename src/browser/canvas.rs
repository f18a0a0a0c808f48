//! Painting on canvases.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::dom;

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
