//! Graphs of work: what comes before what, and what to start next.
//!
//! Knows no AWS words: nodes are numbers. Laws: an order lists every node once and after all it waits for; a
//! cycle is named; the ready queue hands out the node with the longest remaining path first.

mod dag;
mod ready;

pub use dag::{Cycle, Dag};
pub use ready::Ready;
