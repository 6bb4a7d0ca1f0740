//! The two listeners of `run`, open before the work begins and closed after it ends.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use sync_core::CancellationToken;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::engine::Face;
use crate::error::{Error, Result};
use crate::faces::{Faces, Meter};
use crate::intake::Intake;
use crate::settings::{FacesSettings, Settings, environment};

/// How long requests in hand are waited for at the end; who gets no answer asks again.
const DRAIN: Duration = Duration::from_secs(2);

/// Opens a listener.
///
/// # Errors
/// The address is in use, or none of this machine's.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Error::new(format!("nothing can listen on {address}")).because(error))
}

/// Answers until `stop` is cancelled, then what is in hand.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "a listener ended");
    }
}

/// What `run` listens with.
pub(crate) struct Listeners {
    private: Option<(TcpListener, Faces)>,
    public: Option<(TcpListener, Intake)>,
}

impl Listeners {
    /// Opens those that the settings name.
    pub(crate) async fn open(settings: &Settings, faces: Vec<Face>, meter: &Meter) -> Result<Self> {
        let FacesSettings { private, public, .. } = settings.faces;
        let public = match public {
            None => None,
            Some(address) => {
                let mut intake = Intake::new();
                for tenant in &settings.tenants {
                    let face = faces.iter().find(|face| face.tenant == tenant.name);
                    if let (Some(face), Some(hooks)) = (face, &tenant.hooks) {
                        let hooks = hooks.hooks(&environment).map_err(|mistake| settings.wrong(mistake))?;
                        intake = intake.tenant(face, hooks)?;
                    }
                }
                Some((opened("webhooks", address).await?, intake))
            }
        };
        let private = match private {
            None => None,
            Some(address) => {
                Some((opened("health and metrics", address).await?, Faces::new(faces, meter.clone())))
            }
        };
        Ok(Self { private, public })
    }

    /// Answers while `work` goes on: webhooks until `stop`, health to the end.
    pub(crate) async fn during<T>(self, work: impl Future<Output = T>, stop: CancellationToken) -> T {
        let ended = CancellationToken::new();
        let mut serving = JoinSet::new();
        if let Some((listener, intake)) = self.public {
            serving.spawn(intake.serve(listener, stop));
        }
        if let Some((listener, faces)) = self.private {
            serving.spawn(faces.serve(listener, ended.clone()));
        }
        let done = work.await;
        ended.cancel();
        // a client that never ends its request keeps nobody
        let _ = timeout(DRAIN, serving.join_all()).await;
        done
    }
}

async fn opened(what: &str, address: SocketAddr) -> Result<TcpListener> {
    let listener = listen(address).await?;
    // the port may have been left to the system
    let address = listener.local_addr().unwrap_or(address);
    tracing::info!(%address, "listening for {what}");
    Ok(listener)
}
