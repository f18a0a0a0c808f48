//! Localizer networks in a Web Worker: keeps what was heard, fetches the network that the page names, runs it.

#[cfg(target_arch = "wasm32")]
mod fetch;
#[cfg(target_arch = "wasm32")]
mod messages;
#[cfg(target_arch = "wasm32")]
mod network;
#[cfg(target_arch = "wasm32")]
mod work;

fn main() {
    #[cfg(target_arch = "wasm32")]
    messages::start();
}
