//! What still carries the environment's tag, in any service: the last word on "nothing is left".
//!
//! The Resource Groups Tagging API answers for what was deleted a while ago, too: what it names is looked at where
//! it has an end that takes time. It does not know of IAM roles, which the kinds themselves are asked about.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::NatGatewayState;
use aws_sdk_kms::types::KeyState;
use aws_sdk_resourcegroupstagging::types::TagFilter;

use super::price;
use crate::model::ENVIRONMENT_TAG;
use crate::provider::Error;
use crate::provider::aws::pages::pages;
use crate::provider::aws::presence::if_there;
use crate::provider::aws::references::name_in_arn;
use crate::provider::aws::{Aws, ReadOnly, Service};

/// Something that carries the environment's tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Remnant {
    /// Its ARN.
    pub arn: String,
    /// What it costs a day in US dollars, by list price, where that is known.
    pub cost_a_day: Option<f64>,
    /// Whether its end was asked for and AWS keeps it for its waiting period (a key, a secret).
    pub waiting: bool,
}

impl Remnant {
    /// What something costs a day in US dollars, by ARN or id, where that is known.
    pub fn cost_a_day_of(arn: &str, id: &str) -> Option<f64> {
        price::of_arn(arn).or_else(|| price::of_id(id))
    }
}

/// What became of something that the tagging API names.
enum Fate {
    Here,
    Waiting,
    Gone,
}

impl Aws {
    /// Everything in the region that carries the environment's tag and is not gone.
    ///
    /// # Errors
    /// The classified error.
    pub async fn remnants(&self) -> Result<Vec<Remnant>, Error> {
        let filter = &TagFilter::builder().key(ENVIRONMENT_TAG).values(self.environment()).build();
        let named = pages(|next| async move {
            let page = || {
                let call = self.clients().tagging.get_resources().tag_filters(filter.clone());
                call.resources_per_page(100).set_pagination_token(next.clone()).send()
            };
            let page = self.read(Service::Tagging, "GetResources", page).await?;
            // An empty token is the last page's.
            let next = page.pagination_token.filter(|token| !token.is_empty());
            Ok((page.resource_tag_mapping_list, next))
        })
        .await?;
        let arns: BTreeSet<String> = named.into_iter().filter_map(|named| named.resource_arn).collect();
        let mut remnants = Vec::new();
        for arn in arns {
            let waiting = match self.fate(&arn).await? {
                Fate::Gone => continue,
                Fate::Waiting => true,
                Fate::Here => false,
            };
            remnants.push(Remnant { cost_a_day: price::of_arn(&arn), arn, waiting });
        }
        Ok(remnants)
    }

    async fn fate(&self, arn: &str) -> Result<Fate, Error> {
        match arn.split(':').nth(2) {
            Some("kms") => self.fate_of_key(arn).await,
            Some("secretsmanager") => self.fate_of_secret(arn).await,
            Some("ec2") if arn.contains(":natgateway/") => self.fate_of_gateway(name_in_arn(arn)).await,
            _ => Ok(Fate::Here),
        }
    }

    async fn fate_of_key(&self, arn: &str) -> Result<Fate, Error> {
        let call = || self.clients().kms.describe_key().key_id(arn).send();
        let reply = if_there(self.read(Service::Kms, "DescribeKey", call).await)?;
        Ok(match reply.and_then(|reply| reply.key_metadata).and_then(|key| key.key_state) {
            None => Fate::Gone,
            Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion) => Fate::Waiting,
            Some(_) => Fate::Here,
        })
    }

    async fn fate_of_secret(&self, arn: &str) -> Result<Fate, Error> {
        let call = || self.clients().secretsmanager.describe_secret().secret_id(arn).send();
        let reply = if_there(self.read(Service::SecretsManager, "DescribeSecret", call).await)?;
        Ok(match reply {
            None => Fate::Gone,
            Some(secret) if secret.deleted_date.is_some() => Fate::Waiting,
            Some(_) => Fate::Here,
        })
    }

    /// One that is deleted is described, and tagged, for an hour.
    async fn fate_of_gateway(&self, id: &str) -> Result<Fate, Error> {
        let call = || self.clients().ec2.describe_nat_gateways().nat_gateway_ids(id).send();
        let reply = if_there(self.read(Service::Ec2, "DescribeNatGateways", call).await)?;
        let gateways = reply.and_then(|reply| reply.nat_gateways).unwrap_or_default();
        let gone = gateways.iter().all(|gateway| gateway.state == Some(NatGatewayState::Deleted));
        Ok(if gone { Fate::Gone } else { Fate::Here })
    }
}

impl ReadOnly {
    /// As [`Aws::remnants`].
    ///
    /// # Errors
    /// As [`Aws::remnants`].
    pub async fn remnants(&self) -> Result<Vec<Remnant>, Error> {
        self.inner().remnants().await
    }
}
