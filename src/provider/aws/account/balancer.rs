//! Load balancers and the records that lead to them, as they are.

use aws_sdk_elasticloadbalancingv2::types::LoadBalancer;

use crate::provider::Error;
use crate::provider::aws::{ReadOnly, Service};

/// How a load balancer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerHealth {
    /// `active`, `provisioning`, `active_impaired` or `failed`.
    pub state: String,
    /// How many targets it sends requests to.
    pub healthy: usize,
    /// How many it has.
    pub targets: usize,
}

/// Something that a load balancer may send requests to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerTarget {
    /// The ARN of its target group.
    pub group: String,
    /// Its address, or the id of its instance.
    pub address: String,
    /// `initial`, `healthy`, `unhealthy`, `unused`, `draining` or `unavailable`.
    pub state: String,
    /// Why, in brackets; empty where AWS says nothing.
    pub reason: String,
}

impl BalancerTarget {
    /// Whether it is sent nothing new.
    pub fn is_leaving(&self) -> bool {
        matches!(self.state.as_str(), "draining" | "unused")
    }
}

impl ReadOnly {
    /// What a hosted zone answers for a name: the values of its record, or the name that its alias is for; nothing when
    /// there is no record of it.
    ///
    /// # Errors
    /// The classified error.
    pub async fn record_values(&self, zone: &str, name: &str) -> Result<Option<Vec<String>>, Error> {
        let aws = self.inner();
        let ask = || {
            let list = aws.clients().route53.list_resource_record_sets().hosted_zone_id(zone);
            list.start_record_name(name).max_items(10).send()
        };
        let answer = aws.read(Service::Route53, "ListResourceRecordSets", ask).await?;
        let same = |found: &str| found.trim_end_matches('.').eq_ignore_ascii_case(name.trim_end_matches('.'));
        let record = answer.resource_record_sets().iter().find(|record| same(record.name()));
        Ok(record.map(|record| {
            let alias = record.alias_target().map(|alias| alias.dns_name().to_owned());
            alias
                .into_iter()
                .chain(record.resource_records().iter().map(|one| one.value().to_owned()))
                .collect()
        }))
    }

    /// How the load balancer of a host name is; nothing when there is none.
    ///
    /// # Errors
    /// The classified error.
    pub async fn balancer_health(&self, host: &str) -> Result<Option<BalancerHealth>, Error> {
        let Some(found) = self.balancer(host).await? else { return Ok(None) };
        let targets = self.targets(&found).await?;
        let state = found.state().and_then(|state| state.code()).map(|code| code.as_str().to_owned());
        Ok(Some(BalancerHealth {
            state: state.unwrap_or_default(),
            healthy: targets.iter().filter(|target| target.state == "healthy").count(),
            targets: targets.len(),
        }))
    }

    /// The targets of the load balancer of a host name; nothing when there is none.
    ///
    /// # Errors
    /// The classified error.
    pub async fn balancer_targets(&self, host: &str) -> Result<Option<Vec<BalancerTarget>>, Error> {
        match self.balancer(host).await? {
            Some(found) => self.targets(&found).await.map(Some),
            None => Ok(None),
        }
    }

    async fn balancer(&self, host: &str) -> Result<Option<LoadBalancer>, Error> {
        let aws = self.inner();
        let elb = &aws.clients().elbv2;
        let mut next = None;
        loop {
            let ask = || elb.describe_load_balancers().set_marker(next.clone()).send();
            let page = aws.read(Service::Elbv2, "DescribeLoadBalancers", ask).await?;
            let same = |name: &str| name.eq_ignore_ascii_case(host.trim_end_matches('.'));
            let found = page.load_balancers().iter().find(|one| one.dns_name().is_some_and(same)).cloned();
            match (found, page.next_marker()) {
                (Some(found), _) => return Ok(Some(found)),
                (None, Some(marker)) => next = Some(marker.to_owned()),
                (None, None) => return Ok(None),
            }
        }
    }

    async fn targets(&self, of: &LoadBalancer) -> Result<Vec<BalancerTarget>, Error> {
        let aws = self.inner();
        let elb = &aws.clients().elbv2;
        let arn = of.load_balancer_arn().unwrap_or_default();
        let ask = || elb.describe_target_groups().load_balancer_arn(arn).send();
        let groups = aws.read(Service::Elbv2, "DescribeTargetGroups", ask).await?;
        let mut targets = Vec::new();
        for group in groups.target_groups() {
            let arn = group.target_group_arn().unwrap_or_default();
            let ask = || elb.describe_target_health().target_group_arn(arn).send();
            let health = aws.read(Service::Elbv2, "DescribeTargetHealth", ask).await?;
            for described in health.target_health_descriptions() {
                let Some(health) = described.target_health() else { continue };
                targets.push(BalancerTarget {
                    group: arn.to_owned(),
                    address: described.target().and_then(|target| target.id()).unwrap_or_default().to_owned(),
                    state: health.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
                    reason: health.description().map(|why| format!(" ({why})")).unwrap_or_default(),
                });
            }
        }
        Ok(targets)
    }
}
