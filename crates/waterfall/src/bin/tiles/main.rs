//! The waterfall's worker: keeps the recordings it was given, answers with pieces of tiles.

#[cfg(target_arch = "wasm32")]
mod messages;
#[cfg(target_arch = "wasm32")]
mod work;

fn main() {
    #[cfg(target_arch = "wasm32")]
    messages::start();
}
