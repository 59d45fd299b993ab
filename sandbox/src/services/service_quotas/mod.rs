//! Service Quotas: AWS's defaults of the quotas that a platform meets. Requests for more are not modelled; EC2's
//! limits can be changed through the control API, and are then shown changed here.

mod quota;
mod service;
mod state;

pub use service::SERVICE;
pub use state::State;
