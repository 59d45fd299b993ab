//! Errors as people read them.

use std::error::Error;
use std::fmt::Write;

use serde_json::{Value, json};

use super::paint::Paint;

/// An error on its way to a person: what happened, what lies behind it, and what to do.
#[derive(Debug)]
pub struct Problem {
    /// The exit code.
    pub code: u8,
    /// What happened.
    pub message: String,
    /// What lies behind it, outermost first.
    pub causes: Vec<String>,
    /// What to do, one a line.
    pub hints: Vec<String>,
}

impl Problem {
    /// A problem with an exit code and nothing behind it.
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// A problem that an error tells, its sources as causes.
    pub fn from_error(code: u8, error: &dyn Error) -> Self {
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(cause) = source {
            causes.push(cause.to_string());
            source = cause.source();
        }
        Self { code, message: error.to_string(), causes, hints: Vec::new() }
    }

    /// With one more thing to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// As lines for a terminal.
    pub fn render(&self, paint: Paint) -> String {
        let mut out = format!("{} {}\n", paint.red(paint.bold("error:")), self.message);
        for cause in &self.causes {
            let _infallible = writeln!(out, "  {} {cause}", paint.dim("because:"));
        }
        for hint in &self.hints {
            let _infallible = writeln!(out, "  {} {hint}", paint.cyan("hint:"));
        }
        out
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        json!({
            "schema": "platctl/error",
            "version": 1,
            "exit_code": self.code,
            "message": self.message,
            "causes": self.causes,
            "hints": self.hints,
        })
    }
}
