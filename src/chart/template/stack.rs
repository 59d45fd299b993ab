//! Room for recursion: templates may nest deeper than a thread's stack allows.

/// Runs `inner` with at least 128 KiB of stack left, on a new segment if needed.
pub(crate) fn grow<T>(inner: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(128 * 1024, 1024 * 1024, inner)
}
