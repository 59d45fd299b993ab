//! A model of AWS on loopback.
