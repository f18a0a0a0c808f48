//! What is done to a session. Each action says what it saw: a session that somebody changed meanwhile stays as it is.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::session::Session;
use super::{Shelf, row_id};
use crate::api::{self, Change};
use crate::focus::focus;
use crate::undo;

impl Shelf {
    /// Asks for the list anew, also where the server's events do not arrive.
    pub(super) fn changed(self) {
        self.news.sessions.update(|count| *count += 1);
    }

    pub(super) fn approve(self, session: &Session) {
        self.act(session, Method::POST, "/approve", None, |_, session| focus(row_id(&session.id)));
    }

    pub(super) fn reject(self, session: &Session, reason: &str) {
        self.act(session, Method::POST, "/reject", Some(json!({ "reason": reason })), |shelf, session| {
            shelf.doing.set(None);
            focus(row_id(&session.id));
        });
    }

    pub(super) fn delete(self, session: &Session) {
        self.act(session, Method::DELETE, "", None, |shelf, session| {
            shelf.undoable.add(session.deleted());
            // The row is about to go, with the button that had the focus.
            focus(undo::button_id(&session.id));
        });
    }

    pub(super) fn purge(self, session: &Session) {
        self.act(session, Method::POST, "/purge", None, |shelf, session| {
            shelf.doing.set(None);
            shelf.undoable.drop(&session.id);
            shelf.said.set(Some((true, format!("“{}” is gone for good.", session.draft.title))));
            focus("sessions-text");
        });
    }

    fn act(
        self,
        session: &Session,
        method: Method,
        verb: &str,
        body: Option<Value>,
        done: impl Fn(Self, &Session) + 'static,
    ) {
        let path = format!("sessions/{}{verb}", session.id);
        let session = session.clone();
        spawn_local(async move {
            let answer = api::change(method, &path, session.revision, body).await;
            self.said.set(match &answer {
                Ok(Change::Done) => None,
                Ok(Change::Overtaken) => Some((false, overtaken(&session))),
                Err(sentence) => Some((false, sentence.clone())),
            });
            if answer == Ok(Change::Done) {
                done(self, &session);
            }
            self.changed();
        });
    }
}

fn overtaken(session: &Session) -> String {
    format!(
        "“{}” was changed by somebody else meanwhile, and nothing was done. It is shown as it is now; look at it and press again.",
        session.draft.title
    )
}
