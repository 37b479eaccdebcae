//! Certificates.

use std::{fs, io, path::Path, path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{ServerConfig, crypto::ring};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path} holds no {what} in PEM form", path = path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that cannot be used.
    #[error("--tls-cert and --tls-key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// A certificate cannot be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
}

/// TLS with a certificate chain and its key from PEM files.
///
/// # Errors
/// [`TlsError`] if they cannot be read or used.
pub fn from_files(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let broken = |path: &Path, what| TlsError::Pem { path: path.to_owned(), what };
    let chain = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| broken(certificate, "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| broken(key, "private key"))?;
    config(chain, key)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}

/// TLS that only those trust who are given the CA.
#[derive(Debug)]
pub struct SelfSigned {
    /// What the server uses.
    pub config: Arc<ServerConfig>,
    /// What a client needs to trust it, in PEM.
    pub ca_pem: String,
}

/// Makes a CA and a certificate for this machine. The CA's key is forgotten at once.
///
/// # Errors
/// [`TlsError::Make`] if there are no random bytes.
pub fn self_signed() -> Result<SelfSigned, TlsError> {
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, "locker-server dev CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;

    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut leaf = CertificateParams::new(names)?;
    leaf.distinguished_name.push(DnType::CommonName, "locker-server dev");
    leaf.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &ca)?;

    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    Ok(SelfSigned { config: config(vec![certificate.into()], key.into())?, ca_pem: ca.pem() })
}

fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
