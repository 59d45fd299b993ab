//! The wire: AWS's five protocols, driven by the service models.
//!
//! Knows nothing of the world. A [`message::Request`] becomes a [`codec::Decoded`] operation whose [`input::Input`]
//! is typed by the model and remembers what was read; an [`codec::Answer`] or a [`failure::Failure`] becomes a
//! [`message::Reply`]. Laws: what the model does not have is refused with a named 501, never ignored; an answer
//! that does not fit the output type is a 500 that says so.

mod chunked;
pub mod codec;
pub mod failure;
mod form;
pub mod input;
mod json;
pub mod message;
pub mod model;
mod rest;
mod scalar;
mod tree;
pub mod validate;
mod xml;
