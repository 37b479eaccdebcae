//! HMAC-SHA256 (RFC 2104) of the short messages of the protocol.

use sha2::block_api::compress256;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Output length in bytes.
pub(super) const MAC_LEN: usize = 32;
/// Length of a key in bytes. Longer ones would have to be hashed first.
pub(super) const KEY_LEN: usize = 32;
const BLOCK_LEN: usize = 64;
/// Where the length of all that is hashed is in the last block.
const LENGTH_START: usize = BLOCK_LEN - size_of::<u64>();
/// What SHA-256 begins with (FIPS 180-4, section 5.3.3).
const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

type State = [u32; 8];

/// A key, as what SHA-256 makes of its two pads.
///
/// A message of the protocol is one or two blocks, and what a general HMAC does around them takes as long as they do. So the
/// blocks are put together here, and `sha2` compresses them.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(super) struct MacKey {
    inner: State,
    outer: State,
}

impl MacKey {
    pub(super) fn new(key: &[u8; KEY_LEN]) -> Self {
        Self { inner: after_pad(key, 0x36), outer: after_pad(key, 0x5c) }
    }

    /// The MAC of a message.
    pub(super) fn authenticate(&self, message: &[u8]) -> [u8; MAC_LEN] {
        let (blocks, rest) = message.as_chunks();
        let mut inner = self.inner;
        compress256(&mut inner, blocks);
        finish(&mut inner, rest, message.len());
        let mut outer = self.outer;
        finish(&mut outer, &bytes(inner), MAC_LEN);
        bytes(outer)
    }

    /// Whether this is the MAC of the message, in a time that does not depend on where it differs.
    pub(super) fn verify(&self, message: &[u8], mac: &[u8; MAC_LEN]) -> bool {
        // Word by word: `subtle` keeps the compiler from seeing through each comparison, which costs something 32 times.
        let own = self.authenticate(message);
        let differing = words(&own).zip(words(mac)).fold(0, |bits, (own, other)| bits | (own ^ other));
        differing.ct_eq(&0).into()
    }
}

/// The state after the block of a key and a pad.
fn after_pad(key: &[u8; KEY_LEN], pad: u8) -> State {
    let mut block = [pad; BLOCK_LEN];
    block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    let mut state = INITIAL;
    compress256(&mut state, &[block]);
    block.zeroize();
    state
}

/// Hashes the last bytes, fewer than a block, of a message of `length` bytes that came after a pad.
fn finish(state: &mut State, rest: &[u8], length: usize) {
    let mut blocks = [[0; BLOCK_LEN]; 2];
    let bytes = blocks.as_flattened_mut();
    bytes[..rest.len()].copy_from_slice(rest);
    bytes[rest.len()] = 0x80;
    let count = if rest.len() < LENGTH_START { 1 } else { 2 };
    let bits = (BLOCK_LEN + length) as u64 * 8;
    blocks[count - 1][LENGTH_START..].copy_from_slice(&bits.to_be_bytes());
    compress256(state, &blocks[..count]);
}

fn words(mac: &[u8; MAC_LEN]) -> impl Iterator<Item = u64> {
    mac.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word))
}

fn bytes(state: State) -> [u8; MAC_LEN] {
    let mut bytes = [0; MAC_LEN];
    for (four, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *four = word.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    use super::*;

    #[test]
    fn it_is_hmac_sha256_for_every_length() {
        let key: [u8; KEY_LEN] = std::array::from_fn(|at| at as u8 * 7);
        let own = MacKey::new(&key);
        let message: Vec<u8> = (0..300_usize).map(|at| (at * 31) as u8).collect();
        for length in 0..=message.len() {
            let message = &message[..length];
            let theirs = Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(message);
            let mac: [u8; MAC_LEN] = theirs.finalize().into_bytes().into();
            assert_eq!(own.authenticate(message), mac, "{length} bytes");
            assert!(own.verify(message, &mac));
        }
    }

    #[test]
    fn a_mac_that_differs_in_one_bit_is_refused() {
        let key = MacKey::new(&[7; KEY_LEN]);
        let mac = key.authenticate(b"message");
        for bit in 0..8 * MAC_LEN {
            let mut altered = mac;
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.verify(b"message", &altered), "bit {bit}");
        }
        assert!(!key.verify(b"massage", &mac));
        assert!(!MacKey::new(&[8; KEY_LEN]).verify(b"message", &mac));
    }
}
