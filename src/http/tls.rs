//! TLS without a proxy: the certificate and key files of the `https` section, and the handshake of a connection.
//!
//! HTTP/1.1 alone is offered (ALPN): HTTP/2 would need its own limits on streams, resets and header tables.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Https;

/// The extension of every request that came over TLS which this process ended itself.
#[derive(Debug, Clone, Copy)]
pub struct TlsConnection;

/// Why the files of the `https` section can't be used. Each names the setting to look at.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A key without a certificate.
    #[error("https.key_file is set, https.certificate_file is not: TLS needs both")]
    CertificateUnset,
    /// A certificate without a key.
    #[error("https.certificate_file is set, https.key_file is not: TLS needs both")]
    KeyUnset,
    /// The certificate file can't be read, or is not PEM.
    #[error("https.certificate_file: {path}: {source}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The certificate file is PEM and holds no certificate.
    #[error("https.certificate_file: {path} holds no certificate")]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The key file can't be read, or holds no private key in PEM.
    #[error("https.key_file: {path}: {source}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// Both files can be read, and rustls refuses them: the key is not the certificate's, or of a kind it does not take.
    #[error("https.certificate_file and https.key_file do not work together: {0}")]
    Mismatch(#[from] rustls::Error),
}

/// What turns accepted connections into TLS, `None` when the section names no files.
///
/// The files are read once: a renewed certificate needs a restart. Refuses one file without the other, files that can't
/// be read, and a key that does not belong to the certificate.
pub fn acceptor(https: &Https) -> Result<Option<TlsAcceptor>, TlsError> {
    let (certificate_file, key_file) = match (&https.certificate_file, &https.key_file) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return Err(TlsError::CertificateUnset),
        (Some(_), None) => return Err(TlsError::KeyUnset),
        (Some(certificate_file), Some(key_file)) => (certificate_file, key_file),
    };
    let chain = certificate_chain(certificate_file)?;
    let key =
        PrivateKeyDer::from_pem_file(key_file).map_err(|source| TlsError::Key { path: key_file.clone(), source })?;
    // The provider is named because two of them in one program make rustls panic at the first use of "the default".
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

/// The TLS stream over `stream`, when the handshake succeeds before `deadline` has passed.
pub(super) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
    acceptor: &TlsAcceptor,
    stream: S,
    deadline: Duration,
) -> io::Result<TlsStream<S>> {
    timeout(deadline, acceptor.accept(stream)).await?
}

fn certificate_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let refuse = |source| TlsError::Certificate { path: path.to_owned(), source };
    let certificates = CertificateDer::pem_file_iter(path).map_err(refuse)?;
    let chain: Vec<_> = certificates.collect::<Result<_, _>>().map_err(refuse)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate { path: path.to_owned() });
    }
    Ok(chain)
}
