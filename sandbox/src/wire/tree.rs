//! Input that was never on the wire: a JSON tree by model names, for calls that the sandbox makes to itself.

use serde_json::Value;

use super::failure::Failure;
use super::input::{Input, Kind};
use super::model::{Model, Shape};
use super::scalar;

/// Builds the input of a shape from a tree whose members have their model names; `null` members are left out.
///
/// # Errors
/// An internal failure for a member that the model does not have or a value of another type: our mistake.
pub(super) fn decode(model: &'static Model, shape: &'static Shape, tree: Value) -> Result<Input, Failure> {
    let inner = |shape: &str, value| decode(model, model.shape(shape), value);
    Ok(Input::new(match (shape, tree) {
        (Shape::Structure { members: known, .. }, Value::Object(fields)) => {
            let mut members = Vec::new();
            for (name, value) in fields {
                let (name, member) = known
                    .get_key_value(&name)
                    .ok_or_else(|| Failure::internal(format!("the model has no member {name}")))?;
                if !value.is_null() {
                    members.push((name.as_str(), inner(&member.shape, value)?));
                }
            }
            Kind::Structure(known, members)
        }
        (Shape::List { member, .. }, Value::Array(entries)) => Kind::List(
            entries.into_iter().map(|entry| inner(&member.shape, entry)).collect::<Result<_, _>>()?,
        ),
        (Shape::Map { value: member, .. }, Value::Object(fields)) => Kind::Map(
            fields
                .into_iter()
                .map(|(key, value)| Ok((key, inner(&member.shape, value)?)))
                .collect::<Result<_, Failure>>()?,
        ),
        (shape, value) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            return scalar::read(shape, &text)
                .ok_or_else(|| Failure::internal(format!("{text} does not fit the model")));
        }
    }))
}
