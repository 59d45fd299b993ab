//! What has to be done: a pure comparison of what is desired, recorded and observed.
//!
//! No clock, disk, network or randomness: the same input gives the same plan, byte for byte. Laws: a plan of
//! what stands is empty; dependencies come first; deletes reverse creates; what is protected stays.

mod compare;
mod lint;
mod order;
mod planner;
mod saved;
mod step;

pub use compare::{comparable, fingerprint};
pub use lint::{Fault, lint};
pub use planner::{Input, Refusal, Scope, plan};
pub use saved::{SAVED_VERSION, SavedError, read, write};
pub use step::{Forecast, Plan, PlannedChange, Purpose, Reason, Step, StepId, Totals};
