//! The `aws-chunked` content encoding, in which SDKs upload streams to S3: each chunk is a length in hexadecimal,
//! optionally a signature, and the bytes; trailers follow the last chunk.

use bytes::{Bytes, BytesMut};

/// Takes the chunks apart; `None` when the framing is broken.
pub(super) fn decode(body: &[u8]) -> Option<Bytes> {
    let mut out = BytesMut::with_capacity(body.len());
    let mut rest = body;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let head = std::str::from_utf8(&rest[..end]).ok()?;
        let length = usize::from_str_radix(head.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if length == 0 {
            return Some(out.freeze());
        }
        let chunk = rest.get(..length)?;
        out.extend_from_slice(chunk);
        rest = rest.get(length..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn chunks_are_joined_and_trailers_dropped() {
        let body = b"5;chunk-signature=ab\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        assert_eq!(super::decode(body).as_deref(), Some(b"hello!".as_slice()));
        assert_eq!(super::decode(b"5\r\nhel"), None);
        assert_eq!(super::decode(b"zz\r\n"), None);
    }
}
