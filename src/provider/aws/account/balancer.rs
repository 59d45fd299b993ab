//! Load balancers and the records that lead to them, as they are.

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
        let aws = self.inner();
        let elb = &aws.clients().elbv2;
        let mut next = None;
        let found = loop {
            let ask = || elb.describe_load_balancers().set_marker(next.clone()).send();
            let page = aws.read(Service::Elbv2, "DescribeLoadBalancers", ask).await?;
            let same = |name: &str| name.eq_ignore_ascii_case(host.trim_end_matches('.'));
            let found = page.load_balancers().iter().find(|one| one.dns_name().is_some_and(same)).cloned();
            match (found, page.next_marker()) {
                (Some(found), _) => break found,
                (None, Some(marker)) => next = Some(marker.to_owned()),
                (None, None) => return Ok(None),
            }
        };
        let arn = found.load_balancer_arn().unwrap_or_default();
        let ask = || elb.describe_target_groups().load_balancer_arn(arn).send();
        let groups = aws.read(Service::Elbv2, "DescribeTargetGroups", ask).await?;
        let (mut healthy, mut targets) = (0, 0);
        for group in groups.target_groups() {
            let arn = group.target_group_arn().unwrap_or_default();
            let ask = || elb.describe_target_health().target_group_arn(arn).send();
            let health = aws.read(Service::Elbv2, "DescribeTargetHealth", ask).await?;
            let states =
                health.target_health_descriptions().iter().filter_map(|one| one.target_health()?.state());
            let states: Vec<&str> = states.map(|state| state.as_str()).collect();
            targets += states.len();
            healthy += states.iter().filter(|state| **state == "healthy").count();
        }
        let state = found.state().and_then(|state| state.code()).map(|code| code.as_str().to_owned());
        Ok(Some(BalancerHealth { state: state.unwrap_or_default(), healthy, targets }))
    }
}
