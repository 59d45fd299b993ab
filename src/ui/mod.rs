//! Everything that a person or a program reads from us. The only room that prints.
//!
//! Data goes to stdout, everything else to stderr. Views are pure functions from plans, events and errors to
//! text or JSON; only `printer` and `progress` touch the terminal. Nothing here reads state or calls a provider.

mod json;
mod markdown;
mod paint;
mod plan_view;
mod printer;
mod problem;
mod progress;
mod summary;
mod words;

pub use json::{PLAN_SCHEMA_VERSION, plan_json};
pub use markdown::plan_markdown;
pub use paint::Paint;
pub use plan_view::{Detail, plan_view};
pub use printer::{Ask, Printer, Settings};
pub use problem::Problem;
pub use progress::{Progress, Told};
pub use summary::{failures, summary};
pub use words::{duration, few, part, value};
