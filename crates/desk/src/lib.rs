//! What the desk knows without a browser, tested natively: the course of a training, how a version differs from
//! another, and what versions said of one scene.

pub mod changes;
pub mod course;
pub mod scale;
pub mod trial;
