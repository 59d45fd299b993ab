//! The terminal.

use std::io::{BufRead, IsTerminal, Write};

use super::paint::Paint;
use super::problem::Problem;

/// How we print.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// `--json`: data as JSON; problems too.
    pub json: bool,
    /// `--quiet`: nothing but data and problems.
    pub quiet: bool,
    /// False when `NO_COLOR` is set.
    pub colour: bool,
}

/// The one who prints.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    settings: Settings,
    /// True when stderr is a terminal: progress moves, and questions can be asked.
    interactive: bool,
    out: Paint,
    err: Paint,
}

/// An answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Yes, or the expected word.
    Agreed,
    /// Anything else.
    Declined,
    /// There is nobody to ask.
    Nobody,
}

impl Printer {
    /// A printer for this process's streams.
    pub fn new(settings: Settings) -> Self {
        let interactive = std::io::stderr().is_terminal() && !settings.json;
        Self {
            settings,
            interactive,
            out: Paint::new(settings.colour && std::io::stdout().is_terminal()),
            err: Paint::new(settings.colour && std::io::stderr().is_terminal()),
        }
    }

    /// Whether data goes out as JSON.
    pub fn json(&self) -> bool {
        self.settings.json
    }

    /// Whether progress may move and questions may be asked.
    pub fn interactive(&self) -> bool {
        self.interactive
    }

    /// Colours for what is said.
    pub fn paint(&self) -> Paint {
        self.err
    }

    /// Colours for data.
    pub fn data_paint(&self) -> Paint {
        self.out
    }

    /// Prints data to stdout, with a newline at its end.
    pub fn data(&self, text: &str) {
        emit(std::io::stdout().lock(), text);
    }

    /// Prints a JSON value to stdout.
    pub fn data_json(&self, value: &serde_json::Value) {
        self.data(&format!("{value:#}"));
    }

    /// Prints a JSON value to stdout as one line, so that it can be read while more comes.
    pub fn data_json_line(&self, value: &serde_json::Value) {
        self.data(&value.to_string());
    }

    /// Passes on what another program wrote to its standard output, as it is.
    pub fn pass_on(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        let _closed = out.write_all(bytes).and_then(|()| out.flush());
    }

    /// The same for its standard error.
    pub fn pass_on_aside(&self, bytes: &[u8]) {
        let _closed = std::io::stderr().lock().write_all(bytes);
    }

    /// Says something on stderr.
    pub fn say(&self, text: &str) {
        if !self.settings.quiet {
            emit(std::io::stderr().lock(), text);
        }
    }

    /// Says what must not be overlooked.
    pub fn warn(&self, text: &str) {
        emit(std::io::stderr().lock(), &format!("{} {text}", self.err.yellow("warning:")));
    }

    /// Tells a problem: on stderr, or with `--json` on stdout, as one line: what came before it may be lines too.
    pub fn problem(&self, problem: &Problem) {
        if self.settings.json {
            self.data_json_line(&problem.to_json());
        } else {
            emit(std::io::stderr().lock(), problem.render(self.err).trim_end());
        }
    }

    /// Asks on the terminal; `expected` is what must be typed, or `None` for y or yes.
    pub fn ask(&self, question: &str, expected: Option<&str>) -> Ask {
        if !self.interactive || !std::io::stdin().is_terminal() {
            return Ask::Nobody;
        }
        let mut err = std::io::stderr().lock();
        let _unseen = write!(err, "{} ", self.err.bold(question)).and_then(|()| err.flush());
        let mut answer = String::new();
        if std::io::stdin().lock().read_line(&mut answer).is_err() {
            return Ask::Declined;
        }
        let answer = answer.trim();
        let agreed = match expected {
            Some(word) => answer == word,
            None => matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"),
        };
        if agreed { Ask::Agreed } else { Ask::Declined }
    }
}

/// Writes a text and one newline. A reader that went away (`| head`) is no failure of ours.
fn emit(mut stream: impl Write, text: &str) {
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let _closed = write!(stream, "{text}{newline}").and_then(|()| stream.flush());
}
