//! The crash matrix of the shipped binary: `up` and `destroy` of the unmodified `environments/dev.toml` on the
//! sandbox, killed at every call that changes something (before it, after it took effect, after its reply) and at
//! every fsync; each time the same command again must end in the same world, with no orphan and no twin, and leave
//! nothing to do.
//!
//! `scripts/crash-matrix` runs all of it; without `CRASH_MATRIX=all` a share of it runs, chosen by a seed
//! (`CRASH_MATRIX_SEED`), and the share is printed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod inventory;
mod place;
mod sweep;
mod syncs;

use sweep::Verb;

#[test]
fn up_is_finished_by_the_next_run_wherever_it_is_killed() {
    sweep::killed(Verb::Up);
}

#[test]
fn destroy_is_finished_by_the_next_run_wherever_it_is_killed() {
    sweep::killed(Verb::Destroy);
}

#[test]
fn up_bears_every_call_throttled_cut_and_late() {
    sweep::disturbed(Verb::Up);
}

#[test]
fn destroy_bears_every_call_throttled_cut_and_late() {
    sweep::disturbed(Verb::Destroy);
}
