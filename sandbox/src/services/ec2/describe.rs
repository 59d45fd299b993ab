//! What all describes of EC2 have in common: ids, filters, pages.

use serde_json::Value;

use super::kind::Kind;
use super::state::State;
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Filterable, Filters, PageRules, Table};

/// How one kind is described.
pub(super) struct Describe<T> {
    /// The kind, for the refusal of a missing id and the filter on the id.
    pub(super) kind: Kind,
    /// The member with ids.
    pub(super) ids: &'static str,
    /// The member with filters; NAT gateways and flow logs spell it `Filter`.
    pub(super) filters: &'static str,
    /// Where the rows are.
    pub(super) table: fn(&State) -> &Table<T>,
    /// How a row looks.
    pub(super) show: fn(&Call<'_>, &str, &T) -> Value,
    /// Filter values that a row alone does not know.
    pub(super) more: MoreValues<T>,
}

/// Gives the values of a row for a filter from what is around it.
pub(super) type MoreValues<T> = fn(&Call<'_>, &str, &T, &str) -> Vec<String>;

/// For kinds whose rows know all their filter values.
pub(super) fn no_more<T>(_: &Call<'_>, _: &str, _: &T, _: &str) -> Vec<String> {
    Vec::new()
}

impl<T: Filterable + Clone> Describe<T> {
    /// The ids of the rows that the request asks for.
    pub(super) fn chosen(&self, call: &Call<'_>, input: &Input) -> Result<Vec<String>, Failure> {
        let filters = Filters::read(input.list(self.filters));
        filters.check::<T>()?;
        let wanted = input.texts(self.ids);
        let state: &State = &call.home().ec2;
        let table = (self.table)(state);
        // EC2 is eventually consistent: https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
        if let Some(missing) = wanted.iter().find(|id| !table.contains(id) || !call.visible_id(id)) {
            return Err(self.kind.missing(missing));
        }
        let own_id = self.kind.id_filter();
        let passes = |id: &str, row: &T| {
            filters.pass_with(state.tags.get(id), |name| {
                if name == own_id {
                    return vec![id.to_owned()];
                }
                let values = row.values(name);
                if values.is_empty() { (self.more)(call, id, row, name) } else { values }
            })
        };
        let rows = table
            .iter()
            .filter(|(id, _)| call.visible_id(id))
            .filter(|(id, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == id))
            .filter(|(id, row)| passes(id, row));
        Ok(rows.map(|(id, _)| id.to_owned()).collect())
    }

    /// Answers the describe.
    pub(super) fn answer(&self, call: &Call<'_>, input: &Input) -> Outcome {
        let chosen = self.chosen(call, input)?;
        let table = (self.table)(&call.home().ec2);
        let rows = chosen
            .into_iter()
            .filter_map(|id| {
                let value = (self.show)(call, &id, table.get(&id)?);
                Some((id, value))
            })
            .collect();
        Ok(call.page(input, PageRules::EC2, rows)?.into())
    }
}
