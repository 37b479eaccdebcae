//! Whom the client trusts.

use std::{fs, path::Path, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
};
use rustls_native_certs::CertificateResult;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::{
    config::{Trust, parse_certificates},
    error::{Error, ErrorKind},
    log::Log,
};

/// A TLS configuration that trusts the system's store (or bundled roots where it has none) and the extra certificates.
pub(super) fn client_config(trust: &Trust, log: &Log) -> Result<ClientConfig, Error> {
    if trust.accept_any {
        log.warn("unsafe is set: any TLS certificate is accepted, so the server could be anyone");
        return configure(|builder, provider| {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AcceptAny(provider)))
                .with_no_client_auth()
        });
    }
    let roots = roots(trust, log);
    configure(|builder, _| builder.with_root_certificates(roots).with_no_client_auth())
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

/// The provider is named here and not installed for the process, which may hold other users of rustls.
fn configure(
    finish: impl FnOnce(Builder, Arc<CryptoProvider>) -> ClientConfig,
) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|source| Error::new(ErrorKind::Other, "TLS cannot be set up").with_source(source))?;
    let mut config = finish(builder, provider);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(trust: &Trust, log: &Log) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(system_certificates(trust, log));
    if roots.is_empty() {
        log.debug("the system has no CA certificates; the bundled ones of Mozilla are used");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    if let Some(file) = &trust.extra_file {
        match extra_certificates(file) {
            Ok(certificates) => roots.add_parsable_certificates(certificates),
            Err(problem) => {
                log.warn(format_args!("NODE_EXTRA_CA_CERTS is ignored: {} {problem}", file.display()));
                (0, 0)
            }
        };
    }
    roots.add_parsable_certificates(trust.extra.iter().cloned());
    roots
}

/// The certificates of the system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR` in their place.
fn system_certificates(trust: &Trust, log: &Log) -> Vec<CertificateDer<'static>> {
    let (file, dir) = (trust.system_file.as_deref(), trust.system_dir.as_deref());
    if file.is_none() && dir.is_none() {
        return rustls_native_certs::load_native_certs().certs;
    }
    let CertificateResult { certs, errors, .. } = rustls_native_certs::load_certs_from_paths(file, dir);
    for error in errors {
        log.warn(format_args!("SSL_CERT_FILE or SSL_CERT_DIR: {error}"));
    }
    certs
}

fn extra_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = fs::read(file).map_err(|error| format!("cannot be read: {error}"))?;
    parse_certificates(&pem).map_err(str::to_owned)
}

/// Accepts whatever certificate the server shows, and still requires that the server has its key.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
