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

#[cfg(test)]
pub(super) mod tests {
    use std::fs;

    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, ProtocolVersion, RootCertStore};
    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::sleep;
    use tokio_rustls::{TlsConnector, client};

    use super::*;
    use crate::config::Timeouts;

    /// A self-signed certificate for `localhost` and its key, as the files of a setting.
    pub(in crate::http) struct Files {
        folder: TempDir,
        certificate: CertificateDer<'static>,
    }

    impl Files {
        pub(in crate::http) fn new() -> Self {
            let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            let folder = TempDir::new().unwrap();
            fs::write(folder.path().join("certificate.pem"), cert.pem()).unwrap();
            fs::write(folder.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
            Self { folder, certificate: cert.der().clone() }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        pub(in crate::http) fn acceptor(&self) -> Option<TlsAcceptor> {
            acceptor(&self.section()).unwrap()
        }

        fn section(&self) -> Https {
            Https {
                certificate_file: Some(self.path("certificate.pem")),
                key_file: Some(self.path("key.pem")),
                ..Https::default()
            }
        }
    }

    /// A client that trusts nothing but the certificate of `files`, on `stream`.
    pub(in crate::http) async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        files: &Files,
        protocols: &[&[u8]],
        stream: S,
    ) -> io::Result<client::TlsStream<S>> {
        let mut roots = RootCertStore::empty();
        roots.add(files.certificate.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
    }

    #[tokio::test]
    async fn a_client_that_trusts_the_certificate_talks_http_1_1() {
        let files = Files::new();
        let acceptor = files.acceptor().unwrap();
        for (offered, chosen) in [(&[b"h2".as_slice(), b"http/1.1"][..], Some(b"http/1.1".as_slice())), (&[], None)] {
            let (near, far) = duplex(16 * 1024);
            let (server, client) =
                tokio::join!(handshake(&acceptor, near, Duration::from_secs(20)), connect(&files, offered, far));
            let (mut server, mut client) = (server.unwrap(), client.unwrap());
            assert_eq!(client.get_ref().1.alpn_protocol(), chosen);
            assert_eq!(client.get_ref().1.protocol_version(), Some(ProtocolVersion::TLSv1_3));
            server.write_all(b"hello").await.unwrap();
            server.flush().await.unwrap();
            let mut received = [0; 5];
            client.read_exact(&mut received).await.unwrap();
            assert_eq!(&received, b"hello");
        }
    }

    #[tokio::test]
    async fn a_client_of_http_2_alone_and_one_that_says_nothing_get_no_connection() {
        let files = Files::new();
        let acceptor = files.acceptor().unwrap();
        let (near, far) = duplex(16 * 1024);
        let (server, client) =
            tokio::join!(handshake(&acceptor, near, Duration::from_secs(20)), connect(&files, &[b"h2"], far));
        assert!(server.is_err() && client.is_err());
        let (near, _far) = duplex(16 * 1024);
        let silent = handshake(&acceptor, near, Duration::from_millis(50)).await;
        assert_eq!(silent.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_handshake_has_its_time_and_not_a_moment_more() {
        let files = Files::new();
        let acceptor = files.acceptor().unwrap();
        let (deadline, moment) = (Timeouts::default().handshake(), Duration::from_millis(2));
        for (wait, succeeds) in [(deadline.saturating_sub(moment), true), (deadline + moment, false)] {
            let (near, far) = duplex(16 * 1024);
            let late = async {
                sleep(wait).await;
                connect(&files, &[], far).await
            };
            let (server, client) = tokio::join!(handshake(&acceptor, near, deadline), late);
            assert_eq!((server.is_ok(), client.is_ok()), (succeeds, succeeds), "{wait:?}");
        }
    }

    #[test]
    fn no_files_mean_no_tls() {
        assert!(acceptor(&Https::default()).unwrap().is_none());
    }

    #[test]
    fn what_is_wrong_with_the_files_is_said_by_the_setting() {
        let files = Files::new();
        let other = Files::new();
        fs::write(files.path("empty.pem"), "").unwrap();
        fs::write(files.path("broken.pem"), "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n").unwrap();
        let section = files.section();
        let certificate = |path| Https { certificate_file: path, ..section.clone() };
        let key = |path| Https { key_file: path, ..section.clone() };
        for (https, expected) in [
            (certificate(None), "https.key_file is set, https.certificate_file is not"),
            (key(None), "https.certificate_file is set, https.key_file is not"),
            (certificate(Some(files.path("none.pem"))), "https.certificate_file: "),
            (certificate(Some(files.path("broken.pem"))), "https.certificate_file: "),
            (certificate(Some(files.path("empty.pem"))), "empty.pem holds no certificate"),
            (key(Some(files.path("none.pem"))), "https.key_file: "),
            (key(Some(files.path("certificate.pem"))), "https.key_file: "),
            (key(Some(other.path("key.pem"))), "https.certificate_file and https.key_file do not work together"),
        ] {
            let error = acceptor(&https).err().expect(expected).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
