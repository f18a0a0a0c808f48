/// Of one scene's map, (rows, columns, width).
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub rows: usize,
    pub columns: usize,
    pub width: usize,
}

impl Shape {
    /// Rows × columns.
    pub fn places(self) -> usize {
        self.rows * self.columns
    }

    /// Numbers in it.
    pub fn count(self) -> usize {
        self.places() * self.width
    }
}
