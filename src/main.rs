//! The `platctl` binary.

fn main() {}
