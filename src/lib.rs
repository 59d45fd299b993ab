//! platctl: from an empty AWS account to a running EKS platform.

pub mod chart;
