//! What a file holds.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// The bytes of a file, which may be read only when somebody looks at them. Copies share them.
///
/// A file that turns out unreadable looks empty and [says so](Self::failure): whoever made something of it asks.
#[derive(Clone)]
pub struct Content(Arc<Held>);

struct Held {
    bytes: OnceLock<Result<Vec<u8>, io::Error>>,
    read: Box<Read>,
}

type Read = dyn Fn() -> io::Result<Vec<u8>> + Send + Sync;

impl Content {
    /// What `read` gives, which is called when the bytes are looked at for the first time.
    pub fn later(read: impl Fn() -> io::Result<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Held { bytes: OnceLock::new(), read: Box::new(read) }))
    }

    /// Why the bytes could not be read, if somebody has looked at them and they could not.
    pub fn failure(&self) -> Option<&io::Error> {
        self.0.bytes.get()?.as_ref().err()
    }

    /// The bytes, copied only if others share them.
    pub fn into_bytes(self) -> Vec<u8> {
        match Arc::try_unwrap(self.0) {
            Ok(held) => held.bytes.into_inner().unwrap_or_else(held.read).unwrap_or_default(),
            Err(shared) => Self(shared).to_vec(),
        }
    }
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.bytes.get_or_init(&self.0.read).as_deref().unwrap_or_default()
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Held { bytes: Ok(bytes).into(), read: Box::new(|| Ok(Vec::new())) }))
    }
}

impl From<&[u8]> for Content {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Content {}

impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.bytes.get() {
            Some(Ok(bytes)) => write!(formatter, "{} bytes", bytes.len()),
            Some(Err(error)) => write!(formatter, "unreadable: {error}"),
            None => formatter.write_str("not read yet"),
        }
    }
}
