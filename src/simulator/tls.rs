//! The certificate of `simulator --tls`: made at start, for 127.0.0.1, ::1 and localhost, and gone
//! with the program. Its key is never written anywhere.

use super::SimulatorError;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What a client has to know to trust this gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate alone, as PEM.
    pub pem: String,
    /// SHA-256 of its DER, lower-case hex.
    pub sha256: String,
}

/// A fresh certificate, and what serves it.
pub(super) fn fresh() -> Result<(Certificate, TlsAcceptor), SimulatorError> {
    let failed = |error: &dyn std::fmt::Display| SimulatorError::Tls(error.to_string());
    let names = ["127.0.0.1", "::1", "localhost"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names).map_err(|e| failed(&e))?;
    let der = made.cert.der().clone();
    let digest = Sha256::digest(&der);
    let certificate = Certificate {
        pem: made.cert.pem(),
        sha256: digest.iter().map(|b| format!("{b:02x}")).collect(),
    };
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(&e))?
        .with_no_client_auth()
        .with_single_cert(vec![der], PrivateKeyDer::from(key))
        .map_err(|e| failed(&e))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((certificate, TlsAcceptor::from(Arc::new(config))))
}
