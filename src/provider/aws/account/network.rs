//! The region's zones, and the VPCs of a hosted zone.

use crate::provider::Error;
use crate::provider::aws::{ReadOnly, Service};

/// An availability zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its name in this account (`us-east-1a`).
    pub name: String,
    /// `available`, `impaired`, `unavailable` or `constrained`.
    pub state: String,
}

/// What a private hosted zone answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneNetwork {
    /// The VPCs that it is bound to.
    pub vpcs: Vec<String>,
}

impl ReadOnly {
    /// The region's availability zones.
    ///
    /// # Errors
    /// The classified error.
    pub async fn zones(&self) -> Result<Vec<Zone>, Error> {
        let aws = self.inner();
        let ask = || aws.clients().ec2.describe_availability_zones().send();
        let answer = aws.read(Service::Ec2, "DescribeAvailabilityZones", ask).await?;
        let zone = |zone: &aws_sdk_ec2::types::AvailabilityZone| Zone {
            name: zone.zone_name().unwrap_or_default().to_owned(),
            state: zone.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        };
        Ok(answer.availability_zones().iter().map(zone).collect())
    }

    /// The VPCs that a hosted zone is bound to.
    ///
    /// # Errors
    /// The classified error.
    pub async fn hosted_zone_network(&self, id: &str) -> Result<ZoneNetwork, Error> {
        let aws = self.inner();
        let ask = || aws.clients().route53.get_hosted_zone().id(id).send();
        let answer = aws.read(Service::Route53, "GetHostedZone", ask).await?;
        let vpcs = answer.vpcs().iter().filter_map(|vpc| vpc.vpc_id()).map(str::to_owned).collect();
        Ok(ZoneNetwork { vpcs })
    }

    /// Whether a VPC resolves names and gives host names, which a private hosted zone needs ("Working with private
    /// hosted zones", Route 53 Developer Guide).
    ///
    /// # Errors
    /// The classified error.
    pub async fn vpc_resolves_names(&self, vpc: &str) -> Result<bool, Error> {
        use aws_sdk_ec2::types::VpcAttributeName::{EnableDnsHostnames, EnableDnsSupport};
        let aws = self.inner();
        let ask = |attribute: aws_sdk_ec2::types::VpcAttributeName| {
            aws.read(Service::Ec2, "DescribeVpcAttribute", move || {
                aws.clients().ec2.describe_vpc_attribute().vpc_id(vpc).attribute(attribute.clone()).send()
            })
        };
        let support = ask(EnableDnsSupport).await?;
        let names = ask(EnableDnsHostnames).await?;
        let on = |value: Option<&aws_sdk_ec2::types::AttributeBooleanValue>| {
            value.and_then(|value| value.value()).unwrap_or(false)
        };
        Ok(on(support.enable_dns_support()) && on(names.enable_dns_hostnames()))
    }
}
