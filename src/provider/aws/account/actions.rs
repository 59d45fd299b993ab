//! Which IAM actions the kinds need, to be made, read, changed and deleted.

use std::collections::BTreeSet;

use crate::model::Kind;

/// The actions (`ec2:CreateVpc`) that resources of these kinds need, each once, sorted.
pub fn needed_actions(kinds: impl IntoIterator<Item = Kind>) -> Vec<String> {
    let kinds: BTreeSet<Kind> = kinds.into_iter().collect();
    let mut actions = BTreeSet::new();
    for kind in kinds {
        for (service, operations) in of(kind) {
            actions.extend(operations.split_whitespace().map(|name| format!("{service}:{name}")));
        }
    }
    actions.into_iter().collect()
}

type Actions = &'static [(&'static str, &'static str)];

const RULES: &str = "DescribeSecurityGroups DescribeSecurityGroupRules AuthorizeSecurityGroupIngress \
     AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress \
     UpdateSecurityGroupRuleDescriptionsIngress UpdateSecurityGroupRuleDescriptionsEgress CreateTags DeleteTags";
const ROLE: &str = "CreateRole DeleteRole GetRole ListRoles UpdateRole UpdateAssumeRolePolicy TagRole UntagRole \
     AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies PutRolePolicy DeleteRolePolicy GetRolePolicy \
     ListRolePolicies PutRolePermissionsBoundary DeleteRolePermissionsBoundary GetAccountAuthorizationDetails";
const POLICY: &str = "CreatePolicy DeletePolicy GetPolicy ListPolicies ListPolicyTags TagPolicy UntagPolicy \
     CreatePolicyVersion DeletePolicyVersion GetPolicyVersion ListPolicyVersions GetAccountAuthorizationDetails";
const PROVIDER: &str = "CreateOpenIDConnectProvider DeleteOpenIDConnectProvider GetOpenIDConnectProvider \
     ListOpenIDConnectProviders AddClientIDToOpenIDConnectProvider RemoveClientIDFromOpenIDConnectProvider \
     TagOpenIDConnectProvider UntagOpenIDConnectProvider";
const KEY: &str = "CreateKey DescribeKey ListKeys EnableKey DisableKey EnableKeyRotation DisableKeyRotation \
     GetKeyRotationStatus GetKeyPolicy PutKeyPolicy UpdateKeyDescription ScheduleKeyDeletion TagResource \
     UntagResource ListResourceTags CreateAlias DeleteAlias ListAliases UpdateAlias";
const REPOSITORY: &str = "CreateRepository DeleteRepository DescribeRepositories PutLifecyclePolicy \
     GetLifecyclePolicy DeleteLifecyclePolicy SetRepositoryPolicy GetRepositoryPolicy DeleteRepositoryPolicy \
     PutImageScanningConfiguration PutImageTagMutability TagResource UntagResource ListTagsForResource";
/// What pushing takes besides, and reading what was pushed.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html>
const IMAGE: &str = "DescribeImages BatchGetImage GetAuthorizationToken BatchCheckLayerAvailability \
     InitiateLayerUpload UploadLayerPart CompleteLayerUpload PutImage GetDownloadUrlForLayer";
/// S3 names its actions otherwise than its operations.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
const BUCKET: &str = "CreateBucket DeleteBucket ListBucket ListBucketVersions DeleteObject DeleteObjectVersion \
     AbortMultipartUpload ListBucketMultipartUploads GetBucketTagging PutBucketTagging GetBucketPolicy \
     PutBucketPolicy DeleteBucketPolicy GetBucketVersioning PutBucketVersioning GetEncryptionConfiguration \
     PutEncryptionConfiguration GetLifecycleConfiguration PutLifecycleConfiguration GetBucketPublicAccessBlock \
     PutBucketPublicAccessBlock";
const LEFTOVERS: &str = "DescribeNetworkInterfaces DeleteNetworkInterface DescribeSecurityGroups \
     DeleteSecurityGroup DescribeSecurityGroupRules RevokeSecurityGroupIngress RevokeSecurityGroupEgress \
     DescribeVolumes DeleteVolume DescribeInstances DescribeInternetGateways";

/// Kinds that are not AWS's own need none here.
fn of(kind: Kind) -> Actions {
    network(kind).or_else(|| cluster(kind)).or_else(|| identity(kind)).or_else(|| stores(kind)).unwrap_or(&[])
}

