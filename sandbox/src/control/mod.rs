//! The control API under `/_sandbox/`: everything that a test or a person does to the world from outside of AWS.

mod routes;

pub(crate) use routes::answer;
