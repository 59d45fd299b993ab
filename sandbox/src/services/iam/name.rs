//! Names, paths, ids, pages and the refusals that all kinds of IAM share.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules};

/// A hundred entries a page unless asked otherwise, at most a thousand.
pub(super) const PAGES: PageRules =
    PageRules { default: Some(100), min: 1, max: 1000, strict: None, bad_token: "ValidationError" };

/// RFC 3986's unreserved letters stay as they are.
const DOCUMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// IAM answers policy documents percent-encoded.
pub(super) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, DOCUMENT).to_string()
}

/// The refusal of something that is not there.
pub(super) fn no_such(what: &str) -> Failure {
    Failure::new("NoSuchEntity", format!("{what} cannot be found."))
}

/// The refusal of a name that is taken.
pub(super) fn exists(noun: &str, name: &str) -> Failure {
    Failure::new("EntityAlreadyExists", format!("{noun} with name {name} already exists."))
}

/// The refusal beyond a quota.
pub(super) fn over_quota(quota: &str, limit: usize) -> Failure {
    Failure::new("LimitExceeded", format!("Cannot exceed quota for {quota}: {limit}"))
}

/// Names of one kind are told apart without regard to case, but found by their exact spelling.
pub(super) fn taken<'t>(mut names: impl Iterator<Item = &'t str>, name: &str) -> bool {
    names.any(|other| other.eq_ignore_ascii_case(name))
}

/// The path of a new entity: `/` unless given; it begins and ends with a slash.
///
/// # Errors
/// `ValidationError`.
pub(super) fn path(input: &Input) -> Result<String, Failure> {
    let path = input.text("Path").unwrap_or("/");
    if !path.starts_with('/') || !path.ends_with('/') {
        let text = "The specified value for path is invalid. It must begin and end with / and contain only \
                    alphanumeric characters and/or / characters.";
        return Err(Failure::new("ValidationError", text));
    }
    Ok(path.to_owned())
}

/// A unique id such as `AROA…`.
pub(super) fn unique_id(call: &mut Call<'_>, prefix: &str) -> String {
    format!("{prefix}{}", call.world_mut().dice.text(17, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
}

/// A page of a list: every list of IAM says whether it was cut.
///
/// # Errors
/// `ValidationError` for a marker that is none.
pub(super) fn page(call: &Call<'_>, input: &Input, rows: Vec<(String, Value)>) -> Result<Value, Failure> {
    let mut answer = call.page(input, PAGES, rows)?;
    answer["IsTruncated"] = answer.get("Marker").is_some().into();
    Ok(answer)
}
