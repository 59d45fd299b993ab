//! Client tokens: the same token with the same parameters is the same resource; with others it is an error.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::call::Call;
use crate::clock::Time;
use crate::wire::failure::Failure;
use crate::wire::input::Input;

/// How long a token is known. EC2 promises 24 hours; the others say no number.
const KNOWN_FOR: i64 = 24 * 3600 * 1000;

/// What a token made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    parameters: String,
    result: String,
    at: Time,
}

impl Call<'_> {
    /// The resource that the client token in `member` made before, if it did. Call this first in a create, and
    /// [`Call::remember`] with the new resource's id at its end.
    ///
    /// # Errors
    /// The error `mismatch` when the token was used with other parameters.
    pub fn replayed(&self, input: &Input, member: &str, mismatch: &str) -> Result<Option<String>, Failure> {
        let Some(key) = self.token_key(input, member) else { return Ok(None) };
        let Some(known) = self.world().tokens.get(&key) else { return Ok(None) };
        if self.now.0 - known.at.0 > KNOWN_FOR {
            return Ok(None);
        }
        if known.parameters != parameters(input, member) {
            let text = "the client token was used before with other parameters";
            return Err(Failure::new(
                mismatch,
                format!(
                    "The request uses the same client token as a previous, but non-identical request: {text}."
                ),
            ));
        }
        // The first call read every member or was refused, so the parameters are known to be modelled.
        input.value();
        Ok(Some(known.result.clone()))
    }

    /// Remembers what the client token in `member` made.
    pub fn remember(&mut self, input: &Input, member: &str, result: &str) {
        let Some(key) = self.token_key(input, member) else { return };
        let now = self.now;
        let row = Remembered { parameters: parameters(input, member), result: result.to_owned(), at: now };
        let tokens = &mut self.world_mut().tokens;
        tokens.retain(|_, known| now.0 - known.at.0 <= KNOWN_FOR);
        tokens.insert(key, row);
    }

    fn token_key(&self, input: &Input, member: &str) -> Option<String> {
        let token = input.text(member).filter(|token| !token.is_empty())?;
        Some(format!("{}/{}/{}:{}/{token}", self.account, self.region, self.service, self.operation))
    }
}

fn parameters(input: &Input, member: &str) -> String {
    let mut value = input.peek();
    if let Value::Object(members) = &mut value {
        members.shift_remove(member);
        members.shift_remove("DryRun");
    }
    // The order of a map's members says nothing, and clients that hold them in hash maps send another each time.
    value.sort_all_objects();
    let digest = Sha256::digest(sorted(value).to_string());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same with the members of every map in order: SDKs send them in whatever order they come.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(entries) => Value::Array(entries.into_iter().map(sorted).collect()),
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::sorted;

    #[test]
    fn maps_have_no_order_and_lists_have() {
        let text = |value| sorted(value).to_string();
        assert_eq!(
            text(json!({"a": {"x": 1, "y": 2}, "b": 3})),
            text(json!({"b": 3, "a": {"y": 2, "x": 1}}))
        );
        assert_ne!(text(json!(["a", "b"])), text(json!(["b", "a"])));
    }
}
