//! What can be wrong with values.

/// Why values cannot be used with a chart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValuesError {
    /// The values for a chart inside a chart are no table.
    #[error("type mismatch on {chart}: the values of a chart must be a map, not {found}")]
    NotATable {
        /// The chart the values are for.
        chart: String,
        /// What stands there.
        found: &'static str,
    },
    /// Values that hold each other without end, as a chart named `global` can make them.
    #[error("the values of charts contain each other")]
    Endless,
}

/// Something Helm only warns about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning(pub String);

/// Why a `--set` expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// A key without `=`.
    #[error("key {0:?} has no value")]
    NoValue(String),
    /// A key followed by a comma.
    #[error("key {0:?} has no value (cannot end with ,)")]
    EndsWithComma(String),
    /// A key and a dot, and nothing below.
    #[error("key map {0:?} has no value")]
    EmptyMap(String),
    /// `a.b.c…` without end.
    #[error("value name nested level is greater than maximum supported nested level of {0}")]
    TooDeep(usize),
    /// What stands between brackets is no number.
    #[error("error parsing index: strconv.Atoi: parsing {0:?}: invalid syntax")]
    IndexSyntax(String),
    /// A negative index.
    #[error("negative {0} index not allowed")]
    NegativeIndex(i64),
    /// An index that would make a list of absurd length.
    #[error("index of {index} is greater than maximum supported index of {limit}")]
    IndexTooLarge {
        /// The index.
        index: i64,
        /// The largest one allowed.
        limit: i64,
    },
    /// Something between `]` and what may follow it.
    #[error("unexpected data at end of array index: {0:?}")]
    AfterIndex(String),
    /// `{a,b` without `}`.
    #[error("list must terminate with '}}'")]
    OpenList,
    /// A part of the key holds a value of another kind.
    #[error("unable to parse key: {key:?} holds a {found}, not a {wanted}")]
    WrongKind {
        /// The part of the key.
        key: String,
        /// What it holds.
        found: &'static str,
        /// What the expression takes it for.
        wanted: &'static str,
    },
    /// The value is not the JSON it should be.
    #[error("{0}")]
    Json(#[from] crate::chart::json::JsonError),
    /// The file of `--set-file` cannot be had.
    #[error("{0}")]
    File(String),
}
