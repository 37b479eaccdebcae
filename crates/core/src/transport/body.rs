//! The body of an answer, read within a limit.

use std::{error::Error as StdError, io, sync::Arc};

use async_compression::tokio::bufread::GzipDecoder;
use futures_util::TryStreamExt;
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes};
use tokio::io::{AsyncBufReadExt, AsyncReadExt};
use tokio_util::io::StreamReader;

use super::buffers::{Buffer, Buffers};

/// How much room is made ahead for a body, whatever length it claims: that of a full page of ordinary secrets.
const MAX_EXPECTED: u64 = 2 * 1024 * 1024;

/// What was read of a body.
pub(super) struct Content {
    pub(super) bytes: Buffer,
    /// Whether the body is longer than the limit; then `bytes` is its beginning, and what is behind is left unread.
    pub(super) is_cut: bool,
}

/// Reads a body to its end, or up to `limit`, into one of the buffers.
pub(super) async fn read<B>(mut body: B, limit: usize, buffers: &Arc<Buffers>) -> Result<Content, B::Error>
where
    B: Body<Data = Bytes> + Unpin,
{
    let expected = body.size_hint().exact().unwrap_or_default().min(MAX_EXPECTED).min(limit as u64);
    let mut bytes = buffers.take(usize::try_from(expected).unwrap_or_default());
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Ok(Content { bytes, is_cut: true });
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Content { bytes, is_cut: false })
}

/// As [`read`], for a body that is compressed with gzip. The limit is for what comes out.
pub(super) async fn read_gzip<B>(body: B, limit: usize) -> io::Result<Content>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let mut bytes = Buffer::default();
    let mut compressed = StreamReader::new(body.into_data_stream().map_err(io::Error::other));
    // An answer without content may have the header all the same.
    if compressed.fill_buf().await?.is_empty() {
        return Ok(Content { bytes, is_cut: false });
    }
    let mut decoder = GzipDecoder::new(compressed);
    (&mut decoder).take(limit as u64 + 1).read_to_end(&mut bytes).await?;
    if bytes.len() > limit {
        bytes.truncate(limit);
        return Ok(Content { bytes, is_cut: true });
    }
    // The connection can be used again only after the end of the body has been seen.
    let mut rest = decoder.into_inner().into_inner();
    while let Some(data) = rest.try_next().await? {
        if !data.is_empty() {
            return Err(io::Error::other("there are extra bytes after body has been decompressed"));
        }
    }
    Ok(Content { bytes, is_cut: false })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use futures_util::stream;
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// A body that comes in pieces of `length`.
    fn body(bytes: &[u8], length: usize) -> impl Body<Data = Bytes, Error = io::Error> + Unpin + use<> {
        let frames: Vec<_> =
            bytes.chunks(length).map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece)))).collect();
        StreamBody::new(stream::iter(frames))
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_the_limit() {
        for (limit, read_of_it) in [(4, &b"0123"[..]), (9, &b"01234567"[..]), (10, b"0123456789")] {
            let content = read(body(b"0123456789", 4), limit, &Arc::default()).await.unwrap();
            assert_eq!((&content.bytes[..], content.is_cut), (read_of_it, limit < 10));
        }
    }

    #[tokio::test]
    async fn what_is_compressed_is_unpacked_however_it_is_cut() {
        let text = "0123456789".repeat(10_000);
        let compressed = gzip(text.as_bytes());
        for length in [1, 7, compressed.len()] {
            let content = read_gzip(body(&compressed, length), text.len()).await.unwrap();
            assert_eq!((content.bytes.len(), content.is_cut), (text.len(), false));
            assert_eq!(*content.bytes, text.as_bytes());
        }
        let nothing = read_gzip(body(&[], 1), 10).await.unwrap();
        assert_eq!((nothing.bytes.len(), nothing.is_cut), (0, false));
    }

    #[tokio::test]
    async fn the_limit_is_for_what_comes_out() {
        let compressed = gzip(&[0; 100_000]);
        let content = read_gzip(body(&compressed, 10), 99_999).await.unwrap();
        assert_eq!((content.bytes.len(), content.is_cut), (99_999, true));
    }

    #[tokio::test]
    async fn what_is_compressed_and_damaged_is_refused() {
        let compressed = gzip(b"0123456789");
        let damaged = |at: usize| {
            let mut damaged = compressed.clone();
            damaged[at] ^= 0xff;
            damaged
        };
        let last = compressed.len() - 1;
        let more = [&compressed[..], b"more"].concat();
        for (bytes, length, problem) in [
            (compressed[..last].to_vec(), 8, "unexpected end of file"),
            (damaged(0), 8, "Invalid gzip header"),
            (damaged(last - 4), 8, "CRC computed does not match"),
            (damaged(last), 8, "amount of bytes read does not match"),
            (more, compressed.len(), "there are extra bytes after body has been decompressed"),
        ] {
            let refused = read_gzip(body(&bytes, length), 100).await.err();
            assert_eq!(refused.map(|error| error.to_string()).as_deref(), Some(problem));
        }
    }
}
