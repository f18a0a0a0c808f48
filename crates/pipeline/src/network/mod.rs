//! How a scene uses a published network: which one fits, what it is to hear, and what became of its answer.
//!
//! Pure: planes are made here, the answer comes in as data, and the interpreter is someone else's.
//!
//! ```text
//! models/index.json ─► choose ─► metadata.json ─► NetworkPlan ─► listen (a recording each) ─► scene_planes ─► run
//!                                                                   Scene::network ◄── NetworkAnswer ◄─────────┘
//! ```

mod answer;
mod choose;
mod evidence;
mod listen;
mod messages;
mod plan;
mod run;
mod step;

pub use answer::{NetworkAnswer, NetworkInput, NetworkName, NetworkReport, OcclusionReport};
pub use choose::{FOLDER, ModelFit, choose};
pub use listen::{Heard, HeardFacts, listen};
pub use messages::{NetworkReply, NetworkRequest};
pub use plan::{NetworkListener, NetworkPlan, network_plan};
pub use run::{run, scene_planes};
pub use step::{CardText, Errand, NetworkNews, NetworkStep, network_step};

pub(crate) use evidence::{evidence, heard, occlusions, report};
