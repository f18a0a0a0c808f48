//! The runtime alone, for those who ask without a page what this program says and how soon: `heimdall export` and
//! `cargo xtask bench neural`.

use heimdall_model::{ModelCard, PLANE_COLUMNS, PLANE_ROWS, Planes};
use heimdall_runtime::Localizer;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// A loaded network.
#[wasm_bindgen]
pub struct Network(Localizer);

#[wasm_bindgen]
impl Network {
    /// As for the page. An error where `onnx` is not the file that the card names.
    #[wasm_bindgen(constructor)]
    pub fn load(card: &str, onnx: Vec<u8>) -> Result<Network, JsError> {
        Ok(Self(Localizer::load(&ModelCard::parse(card.as_bytes())?, &onnx)?))
    }

    /// East and north, then the covariance's factor, metres; then, of a network that gives them, the logarithms of its
    /// cells' probabilities. `planes` are one scene's.
    pub fn run(&self, planes: Vec<f32>) -> Result<Vec<f64>, JsError> {
        let answer = self.0.answer(&Planes::new(planes.len() / (PLANE_ROWS * PLANE_COLUMNS), planes)?)?;
        let gaussian = answer.position_enu_m.into_iter().chain(answer.factor_m);
        Ok(gaussian.chain(answer.density.into_iter().flatten().map(f64::from)).collect())
    }
}
