//! Connections to the server that are kept open.

use anyhow::{Result, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{Request, Response, StatusCode, http};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::child::Server;

/// A connection, for one request after another.
pub struct Connection {
    requests: SendRequest<Full<Bytes>>,
    host: String,
    authorization: String,
}

/// An answer that has arrived.
pub struct Answer {
    /// All but the body.
    pub head: http::response::Parts,
    /// The body.
    pub body: Bytes,
}

impl Connection {
    /// Opens one, with the administrator's token.
    pub async fn open(server: &Server) -> Result<Self> {
        let stream = TcpStream::connect(server.address).await?;
        stream.set_nodelay(true)?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await?;
        // What goes wrong with it, the request that waits is told.
        tokio::spawn(connection);
        Ok(Self { requests, host: server.address.to_string(), authorization: format!("Bearer {}", server.token) })
    }

    /// Sends a request; the answer's body is still to come.
    pub async fn begin(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Response<Incoming>> {
        let own = [(HOST.as_str(), self.host.as_str()), (AUTHORIZATION.as_str(), &self.authorization)];
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in own.iter().chain(headers) {
            request = request.header(*name, *value);
        }
        self.requests.ready().await?;
        Ok(self.requests.send_request(request.body(Full::new(body))?).await?)
    }

    /// A request and its whole answer.
    pub async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Answer> {
        let (head, body) = self.begin(method, path, headers, body).await?.into_parts();
        Ok(Answer { head, body: body.collect().await?.to_bytes() })
    }

    /// The same, where only this status will do.
    pub async fn get(&mut self, path: &str, headers: &[(&str, &str)], status: StatusCode) -> Result<Answer> {
        let answer = self.send("GET", path, headers, Bytes::new()).await?;
        answer.must_be(status)
    }
}

impl Answer {
    /// Itself, where its status is this.
    pub fn must_be(self, status: StatusCode) -> Result<Self> {
        let said = || String::from_utf8_lossy(&self.body).into_owned();
        ensure!(self.head.status == status, "the server answered {}: {}", self.head.status, said());
        Ok(self)
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
