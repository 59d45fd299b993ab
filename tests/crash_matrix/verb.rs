//! What is killed, and from which start.

use crate::place::Place;
use crate::shop::Shop;

/// A command on trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Of everything in AWS.
    Up,
    /// Of everything in AWS.
    Destroy,
    /// Of the first revisions of releases.
    Install,
    /// Of releases: one otherwise, with an object less, one gone, the others as they were.
    Change,
    /// Of one release.
    RollBack,
    /// Of all releases.
    Remove,
    /// Of the first revision of a chart with hooks and definitions.
    InstallHooked,
    /// Of its next one.
    UpgradeHooked,
    /// Of the first colour of a service.
    InstallColored,
    /// Of its other colour.
    SwitchColor,
    /// Of everything in AWS, with releases in the cluster and their load balancers.
    DestroyAll,
}

impl Verb {
    pub(crate) fn environment(self) -> &'static str {
        match self {
            Self::Up | Self::Destroy => "dev",
            _ => "shop",
        }
    }

    /// Whether there is a cluster with objects to be counted when it is done.
    pub(crate) fn has_releases(self) -> bool {
        self.environment() == "shop" && self != Self::DestroyAll
    }

    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Up => "up dev --sandbox",
            Self::Destroy => "destroy dev --sandbox",
            Self::Install
            | Self::Change
            | Self::InstallHooked
            | Self::UpgradeHooked
            | Self::InstallColored
            | Self::SwitchColor => "up shop --sandbox",
            Self::DestroyAll => "destroy shop --sandbox",
            // By its number: without one, "the one before" is another one once it is done.
            Self::RollBack => "rollback shop backend-app 1 --sandbox",
            Self::Remove => "destroy shop --sandbox --target release.namespace",
        }
    }

    /// What must say that nothing is left to do.
    pub(crate) fn next(self) -> &'static str {
        match self {
            Self::Up => "diff dev --sandbox --exit-code",
            Self::Destroy => "diff dev --sandbox --destroy --exit-code",
            Self::Remove => "diff shop --sandbox --destroy --exit-code --target release.namespace",
            Self::DestroyAll => "diff shop --sandbox --destroy --exit-code",
            _ => "diff shop --sandbox --exit-code",
        }
    }

    /// The world and the state that it starts from; `None` for nothing at all.
    pub(crate) fn start(self) -> Option<tempfile::TempDir> {
        let place = Place::fresh();
        let up = |shop: Shop| {
            place.write(shop);
            place.succeeds("up shop --sandbox", "the start");
        };
        match self {
            Self::Up => return None,
            Self::Destroy => drop(place.succeeds("up dev --sandbox", "the start")),
            Self::Install => {
                up(Shop::Empty);
                place.write(Shop::First);
            }
            Self::Change => {
                up(Shop::First);
                place.write(Shop::Reduced);
            }
            Self::RollBack => {
                up(Shop::First);
                up(Shop::Changed);
                // Whoever rolls back has the file as it was, and there is nothing left to do then.
                place.write(Shop::First);
            }
            Self::Remove => {
                up(Shop::First);
                up(Shop::Changed);
            }
            Self::InstallHooked => {
                up(Shop::Empty);
                place.write(Shop::Hooked);
            }
            Self::UpgradeHooked => {
                up(Shop::Hooked);
                place.write(Shop::HookedOtherwise);
            }
            Self::InstallColored => {
                up(Shop::Empty);
                place.write(Shop::Colored);
            }
            Self::SwitchColor => {
                up(Shop::Colored);
                place.write(Shop::ColoredOtherwise);
            }
            Self::DestroyAll => up(Shop::Whole),
        }
        Some(place.keep())
    }
}
