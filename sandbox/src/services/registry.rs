//! Which services there are, and how a request finds its own.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::faults::FaultKind;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::wire::message::{Reply, Request, Scope};
use crate::wire::model::Model;
use crate::wire::validate::Violation;
use crate::world::{Call, Pending, Tags, World};

/// What an operation answers.
pub type Outcome = Result<Answer, Failure>;

/// An operation: reads its input, works on the world, answers. A refusal undoes what it did.
pub type Operation = fn(&mut Call<'_>, &Input) -> Outcome;

/// One resource in the dump and for the tagging service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// Its ARN.
    pub arn: String,
    /// Service and type as the tagging service filters them, for example `ec2:vpc`.
    pub kind: String,
    /// Its id or name.
    pub id: String,
    /// Its tags.
    pub tags: Tags,
    /// More about it, for people and for tests.
    pub detail: Value,
}

/// A service of the sandbox.
pub struct Service {
    /// botocore's name: also that of the model file.
    pub name: &'static str,
    /// The model.
    pub model: fn() -> &'static Model,
    /// Finds an operation by name; `None` for one that is in the model but not written.
    pub operation: fn(&str) -> Option<Operation>,
    /// Ends a change that was under way.
    pub complete: fn(&mut Call<'_>, &Pending),
    /// How a broken constraint of the model is refused.
    pub refuse: fn(&Violation) -> Failure,
    /// All resources in an account and a region (global ones in `us-east-1`).
    pub inventory: fn(&World, &str, &str) -> Vec<Item>,
    /// What the service answers outside of AWS's protocols (an image registry).
    pub raw: Option<Raw>,
}

/// An API outside of AWS's protocols. Its requests meet faults and stand in the log of calls as those of a service do.
pub struct Raw {
    /// Its name, where a service's would stand.
    pub name: &'static str,
    /// What a request asks for, named as AWS names operations; `None` when it is for somebody else.
    pub operation: fn(&Request) -> Option<&'static str>,
    /// Answers a request.
    pub answer: fn(&mut Call<'_>, &Request) -> Result<Reply, Failure>,
    /// What it answers when a fault strikes, for the kinds that answer something.
    pub fault: fn(FaultKind) -> Option<Reply>,
}

/// The API outside of AWS's protocols that a request is for, and what it asks for.
pub fn raw(request: &Request) -> Option<(&'static Service, &'static Raw, &'static str)> {
    SERVICES.iter().find_map(|service| {
        let raw = service.raw.as_ref()?;
        Some((service, raw, (raw.operation)(request)?))
    })
}

/// All services.
#[rustfmt::skip] // One a line, in the order of their names.
pub static SERVICES: &[Service] = &[
    super::acm::SERVICE,
    super::autoscaling::SERVICE,
    super::ec2::SERVICE,
    super::ecr::SERVICE,
    super::eks::SERVICE,
    super::elb::SERVICE,
    super::elbv2::SERVICE,
    super::iam::SERVICE,
    super::kms::SERVICE,
    super::logs::SERVICE,
    super::pricing::SERVICE,
    super::route53::SERVICE,
    super::s3::SERVICE,
    super::secretsmanager::SERVICE,
    super::service_quotas::SERVICE,
    super::ssm::SERVICE,
    super::sts::SERVICE,
    super::tagging::SERVICE,
];

/// Parses a model once and keeps it: `model!("ec2")` for `sandbox/models/ec2.json`.
macro_rules! model {
    ($name:literal) => {{
        fn model() -> &'static $crate::wire::model::Model {
            static MODEL: std::sync::OnceLock<$crate::wire::model::Model> = std::sync::OnceLock::new();
            MODEL.get_or_init(|| {
                serde_json::from_str(include_str!(concat!("../../../models/", $name, ".json")))
                    .expect("the generator writes what the model type reads")
            })
        }
        model
    }};
}
pub(crate) use model;

/// The service with this name.
pub fn service(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.name == name)
}

/// The model of a service.
pub fn model_of(name: &str) -> Option<&'static Model> {
    service(name).map(|service| (service.model)())
}

/// The signing names of the services whose model file is not named like them.
fn signs_as(service: &Service, signing: &str) -> bool {
    // Names first: parsing every model to look at its signing name would cost the 50 ms of a start.
    let expected = match service.name {
        "elb" | "elbv2" => "elasticloadbalancing",
        "service-quotas" => "servicequotas",
        "resourcegroupstaggingapi" => "tagging",
        name => name,
    };
    expected == signing
}

/// The service that a request is for: by its credential scope, its target header, or its action.
pub fn recognise(request: &Request, scope: Option<&Scope>) -> Option<&'static Service> {
    if let Some(scope) = scope {
        let mut candidates = SERVICES.iter().filter(|service| signs_as(service, &scope.service));
        let first = candidates.next()?;
        let Some(second) = candidates.next() else { return Some(first) };
        // Both load balancing services sign alike; the API version tells them apart.
        let form = request.form();
        let version = form.iter().find(|(name, _)| name == "Version").map(|(_, version)| version.as_str());
        let fits = |service: &&&'static Service| Some((service.model)().version.as_str()) == version;
        return [first, second].iter().find(fits).copied();
    }
    if let Some(target) = request.header("x-amz-target") {
        let prefix = target.rsplit_once('.').map_or(target, |(prefix, _)| prefix);
        return SERVICES.iter().find(|service| (service.model)().target.as_deref() == Some(prefix));
    }
    // AssumeRoleWithWebIdentity is the one call of a query service that nobody signs.
    let is_form = request.header("content-type").is_some_and(|kind| kind.contains("x-www-form-urlencoded"));
    let form = if is_form { request.form() } else { return None };
    let action = form.iter().find(|(name, _)| name == "Action").map(|(_, action)| action.as_str())?;
    (action == "AssumeRoleWithWebIdentity").then(|| service("sts")).flatten()
}

/// Nothing ever completes: for services without progress.
pub fn nothing_completes(_: &mut Call<'_>, _: &Pending) {}

/// No resources: for services that own none.
pub fn no_inventory(_: &World, _: &str, _: &str) -> Vec<Item> {
    Vec::new()
}

/// Refuses a broken constraint with `ValidationError`, as most query services do.
pub fn validation_error(violation: &Violation) -> Failure {
    Failure::new("ValidationError", violation.sentence())
}

/// Refuses a broken constraint with `ValidationException`, as most JSON services do.
pub fn validation_exception(violation: &Violation) -> Failure {
    Failure::new("ValidationException", violation.sentence())
}

/// Refuses a broken constraint with `InvalidParameterException`, as EKS, ECR and others do.
pub fn invalid_parameter(violation: &Violation) -> Failure {
    Failure::new("InvalidParameterException", violation.sentence())
}

/// All resources of the world by account and region.
pub fn inventory(world: &World) -> BTreeMap<String, BTreeMap<String, Vec<Item>>> {
    let mut all = BTreeMap::new();
    for (account, state) in &world.accounts {
        let mut regions: Vec<&str> = state.regions.keys().map(String::as_str).collect();
        if !regions.contains(&"us-east-1") {
            regions.push("us-east-1");
        }
        let mut by_region = BTreeMap::new();
        for region in regions {
            let items: Vec<Item> =
                SERVICES.iter().flat_map(|service| (service.inventory)(world, account, region)).collect();
            if !items.is_empty() {
                by_region.insert(region.to_owned(), items);
            }
        }
        all.insert(account.clone(), by_region);
    }
    all
}
