//! `/api/v1/uploads`: resumable uploads by [tus 1.0](https://tus.io/protocols/resumable-upload), with the extensions
//! creation, checksum, expiration and termination, and what became of them as JSON.

mod protocol;
mod view;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use utoipa::OpenApi;

use super::Path;
use crate::AppState;
use crate::auth::{Identity, Role};
use crate::problem::{Outcome, Problem};
use crate::uploads::State::Stored;
use crate::uploads::{Checksum, Metadata, Upload};
use protocol::{number, text, told};
use view::View;

#[derive(OpenApi)]
#[openapi(paths(options, list, create, status, offset, append, remove))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/uploads", get(list).post(create).options(options))
        .route("/uploads/{id}", get(status).head(offset).patch(append).delete(remove).post(overridden).options(options))
        .layer(from_fn(protocol::versioned))
        // Pieces have the upload's limit.
        .layer(DefaultBodyLimit::disable())
}

/// What of the tus protocol this server speaks.
#[utoipa::path(options, path = "/uploads", tag = "uploads", responses((status = 204)))]
async fn options(State(state): State<AppState>) -> Response {
    (StatusCode::NO_CONTENT, protocol::capabilities(&state.limits)).into_response()
}

/// Your uploads that have not expired, newest first; an administrator's are all.
#[utoipa::path(get, path = "/uploads", tag = "uploads", responses((status = 200, body = Vec<View>), (status = 401, body = Problem)))]
async fn list(State(state): State<AppState>, identity: Identity) -> Outcome<Json<Vec<View>>> {
    identity.require(Role::Viewer)?;
    let uploads = state.uploads.list(&identity);
    Ok(Json(uploads.iter().map(|upload| View::of(&state.uploads, upload)).collect()))
}

/// Begins an upload; the answer's `Location` is where its bytes go.
#[utoipa::path(
    post, path = "/uploads", tag = "uploads",
    params(
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = u64, Header, description = "Bytes of the whole file"),
        ("Upload-Metadata" = String, Header, description = "filename, and perhaps sha256 and sample_format, each in Base64"),
    ),
    responses((status = 201), (status = 400, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem))
)]
async fn create(State(state): State<AppState>, identity: Identity, headers: HeaderMap) -> Outcome<Response> {
    identity.require(Role::Contributor)?;
    let Some(length) = number(&headers, "upload-length")? else {
        let detail = "There is no Upload-Length; this server needs to know how long the file is, so send its length";
        return Err(Problem::bad_request(detail));
    };
    state.catalogue.may_store(&identity.actor(), length).await?;
    let metadata = Metadata::parse(text(&headers, "upload-metadata").unwrap_or_default())?;
    let uploads = Arc::clone(&state.uploads);
    let created = tokio::task::spawn_blocking(move || uploads.create(&identity, length, metadata)).await;
    let upload = created.map_err(|error| Problem::internal("Beginning an upload", error))??;
    // An empty file is whole at once.
    state.uploads.settle(&upload).await?;
    let location = format!("/api/v1/uploads/{}", upload.id());
    Ok((StatusCode::CREATED, [(LOCATION, location)], told(&state.uploads, &upload)).into_response())
}

/// What is known of an upload, and of the file once it is whole.
#[utoipa::path(
    get, path = "/uploads/{id}", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, body = View), (status = 404, body = Problem), (status = 410, body = Problem))
)]
async fn status(State(state): State<AppState>, identity: Identity, Path(id): Path<String>) -> Outcome<Json<View>> {
    identity.require(Role::Viewer)?;
    let upload = state.uploads.get(&id, &identity)?;
    state.uploads.settle(&upload).await?;
    Ok(Json(View::of(&state.uploads, &upload)))
}

/// How much has arrived: go on from `Upload-Offset`.
#[utoipa::path(
    head, path = "/uploads/{id}", tag = "uploads", params(("id" = String, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 200), (status = 404), (status = 410))
)]
async fn offset(State(state): State<AppState>, identity: Identity, Path(id): Path<String>) -> Outcome<Response> {
    identity.require(Role::Contributor)?;
    let upload = state.uploads.get(&id, &identity)?;
    state.uploads.settle(&upload).await?;
    let own = [("upload-length", upload.length().to_string()), ("upload-metadata", upload.record().metadata.header())];
    Ok(([(CACHE_CONTROL, "no-store")], own, told(&state.uploads, &upload)).into_response())
}

