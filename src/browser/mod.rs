//! The only part of the UI thread that names browser interfaces.

pub(crate) mod address;
pub(crate) mod canvas;
pub(crate) mod dom;
pub(crate) mod fetch;
pub(crate) mod files;
pub(crate) mod leaflet;
mod models;
pub(crate) mod pool;
pub(crate) mod storage;
mod worker;

use heimdall_page::session::Effect;

/// Does what the session wants done.
pub(crate) fn carry_out(effect: Effect) {
    match effect {
        Effect::Submit { job, lane, request, files } => pool::submit(job, lane, &request, &files),
        Effect::ForwardSamples { job, lane, request } => pool::forward(job, lane, &request),
        Effect::FetchCard { job, folder } => pool::fetch_card(job, folder),
        Effect::Abort(job) => pool::abort(job),
        Effect::Empty(lane) => pool::empty(lane),
        Effect::Remember(places) => storage::remember(&places),
        Effect::Prefer(preferences) => storage::prefer(preferences),
        Effect::Download { name, media_type, parts } => files::download(&name, media_type, &parts),
    }
}
