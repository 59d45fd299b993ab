//! The services that are called, and how fast each may be.

/// An AWS service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Amazon EC2.
    Ec2,
    /// Elastic Load Balancing, first generation.
    Elb,
    /// Elastic Load Balancing, second generation.
    Elbv2,
    /// Identity and Access Management.
    Iam,
    /// Key Management Service.
    Kms,
    /// CloudWatch Logs.
    Logs,
    /// Elastic Kubernetes Service.
    Eks,
    /// Elastic Container Registry.
    Ecr,
    /// Route 53.
    Route53,
    /// Secrets Manager.
    SecretsManager,
    /// Systems Manager.
    Ssm,
    /// Simple Storage Service.
    S3,
    /// Security Token Service.
    Sts,
    /// Service Quotas.
    ServiceQuotas,
    /// Resource Groups Tagging.
    Tagging,
}

/// A token bucket: so many calls at once, and so many a second after that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate {
    /// Calls at once.
    pub(super) burst: f64,
    /// Calls a second.
    pub(super) per_second: f64,
}

impl Service {
    /// The word in messages and counts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Elb => "elasticloadbalancing",
            Self::Elbv2 => "elasticloadbalancingv2",
            Self::Iam => "iam",
            Self::Kms => "kms",
            Self::Logs => "logs",
            Self::Eks => "eks",
            Self::Ecr => "ecr",
            Self::Route53 => "route53",
            Self::SecretsManager => "secretsmanager",
            Self::Ssm => "ssm",
            Self::S3 => "s3",
            Self::Sts => "sts",
            Self::ServiceQuotas => "servicequotas",
            Self::Tagging => "tagging",
        }
    }

    /// True where every operation has its own bucket, as in EC2.
    pub(super) fn counts_each_operation(self) -> bool {
        self == Self::Ec2
    }

    /// What the service documents, or a careful guess where it documents nothing (IAM, EKS, ELB):
    /// "Request throttling for the Amazon EC2 API" (buckets an operation), "Route 53 quotas" (5 a second over
    /// all calls of an account), "AWS KMS request quotas", "CloudWatch Logs quotas", "Systems Manager quotas".
    pub(super) fn rate(self, writes: bool) -> Rate {
        let (burst, per_second) = match (self, writes) {
            (Self::Ec2, false) => (100.0, 20.0),
            (Self::Ec2, true) => (50.0, 5.0),
            (Self::Route53, _) => (5.0, 5.0),
            (Self::Kms | Self::Logs, true) => (5.0, 5.0),
            (Self::Logs, false) => (10.0, 10.0),
            (Self::Ssm, true) => (3.0, 3.0),
            (Self::S3, _) => (100.0, 100.0),
            (_, false) => (40.0, 20.0),
            (_, true) => (20.0, 10.0),
        };
        Rate { burst, per_second }
    }
}
