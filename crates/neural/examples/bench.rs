//! The runtime alone, for `cargo xtask bench neural`: the page's worker without its messages.
#![cfg(target_arch = "wasm32")]

use heimdall_model::{ModelCard, PLANE_COLUMNS, PLANE_ROWS, Planes};
use heimdall_runtime::Localizer;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// A loaded network.
#[wasm_bindgen]
pub struct Network(Localizer);

#[wasm_bindgen]
impl Network {
    /// As the page's worker does.
    #[wasm_bindgen(constructor)]
    pub fn load(card: &str, onnx: Vec<u8>) -> Result<Network, JsError> {
        console_error_panic_hook::set_once();
        Ok(Self(Localizer::load(&ModelCard::parse(card.as_bytes())?, &onnx)?))
    }

    /// East and north, then the covariance's factor, metres.
    pub fn run(&self, planes: Vec<f32>) -> Result<Vec<f64>, JsError> {
        let answer = self.0.answer(&Planes::new(planes.len() / (PLANE_ROWS * PLANE_COLUMNS), planes)?)?;
        Ok(answer.position_enu_m.into_iter().chain(answer.factor_m).collect())
    }
}
