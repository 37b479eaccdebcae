//! Standard base64 with padding (RFC 4648, section 4), strict: one text for each sequence of bytes.

use base64::{Engine, engine::general_purpose};

/// Uses the widest instructions that the processor has.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: std::sync::LazyLock<base64::engine::Simd> =
    std::sync::LazyLock::new(|| base64::engine::Simd::standard(general_purpose::PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static ENGINE: general_purpose::GeneralPurpose = general_purpose::STANDARD;

pub(super) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// The length of a buffer that the bytes of a text of this length fit into.
pub(super) fn decoded_len(text_len: usize) -> usize {
    text_len.div_ceil(4) * 3
}

/// Decodes into the beginning of `buffer`, and gives how many bytes there are; `None` if the text is not base64, or if
/// they do not fit.
pub(super) fn decode(text: &[u8], buffer: &mut [u8]) -> Option<usize> {
    ENGINE.decode_slice(text, buffer).ok()
}
