//! What every service of the platform needs.
