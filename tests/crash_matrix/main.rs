//! The crash matrix of the shipped binary: `up` and `destroy` of the unmodified `environments/dev.toml` on the
//! sandbox, killed at every call that changes something (before it, after it took effect, after its reply) and at
//! every fsync; each time the same command again must end in the same world, with no orphan and no twin, and leave
//! nothing to do.
//!
//! The same for releases, in the cluster of a small environment on the sandbox: installed, changed, rolled back and
//! removed, killed at every call to the cluster as well, with every release left at one revision that stands and none
//! that is pending.
//!
//! `scripts/crash-matrix` runs all of it; without `CRASH_MATRIX=all` a share of it runs, chosen by a seed
//! (`CRASH_MATRIX_SEED`), and the share is printed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod inventory;
mod objects;
mod place;
mod shop;
mod sweep;
mod syncs;
mod verb;

use verb::Verb;

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

#[test]
fn releases_are_installed_by_the_next_run_wherever_it_is_killed() {
    sweep::killed(Verb::Install);
}

#[test]
fn releases_are_changed_by_the_next_run_wherever_it_is_killed() {
    sweep::killed(Verb::Change);
}

#[test]
fn releases_are_rolled_back_by_the_next_run_wherever_it_is_killed() {
    sweep::killed(Verb::RollBack);
}

#[test]
fn releases_are_removed_by_the_next_run_wherever_it_is_killed() {
    sweep::killed(Verb::Remove);
}
