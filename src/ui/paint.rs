//! Colours, where there are any.

/// Paints text for a terminal that shows colours, or leaves it as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paint {
    colour: bool,
}

impl Paint {
    /// With or without colours.
    pub const fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// Whether there are any.
    pub const fn is_coloured(self) -> bool {
        self.colour
    }

    fn paint(self, code: &str, text: impl std::fmt::Display) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }

    /// What is made, or went well.
    pub fn green(self, text: impl std::fmt::Display) -> String {
        self.paint("32", text)
    }

    /// What is changed, or needs a look.
    pub fn yellow(self, text: impl std::fmt::Display) -> String {
        self.paint("33", text)
    }

    /// What is removed, or went wrong.
    pub fn red(self, text: impl std::fmt::Display) -> String {
        self.paint("31", text)
    }

    /// What is said for orientation.
    pub fn cyan(self, text: impl std::fmt::Display) -> String {
        self.paint("36", text)
    }

    /// One of many: each number its own colour, again from the start after the last.
    pub fn nth(self, number: usize, text: impl std::fmt::Display) -> String {
        const CODES: [&str; 10] = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94"];
        self.paint(CODES[number % CODES.len()], text)
    }

    /// What matters most.
    pub fn bold(self, text: impl std::fmt::Display) -> String {
        self.paint("1", text)
    }

    /// What matters least.
    pub fn dim(self, text: impl std::fmt::Display) -> String {
        self.paint("2", text)
    }
}
