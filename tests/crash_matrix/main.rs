//! The crash matrix of the shipped binary: `up` and `destroy` of the unmodified `environments/dev.toml` on the
//! sandbox, killed at every call that changes something (before it, after it took effect, after its reply) and at
//! every fsync; each time the same command again must end in the same world, with no orphan and no twin, and leave
//! nothing to do.
//!
//! The same for releases, in the cluster of a small environment on the sandbox: installed, changed, rolled back and
//! removed, those of a chart with hooks and definitions and those of two colours too, and destroyed with all that they are
//! in; killed at every call to the cluster as well, and every call to it disturbed, with every release left at one
//! revision that stands and none that is pending, and hooks run again as a whole or not at all.
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
fn releases_are_installed_however_that_is_killed_or_disturbed() {
    sweep::killed_and_disturbed(Verb::Install);
}

#[test]
fn releases_are_changed_however_that_is_killed_or_disturbed() {
    sweep::killed_and_disturbed(Verb::Change);
}

#[test]
fn releases_are_rolled_back_however_that_is_killed_or_disturbed() {
    sweep::killed_and_disturbed(Verb::RollBack);
}

#[test]
fn releases_are_removed_however_that_is_killed_or_disturbed() {
    sweep::killed_and_disturbed(Verb::Remove);
}

#[test]
fn hooks_and_definitions_are_installed_however_that_is_killed_or_disturbed() {
    sweep::killed_and_disturbed(Verb::InstallHooked);
}

#[test]
fn hooks_and_definitions_are_upgraded_however_that_is_killed_or_disturbed() {
    sweep::killed_and_disturbed(Verb::UpgradeHooked);
}

#[test]
fn a_colour_is_installed_however_that_is_killed_or_disturbed() {
    sweep::killed_and_disturbed(Verb::InstallColored);
}

#[test]
fn a_colour_is_switched_however_that_is_killed_or_disturbed() {
    sweep::killed_and_disturbed(Verb::SwitchColor);
}

#[test]
fn all_is_destroyed_with_its_releases_however_that_is_killed_or_disturbed() {
    sweep::killed_and_disturbed(Verb::DestroyAll);
}
