//! Pagination: one answer in pages, by the members that the service's model names.
//!
//! A token carries the key of the last row that was shown, so rows that come and go between two pages neither
//! repeat nor hide others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::call::Call;
use crate::services;
use crate::wire::failure::Failure;
use crate::wire::input::Input;

/// How an operation pages.
#[derive(Clone, Copy, Debug)]
pub struct PageRules {
    /// Rows in a page when the request does not say; `None` for all of them.
    pub default: Option<usize>,
    /// Fewest rows that may be asked for; fewer is an error.
    pub min: usize,
    /// Most rows in a page; more is an error if `strict`, else this many.
    pub max: usize,
    /// Whether a size outside of `min..=max` is an error.
    pub strict: Option<&'static str>,
    /// The error for a token that is none.
    pub bad_token: &'static str,
}

impl PageRules {
    /// EC2: everything unless `MaxResults` says otherwise, which must be 5 to 1000.
    pub const EC2: Self = Self {
        default: None,
        min: 5,
        max: 1000,
        strict: Some("InvalidParameterValue"),
        bad_token: "InvalidNextToken",
    };
}

impl Call<'_> {
    /// One page of `rows` (a key and an output value each, in the order of the keys), under the output member that
    /// the operation's model names, with the token of the next page.
    ///
    /// # Errors
    /// The service's error for a token or a page size that is not valid.
    pub fn page(
        &self,
        input: &Input,
        rules: PageRules,
        rows: Vec<(String, Value)>,
    ) -> Result<Value, Failure> {
        let model = services::model_of(self.service)
            .and_then(|model| model.operations.get(&self.operation)?.page.as_ref())
            .ok_or_else(|| Failure::internal(format!("{} has no pagination in its model", self.operation)))?;
        let (rest, next) = self.cut(input, (&model.token, model.size.as_deref()), rules, rows)?;
        let mut out = Map::new();
        out.insert(model.items.clone(), rest.into());
        if let Some(next) = next {
            out.insert(model.next.clone(), next.into());
        }
        Ok(Value::Object(out))
    }

    /// One page of `rows` and the token of the next, by the input members for the token and the size; for
    /// operations whose pages botocore does not describe.
    ///
    /// # Errors
    /// As [`Call::page`].
    pub fn cut<T>(
        &self,
        input: &Input,
        (token, size): (&str, Option<&str>),
        rules: PageRules,
        rows: Vec<(String, T)>,
    ) -> Result<(Vec<T>, Option<String>), Failure> {
        let size = match size {
            Some(member) => page_size(input, member, rules)?,
            None => rules.default,
        };
        let after = match input.text(token) {
            Some(token) => Some(self.read_token(token, rules)?),
            None => None,
        };
        let mut rest: Vec<(String, T)> =
            rows.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).collect();
        let more = size.filter(|size| rest.len() > *size);
        let next = more.map(|size| {
            rest.truncate(size);
            self.write_token(rest.last().map_or("", |(key, _)| key))
        });
        Ok((rest.into_iter().map(|(_, row)| row).collect(), next))
    }

    /// The token that continues after the row with this key.
    pub fn token_after(&self, key: &str) -> String {
        self.write_token(key)
    }

    fn write_token(&self, key: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{key}", self.operation))
    }

    fn read_token(&self, token: &str, rules: PageRules) -> Result<String, Failure> {
        let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        text.as_deref()
            .and_then(|text| text.strip_prefix(&format!("{}:", self.operation)))
            .map(str::to_owned)
            .ok_or_else(|| Failure::new(rules.bad_token, "The pagination token is not valid."))
    }
}

fn page_size(input: &Input, member: &str, rules: PageRules) -> Result<Option<usize>, Failure> {
    // Route 53 and S3 say numbers as text in places.
    let wanted = input.integer(member).or_else(|| input.text(member).and_then(|text| text.parse().ok()));
    let Some(wanted) = wanted else { return Ok(rules.default) };
    let wanted = usize::try_from(wanted).unwrap_or(0);
    match rules.strict {
        Some(code) if wanted < rules.min || wanted > rules.max => Err(Failure::new(
            code,
            format!(
                "Value ( {wanted} ) for parameter {member} is invalid. Expecting {} to {}.",
                rules.min, rules.max
            ),
        )),
        _ => Ok(Some(wanted.clamp(rules.min.max(1), rules.max))),
    }
}