/// Appends bytes at `Upload-Offset`. The last ones end the upload: it is stored, or refused and gone.
#[utoipa::path(
    patch, path = "/uploads/{id}", tag = "uploads",
    params(
        ("id" = String, Path),
        ("Tus-Resumable" = String, Header),
        ("Upload-Offset" = u64, Header),
        ("Upload-Checksum" = Option<String>, Header, description = "sha256 or sha1, a blank, the digest of this body in Base64"),
    ),
    request_body(content = String, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204), (status = 404, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem), (status = 423, body = Problem), (status = 460, body = Problem)
    )
)]
async fn append(
    State(state): State<AppState>,
    identity: Identity,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Outcome<Response> {
    identity.require(Role::Contributor)?;
    if text(&headers, CONTENT_TYPE) != Some("application/offset+octet-stream") {
        let detail = "Bytes of an upload have the Content-Type application/offset+octet-stream; send it";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let Some(offset) = number(&headers, "upload-offset")? else {
        return Err(Problem::bad_request("There is no Upload-Offset; ask for it with HEAD and send it"));
    };
    let checksum = text(&headers, "upload-checksum").map(Checksum::parse).transpose()?;
    let upload = state.uploads.get(&id, &identity)?;
    let announced = number(&headers, "content-length")?.unwrap_or(0);
    if offset.saturating_add(announced) > upload.length() && offset == upload.offset() {
        let detail =
            format!("These bytes would go past the {} of the upload; begin anew with the true length", upload.length());
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    state.uploads.append(Arc::clone(&upload), offset, checksum, body, state.stopping.clone()).await?;
    enter(&state, &identity, &upload).await?;
    Ok((StatusCode::NO_CONTENT, told(&state.uploads, &upload)).into_response())
}

/// Enters a finished upload's file into the catalogue; one that the quota forbids is gone.
async fn enter(state: &AppState, identity: &Identity, upload: &Arc<Upload>) -> Outcome<()> {
    let Stored { sha256, .. } = upload.record().state else {
        return Ok(());
    };
    let sha256 = sha256.parse()?;
    if let Err(problem) = state.keeper.enter(identity, &sha256).await {
        let (uploads, upload) = (Arc::clone(&state.uploads), Arc::clone(upload));
        let removed = tokio::task::spawn_blocking(move || uploads.remove(&upload)).await;
        removed.map_err(|error| Problem::internal("Removing an upload", error))??;
        state.keeper.drop_unknown(&sha256).await?;
        return Err(problem);
    }
    Ok(())
}

/// Ends an upload and deletes what has arrived; a finished file stays.
#[utoipa::path(
    delete, path = "/uploads/{id}", tag = "uploads", params(("id" = String, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 204), (status = 404, body = Problem), (status = 423, body = Problem))
)]
async fn remove(State(state): State<AppState>, identity: Identity, Path(id): Path<String>) -> Outcome<StatusCode> {
    identity.require(Role::Contributor)?;
    let upload = state.uploads.get(&id, &identity)?;
    let uploads = Arc::clone(&state.uploads);
    let removed = tokio::task::spawn_blocking(move || uploads.remove(&upload)).await;
    removed.map_err(|error| Problem::internal("Removing an upload", error))??;
    Ok(StatusCode::NO_CONTENT)
}

/// For clients and proxies that know only GET and POST.
async fn overridden(
    state: State<AppState>,
    identity: Identity,
    id: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Outcome<Response> {
    match text(&headers, "x-http-method-override") {
        Some("PATCH") => append(state, identity, id, headers, body).await,
        Some("DELETE") => remove(state, identity, id).await.map(IntoResponse::into_response),
        Some("HEAD") => offset(state, identity, id).await,
        _ => Err(crate::router::wrong_method().await),
    }
}
