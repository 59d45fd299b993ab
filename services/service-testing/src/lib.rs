//! Running services and talking to them, for the services' tests.
//!
//! | room | what lives here |
//! |---|---|
//! | [`process`] | a service as a process of its own, its log and its end |
//! | [`http`] | a plain client that shows what is on the wire |
//! | [`upstream`] | a peer that answers by a script |
//! | [`dns`] | a name server whose records can be changed |
//! | [`surface`] | what holds of every service, checked through its socket |
//! | [`peers`] | programs that tests run against, when they are wanted |
//! | [`twin`] | the FastAPI twin of a service, and the comparison with it |
//! | [`browser`] | a headless browser |
//!
//! Everything here panics when it fails: it is part of tests.

pub mod browser;
pub mod dns;
pub mod http;
pub mod peers;
pub mod process;
pub mod surface;
pub mod twin;
pub mod upstream;
