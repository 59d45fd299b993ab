//! From a chart and values to objects: dependencies, values, schema, templates, manifests, in that order.

mod error;
mod output;
mod pipeline;
mod roots;

pub use error::RenderError;
pub use output::{NoSuchTemplate, OutputOptions};
pub use pipeline::{Release, RenderOptions, Rendered, missing_dependencies, render, render_texts};
