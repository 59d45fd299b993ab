//! What is found.

use std::fmt;

/// A field of an object that is not as Kubernetes has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The template that the object comes from, with its chart's path.
    pub template: String,
    /// The line of the template that the object comes from, from 1.
    pub line: usize,
    /// The object: `Deployment web`.
    pub object: String,
    /// The field: `spec.template.spec.containers[web].image`.
    pub field: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field. Values are never shown: they may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such field.
    Unknown {
        /// The field that may have been meant.
        near: Option<String>,
    },
    /// It must be there.
    Missing,
    /// It is something else.
    Type {
        /// What it is.
        found: Form,
        /// What it must be.
        wanted: &'static str,
        /// What may help.
        hint: Option<&'static str>,
    },
    /// It is a whole number beyond what the field holds.
    Range {
        /// How many bits the field has.
        bits: u32,
    },
    /// It is text, but no quantity.
    Quantity,
    /// It is text, but no Base64.
    Base64,
    /// It is none of the values that it may have.
    Choice {
        /// Those.
        allowed: Vec<String>,
    },
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `true` or `false`.
    Truth,
    /// A number without a fraction.
    Whole,
    /// Any other number.
    Number,
    /// Text.
    Text,
    /// A list.
    List,
    /// A map.
    Map,
}

impl fmt::Display for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Truth => "true or false",
            Self::Whole => "a whole number",
            Self::Number => "a number with a fraction",
            Self::Text => "text",
            Self::List => "a list",
            Self::Map => "a map",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { .. } => formatter.write_str("there is no such field"),
            Self::Missing => formatter.write_str("is missing"),
            Self::Type { found, wanted, .. } => write!(formatter, "is {found}, and must be {wanted}"),
            Self::Range { bits } => write!(formatter, "does not fit into {bits} bits"),
            Self::Quantity => formatter.write_str("is no quantity"),
            Self::Base64 => formatter.write_str("is not in Base64"),
            Self::Choice { allowed } => write!(formatter, "must be one of {}", allowed.join(", ")),
        }
    }
}

impl Problem {
    /// What may help.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { near } => near.as_ref().map(|near| format!("did you mean `{near}`?")),
            Self::Type { hint, .. } => hint.map(str::to_owned),
            Self::Quantity => Some("such as 100m, 0.5, 128Mi or 1G".to_owned()),
            Self::Base64 => Some("`b64enc` makes it so; `stringData` takes it as it is".to_owned()),
            Self::Missing | Self::Range { .. } | Self::Choice { .. } => None,
        }
    }
}

/// `service/templates/deployment.yaml, line 3: Deployment web: spec.paused is text, and must be true or false; …`
impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { template, line, .. } = self;
        write!(formatter, "{template}, line {line}: {}", self.message())
    }
}

impl Finding {
    /// The finding without its place.
    pub fn message(&self) -> String {
        let Self { object, field, problem, .. } = self;
        let colon = if matches!(problem, Problem::Unknown { .. }) { ":" } else { "" };
        let hint = problem.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{object}: {field}{colon} {problem}{hint}")
    }
}
