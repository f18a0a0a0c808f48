use burn::tensor::Tensor;
use burn::tensor::activation::{gelu, softplus};

use crate::forward::{DEVIATION_FLOOR, Graph, Output};
use crate::layout::{EndIds, LAST_CELLS, Pair};

/// Measurements further than this many deviations from their mean are cut: a receiver that is missing stays in reach.
pub(crate) const MEASURED_LIMIT: f32 = 5.0;

impl Graph<'_> {
    /// From the last stage's map (N, 4, 1, width), and the planes where the head measures them, to the answer.
    pub fn head(&self, map: Tensor<4>, planes: Tensor<4>) -> Output {
        let ids = &self.layout.head;
        let [scenes, rows, columns, width] = map.dims();
        let x = match ids.reduce {
            None => {
                let pooled = map.reshape([scenes, rows * columns, width]).mean_dim(1).reshape([scenes, 1, 1, width]);
                self.norm(pooled, ids.norm).reshape([scenes, width])
            }
            Some(reduce) => {
                let cells = self.norm(map, ids.norm).reshape([scenes * LAST_CELLS, width]);
                let reduced = self.linear(cells, reduce);
                let length = LAST_CELLS * reduced.dims()[1];
                reduced.reshape([scenes, length])
            }
        };
        let hidden = |x| ids.hidden.iter().fold(x, |x, layer| gelu(self.linear(x, *layer)));
        match ids.end {
            EndIds::Linear { position, uncertainty } => self.direct(hidden(x), position, uncertainty),
            EndIds::Measured { measure, position, uncertainty, statistics } => {
                let flat = self.measure(planes, measure).flat();
                let centred = flat - self.vector(statistics.weight).unsqueeze();
                let scaled = centred * self.vector(statistics.bias).unsqueeze();
                let x = Tensor::cat(vec![x, scaled.clamp(-MEASURED_LIMIT, MEASURED_LIMIT)], 1);
                self.direct(hidden(x), position, uncertainty)
            }
            EndIds::Place { measure, place } => {
                let adjustment = self.linear(hidden(x), place.adjust);
                self.place(self.measure(planes, measure).adjusted(adjustment), place)
            }
        }
    }

    fn direct(&self, x: Tensor<2>, position: Pair, uncertainty: Pair) -> Output {
        let position = self.linear(x.clone(), position);
        let raw = self.linear(x, uncertainty);
        let diagonal = |column: usize| softplus(raw.clone().narrow(1, column, 1), 1.0) + DEVIATION_FLOOR;
        let factor = Tensor::cat(vec![diagonal(0), raw.clone().narrow(1, 1, 1), diagonal(2)], 1);
        Output { position, factor, density: None }
    }
}
