//! Running services and talking to them, for their tests.
