//! The controllers as callers of AWS.

use serde_json::{Value, json};

use crate::services;
use crate::wire::codec;
use crate::wire::failure::Failure;
use crate::wire::validate;
use crate::world::{Call, Tags};

/// Calls an operation of a service with input by model names and gives the output by model names.
///
/// # Errors
/// The service's refusal.
pub(super) fn ask(
    call: &mut Call<'_>,
    service: &'static str,
    operation: &str,
    input: Value,
) -> Result<Value, Failure> {
    let unknown = || Failure::internal(format!("there is no operation {service}:{operation}"));
    let found = services::service(service).ok_or_else(unknown)?;
    let model = (found.model)();
    let decoded = codec::decode_tree(model, operation, input)?;
    if let Some(member) = &decoded.model.input {
        let shape = model.shape(&member.shape);
        if let Some(violation) = validate::first_violation(model, shape, &decoded.input, "") {
            return Err((found.refuse)(&violation));
        }
    }
    let run = (found.operation)(operation).ok_or_else(unknown)?;
    let mine = std::mem::replace(&mut call.operation, operation.to_owned());
    let answer = call.within(service, |call| run(call, &decoded.input));
    call.operation = mine;
    let answer = answer?;
    match decoded.input.unread().first() {
        Some(path) => Err(Failure::unmodelled(format!("the member {path} of {service}:{operation}"))),
        None => Ok(answer.tree),
    }
}

/// A text in an answer.
pub(super) fn text(answer: &Value, pointer: &str) -> Result<String, Failure> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Failure::internal(format!("the answer has no {pointer}")))
}

/// Tags as most services list them.
pub(super) fn listed(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// Tags as EC2 takes them at a resource's birth.
pub(super) fn specification(kind: &str, tags: &Tags) -> Value {
    json!([{ "ResourceType": kind, "Tags": listed(tags) }])
}
