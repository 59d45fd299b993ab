//! YAML as Helm reads and writes it: `sigs.k8s.io/yaml` over go-yaml 2, and go-yaml 3 for the pretty form.
//!
//! Reading gives what those give (YAML 1.1 booleans, octal numbers, merges, the last of equal keys, their
//! error texts), with bounds on nesting and on what aliases may expand to. Writing equals Go's bytes: key
//! order, quoting, block scalars, numbers. Pure; for this room and for whoever holds manifests.

mod emit;
mod error;
mod key_order;
mod parse;
mod resolve;
mod scan;
mod scan_scalar;
mod scan_tag;
mod source;
mod tagged;
mod write;

#[cfg(test)]
mod tests;

pub use error::YamlError;
pub use parse::{read, read_list, read_map, read_typed};
pub use source::documents;
pub use write::{NotYaml, write, write_pretty};
