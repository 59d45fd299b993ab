//! What things cost a day while they stand: estimates in US dollars from AWS's list prices for us-east-1, read on
//! 2025-11-15 on aws.amazon.com (the pricing pages of Elastic Load Balancing, EBS, VPC, EKS, KMS, Secrets Manager
//! and Route 53), without traffic, requests and provisioned performance. For telling people what leftovers cost,
//! not for bills.

/// Hours of a day; prices are by the hour or by the month of 30 days.
const HOURS: f64 = 24.0;
const DAYS: f64 = 30.0;

/// An application, network or gateway load balancer.
pub(super) fn load_balancer() -> f64 {
    0.0225 * HOURS
}

/// A load balancer of the first generation.
pub(super) fn classic_load_balancer() -> f64 {
    0.025 * HOURS
}

/// A volume of a type and a size.
pub(super) fn volume(volume_type: &str, gib: u32) -> f64 {
    let a_month = match volume_type {
        "gp2" => 0.10,
        "io1" | "io2" => 0.125,
        "st1" => 0.045,
        "sc1" => 0.015,
        "standard" => 0.05,
        _ => 0.08,
    };
    f64::from(gib) * a_month / DAYS
}

/// What an ARN stands for, where that has a price of its own. (Nodes cost what their instances do.)
pub(super) fn of_arn(arn: &str) -> Option<f64> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    let sort = resource.split(['/', ':']).next()?;
    match (service, sort) {
        ("ec2", "natgateway") => Some(0.045 * HOURS),
        ("ec2", "elastic-ip") => Some(0.005 * HOURS),
        ("ec2", "vpc-endpoint") => Some(0.01 * HOURS),
        ("eks", "cluster") => Some(0.10 * HOURS),
        ("elasticloadbalancing", "loadbalancer") => Some(load_balancer()),
        ("kms", "key") => Some(1.0 / DAYS),
        ("secretsmanager", "secret") => Some(0.40 / DAYS),
        ("route53", "hostedzone") => Some(0.50 / DAYS),
        _ => None,
    }
}

/// What an id stands for, where that has a price of its own.
pub(super) fn of_id(id: &str) -> Option<f64> {
    let sort = match id.split('-').next()? {
        "nat" => "natgateway",
        "eipalloc" => "elastic-ip",
        "vpce" => "vpc-endpoint",
        _ => return None,
    };
    of_arn(&format!("arn:aws:ec2:::{sort}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_price_is_told_by_arn_and_by_id() {
        let cents = |dollars: Option<f64>| dollars.map(|dollars| (dollars * 100.0).round());
        for (arn, price) in [
            ("arn:aws:eks:eu-west-1:123456789012:cluster/dev", Some(240.0)),
            ("arn:aws:ec2:eu-west-1:123456789012:natgateway/nat-1", Some(108.0)),
            ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:dev/a-AbCdEf", Some(1.0)),
            ("arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1", None),
            ("arn:aws:s3:::dev-logs", None),
        ] {
            assert_eq!(cents(of_arn(arn)), price, "{arn}");
        }
        assert_eq!(cents(of_id("eipalloc-1")), Some(12.0));
        assert_eq!(of_id("vpc-1"), None);
    }
}
