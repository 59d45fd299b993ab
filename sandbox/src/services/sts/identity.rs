//! Who calls.

use serde_json::json;

use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::{Call, caller};

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub(super) fn get_caller_identity(call: &mut Call<'_>, _: &Input) -> Outcome {
    let principal = call.caller();
    Ok(json!({ "Account": principal.account, "Arn": principal.arn, "UserId": principal.user_id }).into())
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
pub(super) fn get_access_key_info(call: &mut Call<'_>, input: &Input) -> Outcome {
    let principal = caller(call.world(), input.str("AccessKeyId"));
    Ok(json!({ "Account": principal.account }).into())
}
