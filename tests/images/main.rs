//! Images from outside: the shipped binary builds a small workspace, and pushes it to registries.

#![allow(clippy::unwrap_used, reason = "what is not as expected fails the test")]

mod broken;
mod build;
mod deployed;
mod inputs;
mod peers;
mod planned;
mod proxy;
mod push;
mod support;
