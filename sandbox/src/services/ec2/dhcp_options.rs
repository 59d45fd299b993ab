//! DHCP options: the default set of the region.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Describe, no_more};
use super::kind::Kind;
use super::tag;
use crate::services::Outcome;
use crate::wire::input::Input;
use crate::world::{Call, Filterable};

/// A set of DHCP options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DhcpOptions {
    /// The domain that instances get.
    pub domain: String,
    /// The account.
    pub owner: String,
}

impl Filterable for DhcpOptions {
    const FILTERS: &'static [&'static str] = &["dhcp-options-id", "key", "owner-id", "value"];

    fn values(&self, filter: &str) -> Vec<String> {
        match filter {
            "key" => vec!["domain-name".to_owned(), "domain-name-servers".to_owned()],
            "owner-id" => vec![self.owner.clone()],
            "value" => vec![self.domain.clone(), "AmazonProvidedDNS".to_owned()],
            _ => Vec::new(),
        }
    }
}

/// The region's default set, made when it is first needed.
pub(super) fn default_set(call: &mut Call<'_>) -> String {
    if let Some(id) = call.home().ec2.dhcp_options.ids().next() {
        return id.to_owned();
    }
    let domain = match call.region.as_str() {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    };
    let id = call.id("dopt");
    let options = DhcpOptions { domain, owner: call.account.clone() };
    call.home_mut().ec2.dhcp_options.insert(&id, options);
    id
}

fn show(call: &Call<'_>, id: &str, options: &DhcpOptions) -> Value {
    let setting = |key: &str, value: &str| json!({ "Key": key, "Values": [{ "Value": value }] });
    json!({
        "DhcpOptionsId": id, "OwnerId": options.owner, "Tags": tag::shown(call, id),
        "DhcpConfigurations": [
            setting("domain-name", &options.domain), setting("domain-name-servers", "AmazonProvidedDNS"),
        ],
    })
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeDhcpOptions.html>
pub(super) fn describe_dhcp_options(call: &mut Call<'_>, input: &Input) -> Outcome {
    let describe = Describe {
        kind: Kind::DhcpOptions,
        ids: "DhcpOptionsIds",
        filters: "Filters",
        table: |state| &state.dhcp_options,
        show,
        more: no_more,
    };
    describe.answer(call, input)
}
