//! `/api/v1/uploads`

use axum::Router;
use utoipa::OpenApi;

use crate::AppState;

#[derive(OpenApi)]
#[openapi()]
pub(super) struct Doc;

pub(super) fn router() -> Router<AppState> {
    Router::new()
}
