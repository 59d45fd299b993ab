//! Colours of a release whose pods are replaced by others beside them.

/// One of the two colours: while one serves, the other is free for what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// The first one.
    Blue,
    /// The other one.
    Green,
}

impl Color {
    /// What stands in a plan in a colour's place: which one it will be, each deploy finds out for itself.
    pub const STAND_IN: &'static str = "color";

    /// Its name, as values, names and labels have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Green => "green",
        }
    }

    /// The colour of a name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Blue, Self::Green].into_iter().find(|color| color.name() == name)
    }

    /// The one that is free while this one serves.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }
}
