//! A model of AWS on loopback: wire-compatible with SDKs, the AWS CLI and Terraform, for trying platctl without an
//! account, for demos, and for proving what happens on a crash, under throttling, or when things take long.
//!
//! # How it is built
//! | module | what lives there | may use |
//! |---|---|---|
//! | [`wire`] | the five protocols, driven by the models under `sandbox/models` | nothing of ours but [`clock`] |
//! | [`world`] | the state as one value, and what operations do with it: ids, tags, filters, pages, client tokens, progress | [`wire`], `services` (the states) |
//! | [`services`] | one folder a service: its state and its operations | [`wire`], [`world`] |
//! | `owner` | the one owner of the world: dispatch, transaction, faults, log | all but `server` |
//! | `cluster` | the Kubernetes of every cluster that is active | `owner`, [`services`], [`world`], [`wire`] |
//! | `kubernetes` | what the controllers of a cluster make in AWS | `owner`, [`services`], [`world`], [`wire`] |
//! | `control` | the API under `/_sandbox/` | `owner`, `kubernetes` |
//! | `journal`, [`blobs`] | the world on disk | [`world`] |
//! | `server` | sockets, one thread | `owner`, `cluster` |
//!
//! # Laws
//! - A call is a transaction: what refuses leaves nothing behind, not even a used id.
//! - Nothing is ignored: an operation, a parameter or a filter that is not modelled is refused by name.
//! - The same calls at the same wall times on the same seed give the same world, byte for byte. So no `HashMap` in
//!   the world, no time and no randomness but from the [`world::Call`].
//! - What changed the world is on disk before it is answered.
//!
//! # Adding a service
//! 1. List its operations in `sandbox/models/NAME.operations` (botocore's name) and run
//!    `scripts/sandbox-models NAME`. Never edit the generated `NAME.json`.
//! 2. In `services/NAME/`: `state.rs` (plain data in [`world::Table`]s; `#[serde(default)]`, so that older snapshots
//!    still load), one file a kind of resource, `service.rs` with a `SERVICE` constant that maps operation names to
//!    functions; list it in `services/registry.rs`. `services/ec2` and `services/sts` are the example.
//! 3. An operation is `fn(&mut Call, &Input) -> Outcome`. Required members, allowed values, lengths and patterns
//!    are checked from the model before it runs, and refused through `SERVICE.refuse`. It reads its members by
//!    their model names ([`wire::input::Input`]), refuses with [`wire::failure::Failure`] (`Failure::new("Code",
//!    "message")`: the status comes from the model's error of that name, else 400), and answers
//!    `Ok(json!({ "Member": … }).into())` by model names; `null` members are left out, timestamps are
//!    [`clock::Time::value`], blobs are base64 text, an S3 body goes in [`wire::codec::Answer::with_payload`].
//! 4. Read a member or do not: what was sent and not read when the operation succeeds is refused with a 501 that
//!    names it. `input.only("Member", "value")` accepts the one value that is modelled. `input.tree("Member")`
//!    reads a whole subtree, only for what is stored and shown again as it came.
//! 5. Client tokens: `call.replayed(input, "ClientToken", "MismatchError")?` first, `call.remember(…)` at the end.
//! 6. Pages: `call.page(input, rules, rows)` fills the members that the model's pagination names.
//! 7. Progress: leave the resource in its transitional state, `call.begin(subject, change, typical_seconds)` (or
//!    `begin_removal`), end it in `SERVICE.complete`, and say `call.shown(subject)` in every reply of a describe,
//!    get or list that shows the transitional state. The create's own reply does not count as shown.
//! 8. What a service does in another (a cluster's interfaces) goes through functions that the other offers, inside
//!    `call.within("ec2", …)` where they begin changes or remember tokens.
//! 9. `SERVICE.inventory` lists every resource with its ARN, type and tags: it feeds the dump and the tagging
//!    service.

pub mod blobs;
mod calls;
pub mod clock;
mod cluster;
mod control;
mod dice;
mod faults;
mod journal;
mod kubernetes;
mod owner;
#[cfg(test)]
mod properties;
mod server;
pub mod services;
mod settings;
#[cfg(test)]
mod testing;
mod watch;
pub mod wire;
pub mod world;

pub use calls::{CallEntry, CallLog, Count};
pub use clock::Pace;
pub use dice::Dice;
pub use faults::{Delivered, Delivery, Fault, FaultKind};
pub use journal::JournalError;
pub use owner::Owner;
pub use server::{Sandbox, StartError};
pub use settings::Settings;
pub use watch::{ChangingCall, Moment, Watch};
