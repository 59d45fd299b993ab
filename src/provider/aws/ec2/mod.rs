//! Kinds of Amazon EC2.

mod elastic_ip;
mod find;
mod internet_gateway;
mod nat_gateway;
mod route_table;
mod routes;
mod subnet;
mod tags;
mod vpc;
