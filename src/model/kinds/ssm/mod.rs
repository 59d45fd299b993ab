//! Kinds of AWS Systems Manager.

mod parameter;

pub use parameter::{Parameter, ParameterOutputs, ParameterTier, ParameterValue};