#[rustfmt::skip] // One kind a line.
fn network(kind: Kind) -> Option<Actions> {
    Some(match kind {
        Kind::Vpc => &[("ec2", "CreateVpc DeleteVpc DescribeVpcs DescribeVpcAttribute ModifyVpcAttribute CreateTags DeleteTags")],
        Kind::InternetGateway => &[("ec2", "CreateInternetGateway DeleteInternetGateway DescribeInternetGateways AttachInternetGateway DetachInternetGateway CreateTags DeleteTags")],
        Kind::Subnet => &[("ec2", "CreateSubnet DeleteSubnet DescribeSubnets ModifySubnetAttribute CreateTags DeleteTags")],
        Kind::ElasticIp => &[("ec2", "AllocateAddress ReleaseAddress DescribeAddresses CreateTags DeleteTags")],
        Kind::NatGateway => &[("ec2", "CreateNatGateway DeleteNatGateway DescribeNatGateways CreateTags DeleteTags")],
        Kind::RouteTable => &[("ec2", "CreateRouteTable DeleteRouteTable DescribeRouteTables AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation CreateRoute ReplaceRoute DeleteRoute CreateTags DeleteTags")],
        Kind::SecurityGroup => &[("ec2", "CreateSecurityGroup DeleteSecurityGroup"), ("ec2", RULES)],
        Kind::DefaultSecurityGroup => &[("ec2", RULES)],
        Kind::SecurityGroupRule => &[("ec2", "ModifySecurityGroupRules"), ("ec2", RULES)],
        Kind::VpcEndpoint => &[("ec2", "CreateVpcEndpoint DeleteVpcEndpoints DescribeVpcEndpoints ModifyVpcEndpoint CreateTags DeleteTags")],
        Kind::FlowLog => &[("ec2", "CreateFlowLogs DeleteFlowLogs DescribeFlowLogs CreateTags DeleteTags"), ("iam", "PassRole")],
        Kind::LaunchTemplate => &[("ec2", "CreateLaunchTemplate DeleteLaunchTemplate DescribeLaunchTemplates CreateLaunchTemplateVersion DescribeLaunchTemplateVersions ModifyLaunchTemplate CreateTags DeleteTags")],
        Kind::Leftover => &[("ec2", LEFTOVERS), ("tag", "GetResources"), ("elasticloadbalancing", "DescribeLoadBalancers DescribeTargetGroups DescribeTags DeleteLoadBalancer DeleteTargetGroup")],
        Kind::HostedZone => &[("route53", "CreateHostedZone DeleteHostedZone GetHostedZone ListHostedZonesByName UpdateHostedZoneComment AssociateVPCWithHostedZone DisassociateVPCFromHostedZone ChangeTagsForResource ListTagsForResource ListResourceRecordSets ChangeResourceRecordSets"), ("ec2", "DescribeVpcs")],
        Kind::RecordSet => &[("route53", "ListResourceRecordSets ChangeResourceRecordSets")],
        _ => return None,
    })
}

#[rustfmt::skip] // One kind a line.
fn cluster(kind: Kind) -> Option<Actions> {
    Some(match kind {
        Kind::Cluster => &[("eks", "CreateCluster DeleteCluster DescribeCluster UpdateClusterConfig UpdateClusterVersion AssociateEncryptionConfig TagResource UntagResource"), ("iam", "PassRole")],
        Kind::NodeGroup => &[("eks", "CreateNodegroup DeleteNodegroup DescribeNodegroup UpdateNodegroupConfig UpdateNodegroupVersion TagResource UntagResource"), ("iam", "PassRole")],
        Kind::Addon => &[("eks", "CreateAddon DeleteAddon DescribeAddon UpdateAddon TagResource UntagResource"), ("iam", "PassRole")],
        Kind::AccessEntry => &[("eks", "CreateAccessEntry DeleteAccessEntry DescribeAccessEntry UpdateAccessEntry AssociateAccessPolicy DisassociateAccessPolicy ListAssociatedAccessPolicies TagResource UntagResource")],
        Kind::PodIdentityAssociation => &[("eks", "CreatePodIdentityAssociation DeletePodIdentityAssociation DescribePodIdentityAssociation ListPodIdentityAssociations UpdatePodIdentityAssociation TagResource UntagResource"), ("iam", "PassRole")],
        _ => return None,
    })
}

