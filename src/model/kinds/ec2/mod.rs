//! Kinds of Amazon EC2: networks and what lives in them.

mod internet_gateway;
mod subnet;
mod vpc;

pub use internet_gateway::InternetGateway;
pub use subnet::{Subnet, SubnetOutputs};
pub use vpc::{Vpc, VpcOutputs};
