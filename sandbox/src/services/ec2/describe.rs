//! What all describes of EC2 have in common: ids, filters, pages.

use serde_json::Value;

use super::kind::Kind;
use super::state::State;
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::{Call, Filterable, Filters, PageRules, Table};

/// How one kind is described.
pub(super) struct Describe<T> {
    /// The kind, for the refusal of a missing id.
    pub(super) kind: Kind,
    /// The member with ids.
    pub(super) ids: &'static str,
    /// The member with filters; NAT gateways and flow logs spell it `Filter`.
    pub(super) filters: &'static str,
    /// Where the rows are.
    pub(super) table: fn(&State) -> &Table<T>,
    /// How a row looks.
    pub(super) show: fn(&Call<'_>, &str, &T) -> Value,
}

impl<T: Filterable + Clone> Describe<T> {
    /// Answers the describe.
    pub(super) fn answer(&self, call: &Call<'_>, input: &Input) -> Outcome {
        let filters = Filters::read(input.list(self.filters));
        filters.check::<T>()?;
        let wanted = input.texts(self.ids);
        let state: &State = &call.home().ec2;
        let table = (self.table)(state);
        if let Some(missing) = wanted.iter().find(|id| !table.contains(id)) {
            return Err(self.kind.missing(missing));
        }
        let rows = table
            .iter()
            .filter(|(id, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == id))
            .filter(|(id, row)| filters.pass(*row, state.tags.get(id)))
            .map(|(id, row)| (id.to_owned(), (self.show)(call, id, row)))
            .collect();
        Ok(call.page(input, PageRules::EC2, rows)?.into())
    }
}