#[rustfmt::skip] // One kind a line.
fn identity(kind: Kind) -> Option<Actions> {
    Some(match kind {
        Kind::Role => &[("iam", ROLE)],
        Kind::Policy => &[("iam", POLICY)],
        Kind::OidcProvider => &[("iam", PROVIDER)],
        Kind::InstanceProfile => &[("iam", "CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile PassRole")],
        Kind::ServiceLinkedRole => &[("iam", "CreateServiceLinkedRole ListRoles")],
        _ => return None,
    })
}

#[rustfmt::skip] // One kind a line.
fn stores(kind: Kind) -> Option<Actions> {
    Some(match kind {
        Kind::Key => &[("kms", KEY)],
        Kind::LogGroup => &[("logs", "CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey DisassociateKmsKey TagResource UntagResource ListTagsForResource")],
        Kind::Repository => &[("ecr", REPOSITORY)],
        Kind::Image => &[("ecr", IMAGE)],
        Kind::Secret => &[("secretsmanager", "CreateSecret DeleteSecret DescribeSecret UpdateSecret RestoreSecret PutSecretValue GetSecretValue GetRandomPassword TagResource UntagResource")],
        Kind::Parameter => &[("ssm", "PutParameter DeleteParameter DescribeParameters GetParameters AddTagsToResource RemoveTagsFromResource ListTagsForResource")],
        Kind::Bucket => &[("s3", BUCKET)],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Operations of S3 whose actions have other names.
    const RENAMED: [&str; 9] = [
        "DeleteBucketLifecycle",
        "DeleteBucketTagging",
        "DeletePublicAccessBlock",
        "GetBucketEncryption",
        "PutBucketEncryption",
        "GetBucketLifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "GetPublicAccessBlock",
        "PutPublicAccessBlock",
    ];
    /// The same, for what reads and empties.
    const RENAMED_TOO: [&str; 4] =
        ["HeadBucket", "DeleteObjects", "ListMultipartUploads", "ListObjectVersions"];

    /// What is no kind's: scans, signing, and who one is (which needs no permission).
    const OF_NO_KIND: [&str; 3] = ["DescribeImageScanFindings", "GetPublicKey", "GetCallerIdentity"];

    /// The operations that a file's calls name: literals that read like one.
    fn operations(text: &str) -> Vec<String> {
        const VERBS: &str = "Create Delete Describe Get List Put Update Tag Untag Attach Detach Add Remove \
             Associate Disassociate Modify Authorize Revoke Replace Allocate Release Enable Disable Schedule \
             Change Restore Abort Head Set";
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let literal = |word: &&str| {
            let verb = VERBS.split_whitespace().any(|verb| word.starts_with(verb) && *word != verb);
            verb && word.chars().all(char::is_alphanumeric) && !word.ends_with("Exception")
        };
        text.split('"').filter(literal).map(str::to_owned).collect()
    }

    #[test]
    fn every_operation_that_is_called_is_an_action_that_is_asked_for() {
        let needed = needed_actions(Kind::ALL.iter().copied());
        let known = |name: &str| needed.iter().any(|action| action.split(':').nth(1) == Some(name));
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/provider/aws");
        let mut seen = 0;
        for folder in "ec2 ecr eks iam kms leftover logs route53 s3 secretsmanager ssm".split_whitespace() {
            for file in fs::read_dir(root.join(folder)).unwrap() {
                let path = file.unwrap().path();
                for name in operations(&fs::read_to_string(&path).unwrap()) {
                    let renamed = RENAMED.contains(&name.as_str()) || RENAMED_TOO.contains(&name.as_str());
                    let other = renamed || OF_NO_KIND.contains(&name.as_str());
                    assert!(known(&name) || other, "{name} of {} is in no list", path.display());
                    seen += 1;
                }
            }
        }
        assert!(seen > 150, "only {seen} calls were found");
    }

    #[test]
    fn every_kind_of_aws_needs_something() {
        for kind in Kind::ALL.iter().filter(|kind| crate::provider::aws::Aws::has(**kind)) {
            assert!(!of(*kind).is_empty(), "{}", kind.as_str());
        }
    }
}
