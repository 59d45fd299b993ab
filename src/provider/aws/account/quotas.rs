//! How much there may be, and how much there is.

use crate::model::Kind;
use crate::provider::Error;
use crate::provider::aws::{ReadOnly, Service};

/// A limit of an account in a region that environments run into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What it limits.
    pub kind: Kind,
    /// The service, as Service Quotas names it.
    pub service: &'static str,
    /// Its code in Service Quotas.
    pub code: &'static str,
    /// In words.
    pub name: &'static str,
    /// AWS's default, which holds where the quota was never raised.
    /// ("Amazon VPC quotas", "Elastic IP addresses", "Amazon EKS service quotas", "Quotas" of Route 53, "IAM and
    /// AWS STS quotas")
    pub default: u32,
}

/// A limit and how much of it is taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// How much there may be.
    pub limit: f64,
    /// How much there is.
    pub used: usize,
}

const fn quota(
    kind: Kind,
    (service, code): (&'static str, &'static str),
    name: &'static str,
    default: u32,
) -> Quota {
    Quota { kind, service, code, name, default }
}

impl Quota {
    /// Those that are looked at.
    pub const ALL: [Self; 5] = [
        quota(Kind::Vpc, ("vpc", "L-F678F1CE"), "VPCs in the region", 5),
        quota(Kind::InternetGateway, ("vpc", "L-A4707A72"), "internet gateways in the region", 5),
        quota(Kind::ElasticIp, ("ec2", "L-0263D0A3"), "elastic IP addresses in the region", 5),
        quota(Kind::Cluster, ("eks", "L-1194D53C"), "EKS clusters in the region", 100),
        quota(Kind::HostedZone, ("route53", "L-4EA4796A"), "hosted zones of the account", 500),
    ];
}

impl ReadOnly {
    /// How much there may be and is.
    ///
    /// # Errors
    /// The classified error.
    pub async fn usage(&self, quota: Quota) -> Result<Usage, Error> {
        let (limit, used) = (self.limit(quota).await?, self.used(quota.kind).await?);
        Ok(Usage { limit, used })
    }

    async fn limit(&self, quota: Quota) -> Result<f64, Error> {
        let aws = self.inner();
        let ask = || {
            let request = aws.clients().servicequotas.get_service_quota();
            request.service_code(quota.service).quota_code(quota.code).send()
        };
        let answer = aws.read(Service::ServiceQuotas, "GetServiceQuota", ask).await;
        match answer {
            Ok(answer) => {
                Ok(answer.quota().and_then(|quota| quota.value()).unwrap_or(f64::from(quota.default)))
            }
            // Service Quotas knows only what was once looked up or raised in a region.
            Err(error) if error.class == crate::provider::Class::NotFound => Ok(f64::from(quota.default)),
            Err(error) => Err(error),
        }
    }

    async fn used(&self, kind: Kind) -> Result<usize, Error> {
        let aws = self.inner();
        let (ec2, eks) = (&aws.clients().ec2, &aws.clients().eks);
        match kind {
            Kind::Vpc => {
                let ask = || ec2.describe_vpcs().send();
                Ok(aws.read(Service::Ec2, "DescribeVpcs", ask).await?.vpcs().len())
            }
            Kind::InternetGateway => {
                let ask = || ec2.describe_internet_gateways().send();
                let answer = aws.read(Service::Ec2, "DescribeInternetGateways", ask).await?;
                Ok(answer.internet_gateways().len())
            }
            Kind::ElasticIp => {
                let ask = || ec2.describe_addresses().send();
                Ok(aws.read(Service::Ec2, "DescribeAddresses", ask).await?.addresses().len())
            }
            Kind::Cluster => {
                let ask = || eks.list_clusters().max_results(100).send();
                Ok(aws.read(Service::Eks, "ListClusters", ask).await?.clusters().len())
            }
            Kind::HostedZone => {
                let ask = || aws.clients().route53.get_hosted_zone_count().send();
                let answer = aws.read(Service::Route53, "GetHostedZoneCount", ask).await?;
                Ok(usize::try_from(answer.hosted_zone_count()).unwrap_or_default())
            }
            _ => Ok(0),
        }
    }
}
