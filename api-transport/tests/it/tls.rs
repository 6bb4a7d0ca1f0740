//! Whom the transport talks to over TLS.

#![expect(clippy::unwrap_used, reason = "the certificates of a test are made outside of test functions")]

use crate::{GOOD, call, quick};
use api_transport::testing::Reply;
use api_transport::{Effect, ErrorKind, Transport};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rstest::rstest;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn server(&self, name: &str, last_year: i32) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(last_year, 12, 31);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let chain = vec![certificate.der().clone()];
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

#[rstest]
#[case::a_private_authority_that_is_trusted("127.0.0.1", 2999, true, true)]
#[case::an_unknown_authority("127.0.0.1", 2999, false, false)]
#[case::another_host("erp.example", 2999, true, false)]
#[case::an_expired_certificate("127.0.0.1", 2001, true, false)]
#[tokio::test]
async fn only_a_server_with_a_valid_certificate_hears_anything(
    #[case] name: &str,
    #[case] last_year: i32,
    #[case] trusted: bool,
    #[case] accepted: bool,
) {
    let authority = Authority::new();
    let acceptor = authority.server(name, last_year);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    let server = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut socket) = acceptor.accept(socket).await else { continue };
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                if socket.read_buf(&mut request).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            counted.fetch_add(request.len(), Ordering::SeqCst);
            let _ = socket.write_all(&Reply::json(200, GOOD).to_bytes()).await;
        }
    });
    let mut builder = Transport::builder(base).retry(quick(2));
    if trusted {
        builder = builder.root_certificate_pem(authority.pem.clone());
    }
    let outcome = builder.build().unwrap().send(&call(Effect::Create)).await;
    let failure = outcome.err().map(|error| (error.kind(), error.may_have_been_applied()));
    assert_eq!(failure, (!accepted).then_some((ErrorKind::NotSent, false)));
    assert_eq!(heard.load(Ordering::SeqCst) > 0, accepted);
    server.abort();
}
