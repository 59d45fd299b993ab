//! Resource Groups Tagging: finds every resource by its tags, from the inventories of the services. Setting tags
//! through it is not modelled. Resources of global services are found in us-east-1, as AWS documents it.

mod resources;
mod service;

pub use service::SERVICE;
