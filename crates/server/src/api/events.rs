//! `GET /api/v1/events`: what happens, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{self, KeepAlive};
use axum::routing::get;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt};
use utoipa::OpenApi;

use crate::auth::{Identity, Role};
use crate::problem::{Outcome, Problem};
use crate::{AppState, Event};

/// A comment after so long without an event: proxies end silent connections.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(OpenApi)]
#[openapi(paths(events))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/events", get(events))
}

/// What happens from now on, or from the event after `Last-Event-ID`.
///
/// `models`: the index of models has changed. `session`: the session `id` was made, changed, decided on, deleted, taken
/// back or purged. `training`: the training `id` has changed. `upload`: an upload was created, stored, refused or
/// removed. `lost`: events since `Last-Event-ID` are no longer kept; ask anew for what you show.
#[utoipa::path(
    get, path = "/events", tag = "server",
    params(("Last-Event-ID" = Option<u64>, Header, description = "The last event that was seen")),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = 401, body = Problem))
)]
async fn events(
    State(state): State<AppState>,
    identity: Identity,
    headers: HeaderMap,
) -> Outcome<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>> {
    identity.require(Role::Viewer)?;
    let last_id = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|id| id.parse().ok());
    let subscription = state.events.subscribe(last_id);
    let lost = (!subscription.complete).then(|| sse::Event::default().event("lost").data("{}"));
    let missed = subscription.missed.into_iter().map(shown);
    // A listener who is too slow is let go: it comes back and gets what is kept.
    let live = BroadcastStream::new(subscription.live).map_while(Result::ok).map(shown);
    let stream = tokio_stream::iter(lost.into_iter().chain(missed)).chain(live);
    let stream = Until { stream: Box::pin(stream), stopped: Box::pin(stopped(state)) };
    Ok(Sse::new(stream.map(Ok)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn shown(event: Event) -> sse::Event {
    sse::Event::default().id(event.id.to_string()).event(event.name).data(event.data.to_string())
}

async fn stopped(mut state: AppState) {
    // An error means that the server is gone.
    let _ = state.stopping.wait_for(|stopping| *stopping).await;
}

/// A stream that ends with the server; an open one would hold its end up.
struct Until<S> {
    stream: std::pin::Pin<Box<S>>,
    stopped: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<S: Stream> Stream for Until<S> {
    type Item = S::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        if self.stopped.as_mut().poll(context).is_ready() {
            return std::task::Poll::Ready(None);
        }
        self.stream.as_mut().poll_next(context)
    }
}
