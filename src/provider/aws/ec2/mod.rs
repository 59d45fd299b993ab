//! Kinds of Amazon EC2.

mod default_security_group;
mod elastic_ip;
mod find;
mod flow_log;
mod internet_gateway;
mod launch_template;
mod nat_gateway;
mod route_table;
mod routes;
mod rules;
mod security_group;
mod security_group_rule;
mod subnet;
mod tags;
mod template_data;
mod vpc;
mod vpc_endpoint;
