//! The chart room by itself.

#[path = "../../../../src/chart/mod.rs"]
pub mod chart;
