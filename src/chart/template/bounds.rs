//! What a rendering may use up.

use std::cell::Cell;

use super::error::{Error, ErrorKind};

/// The bounds of one engine, over all the files it renders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// How deep templates may call one another. Go allows 100,000; Helm 1,000 of one name by `include`.
    pub depth: usize,
    /// How many nodes, commands and function costs are run.
    pub steps: u64,
    /// Bytes of text that one value or file may have.
    pub output: usize,
    /// Bytes of all values made by functions, whether or not they are still in use.
    pub memory: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { depth: 20_000, steps: 50_000_000, output: 64 << 20, memory: 4 << 30 }
    }
}

/// Counts what is used up.
#[derive(Debug)]
pub(crate) struct Meter {
    bounds: Bounds,
    steps: Cell<u64>,
    memory: Cell<u64>,
}

impl Meter {
    /// Starts at nothing.
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, steps: Cell::new(0), memory: Cell::new(0) }
    }

    /// Counts work.
    pub(crate) fn step(&self, cost: u64) -> Result<(), Box<Error>> {
        let steps = self.steps.get().saturating_add(cost);
        self.steps.set(steps);
        if steps > self.bounds.steps {
            return Err(bound(format!("the templates take more than {} steps", self.bounds.steps)));
        }
        Ok(())
    }

    /// Counts a value of so many bytes before it is made.
    pub(crate) fn allocate(&self, bytes: usize) -> Result<(), Box<Error>> {
        if bytes > self.bounds.output {
            return Err(bound(format!("a value is larger than {} bytes", self.bounds.output)));
        }
        let memory = self.memory.get().saturating_add(bytes as u64);
        self.memory.set(memory);
        if memory > self.bounds.memory {
            return Err(bound(format!(
                "the templates make more than {} bytes of values",
                self.bounds.memory
            )));
        }
        Ok(())
    }

    /// Checks the size of an output.
    pub(crate) fn output(&self, bytes: usize) -> Result<(), Box<Error>> {
        if bytes > self.bounds.output {
            return Err(bound(format!("the output is larger than {} bytes", self.bounds.output)));
        }
        Ok(())
    }

    /// Checks how deep templates call one another.
    pub(crate) fn depth(&self, depth: usize) -> Result<(), Box<Error>> {
        if depth > self.bounds.depth {
            return Err(bound(format!("exceeded maximum template depth ({})", self.bounds.depth)));
        }
        Ok(())
    }
}

fn bound(message: String) -> Box<Error> {
    let mut error = Error::new(ErrorKind::Bound, message);
    error.hint = Some("a template may be calling itself without end".to_owned());
    error
}
