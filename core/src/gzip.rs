//! gzip (RFC 1952) over `miniz_oxide`: one member in, one member out.
//!
//! Decompression takes a limit and never allocates past it; a member that would
//! grow beyond it is an error, not a truncation.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress as decompress_raw, inflate_flags};

/// On recorded mutations it packs better than zlib's level 6 and is fast enough in
/// a worker; the next levels win one per cent (docs/adr).
pub const LEVEL: u8 = 6;

const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
const TRAILER: usize = 8;

/// Why bytes could not be inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GzipError {
    /// Not a gzip member, or one with optional header fields, which no recorder writes.
    NotGzip,
    /// The deflate data or the checksum is damaged.
    Damaged,
    /// More bytes than the limit allows.
    TooLarge,
}

impl fmt::Display for GzipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotGzip => "the body is not one plain gzip member",
            Self::Damaged => "the gzip member is damaged",
            Self::TooLarge => "the inflated body is over the limit",
        })
    }
}

impl core::error::Error for GzipError {}

/// `data` as one gzip member.
pub fn compress(data: &[u8]) -> Vec<u8> {
    let deflated = compress_to_vec(data, LEVEL);
    let mut out = Vec::with_capacity(HEADER.len() + deflated.len() + TRAILER);
    out.extend_from_slice(&HEADER);
    out.extend_from_slice(&deflated);
    out.extend_from_slice(&crc32(data).to_le_bytes());
    out.extend_from_slice(&size_field(data.len()).to_le_bytes());
    out
}

/// Inflates one gzip member into at most `limit` bytes.
pub fn decompress(member: &[u8], limit: usize) -> Result<Vec<u8>, GzipError> {
    let body = member
        .strip_prefix(&[0x1f, 0x8b, 8, 0])
        .ok_or(GzipError::NotGzip)?;
    // mtime (4), extra flags and operating system carry nothing.
    let body = body.get(6..).ok_or(GzipError::NotGzip)?;
    let (deflated, trailer) = body
        .split_last_chunk::<TRAILER>()
        .ok_or(GzipError::NotGzip)?;
    let [c0, c1, c2, c3, s0, s1, s2, s3] = *trailer;
    let data = inflate(deflated, limit)?;
    let intact = u32::from_le_bytes([c0, c1, c2, c3]) == crc32(&data)
        && u32::from_le_bytes([s0, s1, s2, s3]) == size_field(data.len());
    if !intact {
        return Err(GzipError::Damaged);
    }
    Ok(data)
}

/// Whether a member begins as [`compress`] writes it, with nothing in its header.
pub fn is_ours(member: &[u8]) -> bool {
    member.starts_with(&HEADER)
}

/// Inflates a deflate stream that fills `deflated` to its last byte: what stood behind it
/// would be stored with it, unread and unmasked.
fn inflate(mut deflated: &[u8], limit: usize) -> Result<Vec<u8>, GzipError> {
    let mut state = Box::<DecompressorOxide>::default();
    let mut data = vec![0; deflated.len().saturating_mul(2).min(limit)];
    let mut length = 0;
    loop {
        let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let (status, read, written) =
            decompress_raw(&mut state, deflated, &mut data, length, flags);
        length += written;
        deflated = deflated.get(read..).ok_or(GzipError::Damaged)?;
        match status {
            TINFLStatus::Done if deflated.is_empty() => {
                data.truncate(length);
                return Ok(data);
            }
            TINFLStatus::HasMoreOutput if data.len() < limit => {
                let longer = data.len().saturating_mul(2).min(limit);
                data.resize(longer, 0);
            }
            TINFLStatus::HasMoreOutput => return Err(GzipError::TooLarge),
            _ => return Err(GzipError::Damaged),
        }
    }
}

/// RFC 1952 keeps the size modulo 2^32.
#[expect(clippy::cast_possible_truncation, reason = "the format's own modulus")]
fn size_field(len: usize) -> u32 {
    len as u32
}

/// The reflected CRC-32 of RFC 1952 §8, one table look-up a byte.
fn crc32(data: &[u8]) -> u32 {
    let table = crc_table();
    !data.iter().fold(!0, |crc: u32, byte| {
        let index = usize::from(crc.to_le_bytes()[0] ^ byte);
        table.get(index).copied().unwrap_or(0) ^ (crc >> 8)
    })
}

/// Made for each member, in about the time that a hundred bytes take to deflate:
/// as a constant it would be a kilobyte that does not compress on every page.
fn crc_table() -> [u32; 256] {
    core::array::from_fn(|index| {
        let byte = u32::try_from(index).unwrap_or(0);
        (0..8).fold(byte, |crc, _| {
            if crc & 1 == 1 {
                0xEDB8_8320 ^ (crc >> 1)
            } else {
                crc >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_check_value_of_crc32() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn refuses_damage() {
        let member = compress(b"hello, hello, hello");
        assert_eq!(decompress(b"", 10), Err(GzipError::NotGzip));
        assert_eq!(
            decompress(b"plain text that is no gzip", 10),
            Err(GzipError::NotGzip)
        );
        for cut in 0..member.len() {
            assert!(decompress(&member[..cut], 100).is_err(), "cut at {cut}");
        }
        for at in 10..member.len() {
            let mut bent = member.clone();
            bent[at] ^= 0x10;
            assert_ne!(
                decompress(&bent, 100).ok().as_deref(),
                Some(&b"hello, hello, hullo"[..])
            );
            assert!(
                decompress(&bent, 100).is_err() || at < member.len() - 8,
                "bent at {at}"
            );
        }
    }

    #[test]
    fn nothing_hides_behind_the_stream() {
        let member = compress(b"what is seen");
        let (deflated, trailer) = member.split_last_chunk::<TRAILER>().unwrap();
        for hidden in [&b"\0"[..], b"a secret", deflated, &member] {
            let stuffed = [deflated, hidden, trailer].concat();
            assert_eq!(decompress(&stuffed, 1_000), Err(GzipError::Damaged));
        }
        // The trailer of the second is right for the first, too.
        let twice = [member.as_slice(), &member].concat();
        assert_eq!(decompress(&twice, 1_000), Err(GzipError::Damaged));
        assert!(is_ours(&member));
        let mut named = member.clone();
        named[4] = 1;
        assert_eq!(decompress(&named, 1_000).unwrap(), b"what is seen");
        assert!(!is_ours(&named));
    }

    #[test]
    fn the_limit_is_exact() {
        let member = compress(&[7; 1_000]);
        assert_eq!(decompress(&member, 1_000).unwrap().len(), 1_000);
        assert_eq!(decompress(&member, 999), Err(GzipError::TooLarge));
        assert_eq!(decompress(&compress(b""), 1).unwrap(), b"");
    }

    proptest! {
        #[test]
        fn a_longer_stream_is_refused(data: Vec<u8>, hidden in proptest::collection::vec(any::<u8>(), 1..40)) {
            let member = compress(&data);
            let (deflated, trailer) = member.split_last_chunk::<TRAILER>().unwrap();
            let stuffed = [deflated, hidden.as_slice(), trailer].concat();
            prop_assert_eq!(decompress(&stuffed, data.len() + 100), Err(GzipError::Damaged));
        }

        #[test]
        fn round_trip(data: Vec<u8>) {
            let member = compress(&data);
            prop_assert_eq!(decompress(&member, data.len()), Ok(data));
        }

        #[test]
        fn never_panics(data: Vec<u8>) {
            let _ = decompress(&data, 1 << 16);
        }
    }
}
