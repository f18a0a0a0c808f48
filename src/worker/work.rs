//! One request after the other.

use std::ops::ControlFlow;
use std::rc::Rc;

use heimdall_blob::BlobSource;
use heimdall_page::protocol::{Reply, Request};
use heimdall_pipeline::{Channel, Solver, network};
use heimdall_recording::{ByteSource, SavedSession};
use num_complex::Complex32;

use super::messages::{Incoming, send};
use super::open::open;
use super::pack::pack;

/// What a worker keeps between requests: only the solver's has channels.
#[derive(Default)]
pub(crate) struct Work {
    channels: Vec<Channel>,
    solver: Solver,
}

impl Work {
    /// The reply, with samples to go beside it.
    pub(crate) fn perform(&mut self, incoming: Incoming) -> (Reply, Option<Vec<Complex32>>) {
        let Incoming { request, files, samples } = incoming;
        let source =
            || files.first().cloned().ok_or_else(|| "The file did not arrive".to_owned()).and_then(BlobSource::new);
        let reply = match request {
            Request::Open { names, typed } => open(names, files, &typed),
            Request::Align { scene } => {
                let blob = |file| BlobSource::new(file).map(|source| Rc::new(source) as Rc<dyn ByteSource>);
                let sources = files.into_iter().map(blob).collect::<Result<Vec<_>, _>>();
                sources.map_or_else(Reply::Failed, |sources| {
                    Reply::Aligned(heimdall_pipeline::align_clocks(&scene, &sources, &mut progress()).map(Box::new))
                })
            }
            Request::Extract { recording, plan } => {
                let channel = source().and_then(|source| {
                    heimdall_pipeline::extract(&recording, &source, &plan, &mut progress())
                        .map_err(|error| error.to_string())
                });
                match channel {
                    Ok(channel) => return (Reply::Extracted(channel.facts), Some(channel.samples)),
                    Err(sentence) => Reply::Failed(sentence),
                }
            }
            Request::Listen { recording, plan } => {
                let heard = source().and_then(|source| {
                    let plan = serde_json::from_str(&plan).map_err(|error| error.to_string())?;
                    let heard = network::listen(&recording, &source, &plan, &mut progress());
                    let heard = heard.map_err(|error| error.to_string())?;
                    let facts = serde_json::to_string(&heard.facts).map_err(|error| error.to_string())?;
                    Ok((facts, heard.samples))
                });
                match heard {
                    Ok((facts, samples)) => return (Reply::Listened(facts), Some(samples)),
                    Err(sentence) => Reply::Failed(sentence),
                }
            }
            Request::Step { scene, index, card } => {
                Reply::Stepped(network::network_step(&scene, &index, card.as_ref()))
            }
            Request::Network(_) => Reply::Failed("This worker runs no networks".to_owned()),
            Request::Hash { stated } => {
                let sums = source().and_then(|source| {
                    heimdall_pipeline::checksums(&source, &stated, &mut progress()).map_err(|error| error.to_string())
                });
                sums.map_or_else(Reply::Failed, Reply::Hashed)
            }
            Request::Plan { scene } => Reply::Planned(heimdall_pipeline::plan(&scene)),
            Request::Channel { facts } => {
                self.channels.retain(|channel| channel.facts.id != facts.id);
                self.solver.forget(&facts.id);
                self.channels.push(Channel { facts, samples });
                Reply::Progress(1.0)
            }
            Request::Solve { mut scene, network } => {
                scene.network = network.into();
                self.channels
                    .retain(|channel| scene.recordings.iter().any(|recording| recording.id == channel.facts.id));
                Reply::Solved(Box::new(self.solver.solve(&scene, &self.channels, &mut progress())))
            }
            Request::Pack { names, saved, typed } => pack(&names, files, &SavedSession { typed, ..*saved }),
            Request::Export { format, report } => Reply::Exported(format.write(&report)),
        };
        (reply, None)
    }
}

/// Reports every hundredth. Work is stopped by ending the worker, so it always goes on.
fn progress() -> impl FnMut(f32) -> ControlFlow<()> {
    let mut reported = 0.0_f32;
    move |share| {
        if share - reported >= 0.01 {
            reported = share;
            send(&Reply::Progress(share), None);
        }
        ControlFlow::Continue(())
    }
}
