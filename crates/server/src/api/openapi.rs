//! `GET /api/v1/openapi.json`: the API's description, put together from the resources'.

use axum::Json;
use heimdall_catalogue::{Constellation, ConstellationDraft, Receiver, ReceiverDraft, Transmitter, TransmitterDraft};
use serde_json::Value;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    audit, entries, events, export, health, import, locate, models, recordings, sessions, tokens, trainings, uploads,
};
use crate::problem::{Outcome, Problem};

#[derive(OpenApi)]
#[openapi(
    info(title = "Heimdall", description = "Recordings, sessions and models of one server. Refusals are RFC 9457 problems."),
    nest(
        (path = "/api/v1", api = health::Doc),
        (path = "/api/v1", api = events::Doc),
        (path = "/api/v1", api = uploads::Doc),
        (path = "/api/v1", api = trainings::Doc),
        (path = "/api/v1", api = models::Doc),
        (path = "/api/v1", api = locate::Doc),
        (path = "/api/v1", api = sessions::Doc),
        (path = "/api/v1", api = recordings::Doc),
        (path = "/api/v1", api = export::Doc),
        (path = "/api/v1", api = import::Doc),
        (path = "/api/v1", api = tokens::Doc),
        (path = "/api/v1", api = audit::Doc),
    ),
    components(schemas(Problem, Receiver, ReceiverDraft, Constellation, ConstellationDraft, Transmitter, TransmitterDraft)),
    modifiers(&Tokens),
    security(("token" = []), ("cookie" = []))
)]
struct Doc;

/// The two ways in which a token comes.
struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie =
            ApiKeyValue::with_description("heimdall-7373", "Set by the page; the number is the server's port.");
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// The document itself.
pub(super) async fn document() -> Outcome<Json<Value>> {
    let failed = |error| Problem::internal("Describing the API", error);
    let mut document = serde_json::to_value(Doc::openapi()).map_err(failed)?;
    let named = [
        entries::paths::<Receiver>().map_err(failed)?,
        entries::paths::<Constellation>().map_err(failed)?,
        entries::paths::<Transmitter>().map_err(failed)?,
    ];
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        paths.extend(named.into_iter().flatten());
    }
    Ok(Json(document))
}
