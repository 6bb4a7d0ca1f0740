//! No secret and no content in logs, `Debug`, `Display` and error chains.

use super::{Capture, Reply, Suite, quick};
use crate::{Endpoint, WireLog};
use bytes::Bytes;
use std::time::Duration;

impl Suite {
    /// Sends the call through every kind of good and bad answer, each full of the canaries, with the wire log on, and checks that
    /// none of them shows. Put the canaries also into the credentials, the login's answers and the endpoint's values. To be called
    /// on a current-thread runtime. Returns all that was collected.
    ///
    /// # Panics
    ///
    /// A canary shows.
    pub async fn redaction<E: Endpoint>(
        &self,
        endpoint: &E,
        good: impl Into<Bytes>,
        canaries: &[&str],
    ) -> String {
        let capture = Capture::start();
        let good = good.into();
        let spoken = canaries.join(" ");
        let json = serde_json::json!({ "message": spoken, "Message": spoken, "id": [spoken], spoken.as_str(): spoken });
        let json = json.to_string();
        let mut replies = vec![
            Reply::json(200, good),
            Reply::json(200, json.clone()),
            Reply::json(200, format!("[{json}]")),
            Reply::json(200, format!("\"{spoken}\"")),
            Reply::json(200, format!("<html>{spoken}")),
            Reply::raw(format!(
                "HTTP/1.1 200 OK\r\nx-note: {spoken}\r\ncontent-length: 9999\r\n\r\n{spoken}"
            )),
            Reply::raw(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{spoken}")),
            Reply::raw(format!("{spoken}\r\n\r\n")),
            Reply::close(),
        ];
        for status in [302, 400, 401, 403, 404, 409, 422, 429, 500, 503] {
            let reply =
                Reply::json(status, json.clone()).header("x-note", &spoken).header("retry-after", "0");
            replies.push(reply.header("location", format!("/?{}", spoken.replace(' ', "+"))));
        }
        for reply in replies {
            let server = self.server(move |_, _| reply.clone()).await;
            let transport = self.transport(&server, |builder| {
                let builder = builder.wire_log(WireLog::masked()).retry(quick(2));
                let builder = builder.attempt_timeout(Duration::from_secs(5));
                capture.debug(&builder);
                builder
            });
            if let Err(error) = transport.send(endpoint).await {
                capture.error(&error);
            }
            capture.debug(&transport);
            capture.debug(&transport.bare());
            capture.debug(&transport.credential().await);
            server.stop().await;
            if let Err(error) = transport.send(endpoint).await {
                capture.error(&error);
            }
        }
        capture.assert_shows_none_of(canaries);
        capture.text()
    }
}
