//! The HTTP server under a simulator.

use std::{io, net::SocketAddr};

use axum::{Router, extract::DefaultBodyLimit, middleware};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use url::Url;

use super::{
    control,
    layer::{Spoiler, spoil},
    line::{CuttableListener, Line},
    script::Faults,
};

/// Largest request body.
pub(super) const BODY_LIMIT: usize = 30 * 1024 * 1024;

/// A running simulator's server. Dropping it stops the server; [`stop`](Server::stop) also waits for it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    url: Url,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Serves `router` on 127.0.0.1 with the script's faults and its control paths; port 0 takes a free one.
///
/// # Errors
///
/// The port cannot be had.
pub async fn serve(port: u16, router: Router, faults: Faults) -> io::Result<Server> {
    let (stop, stopped) = watch::channel(false);
    let inner = TcpListener::bind(("127.0.0.1", port)).await?;
    let listener = CuttableListener::new(inner, stopped.clone());
    let address = listener.address()?;
    let url = Url::parse(&format!("http://{address}/")).map_err(io::Error::other)?;
    let spoiler = Spoiler { faults: faults.clone(), stopped: stopped.clone() };
    let service = router
        .merge(control::routes(faults))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(spoiler, spoil))
        .into_make_service_with_connect_info::<Line>();
    let mut stopping = stopped;
    let task = tokio::spawn(async move {
        let signal = async move {
            let _ = stopping.wait_for(|stopped| *stopped).await;
        };
        // axum's loop has no error to report.
        let _ = axum::serve(listener, service).with_graceful_shutdown(signal).await;
    });
    Ok(Server { address, url, stop, task })
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, with a slash at its end.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Closes the port and every connection. Calls under way are given up where they stand and get no answer; the script
    /// stays as it is.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // An error means that the task is over already.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
