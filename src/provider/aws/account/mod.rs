//! Questions about the account, for those who only read: who asks, what they may do, how much there may be, which
//! zones there are.

mod actions;
mod balancer;
mod identity;
mod network;
mod permissions;
mod quotas;

pub use actions::needed_actions;
pub use balancer::{BalancerHealth, BalancerTarget};
pub use identity::Identity;
pub use network::{Zone, ZoneNetwork};
pub use permissions::{Allowance, role_of};
pub use quotas::{Quota, Usage};
