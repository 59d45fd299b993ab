//! What a container wrote: its last lines, with their times.

use std::cell::RefCell;
use std::collections::VecDeque;

use tokio::sync::watch;

use crate::clock::Time;
use crate::cluster::json::wall;

/// Lines that are kept.
const KEPT: usize = 10_000;

/// The longest line that is kept whole, in bytes.
const LONGEST: usize = 64 * 1024;

/// What a container wrote in one life.
#[derive(Debug)]
pub(in crate::cluster) struct Output {
    /// The lines, and the number of the first.
    lines: RefCell<(VecDeque<(Time, String)>, usize)>,
    /// How many lines there were, and whether there will be more.
    told: watch::Sender<(usize, bool)>,
}

impl Output {
    pub(super) fn new() -> Self {
        Self { lines: RefCell::default(), told: watch::Sender::new((0, true)) }
    }

    pub(super) fn write(&self, mut line: String) {
        if line.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
            line.truncate(end);
        }
        let mut kept = self.lines.borrow_mut();
        kept.0.push_back((wall(), line));
        if kept.0.len() > KEPT {
            kept.0.pop_front();
            kept.1 += 1;
        }
        let count = kept.0.len() + kept.1;
        self.told.send_modify(|told| told.0 = count);
    }

    /// There will be no more lines.
    pub(super) fn end(&self) {
        self.told.send_modify(|told| told.1 = false);
    }

    /// The lines from a number on, and the number of the next.
    pub(in crate::cluster) fn from(&self, number: usize) -> (Vec<(Time, String)>, usize) {
        let kept = self.lines.borrow();
        let skip = number.saturating_sub(kept.1);
        (kept.0.iter().skip(skip).cloned().collect(), kept.0.len() + kept.1)
    }

    /// Tells how many lines there are and whether there will be more, and when that changes.
    pub(in crate::cluster) fn subscribe(&self) -> watch::Receiver<(usize, bool)> {
        self.told.subscribe()
    }
}
