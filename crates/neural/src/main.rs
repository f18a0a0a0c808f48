//! Networks in a Web Worker.

fn main() {}
