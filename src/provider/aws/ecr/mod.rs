//! Amazon Elastic Container Registry.

mod repository;
mod repository_parts;
