//! `/api/v1/tokens`: who may do what; for admins.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use heimdall_catalogue::{Id, Token, TokenDraft};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::Path;
use crate::AppState;
use crate::auth::Identity;
use crate::problem::{Outcome, Refusals};

#[derive(OpenApi)]
#[openapi(paths(list, create, revoke))]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/tokens", get(list).post(create)).route("/tokens/{id}", delete(revoke))
}

/// A new token with its secret.
#[derive(Serialize, ToSchema)]
struct NewToken {
    #[serde(flatten)]
    token: Token,
    /// What its owner sends as `Authorization: Bearer`. It is told here and never again.
    secret: String,
}

/// All tokens, newest first, the revoked ones as well.
#[utoipa::path(get, path = "/tokens", tag = "tokens", responses((status = 200, body = Vec<Token>), Refusals))]
async fn list(State(state): State<AppState>, identity: Identity) -> Outcome<Json<Vec<Token>>> {
    Ok(Json(state.catalogue.tokens(&identity.actor()).await?))
}

/// Makes a token and tells its secret.
#[utoipa::path(post, path = "/tokens", tag = "tokens", responses((status = 201, body = NewToken), Refusals))]
async fn create(
    State(state): State<AppState>,
    identity: Identity,
    super::Json(draft): super::Json<TokenDraft>,
) -> Outcome<(StatusCode, Json<NewToken>)> {
    let (token, secret) = state.catalogue.create_token(&identity.actor(), &draft).await?;
    Ok((StatusCode::CREATED, Json(NewToken { token, secret })))
}

/// Ends a token at once.
#[utoipa::path(
    delete, path = "/tokens/{id}", tag = "tokens", params(("id" = Id, Path)),
    responses((status = 200, body = Token), Refusals)
)]
async fn revoke(State(state): State<AppState>, identity: Identity, Path(id): Path<Id>) -> Outcome<Json<Token>> {
    Ok(Json(state.catalogue.revoke_token(&identity.actor(), id).await?))
}
