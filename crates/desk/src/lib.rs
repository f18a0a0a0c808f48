//! What the desk knows without a browser, tested natively: the course of a training, how a version differs from
//! another, what versions said of one scene, and which receivers a scene has.

pub mod changes;
pub mod course;
pub mod scale;
pub mod stations;
pub mod trial;
