//! Who asks, and what they may do.

mod gate;
mod hosts;
mod identity;
mod tokens;

pub(crate) use gate::{authenticate, cookie_name, same_origin};
pub use hosts::Hosts;
pub use identity::{Identity, Role};
pub use tokens::Tokens;
