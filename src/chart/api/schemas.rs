//! Where the schemas are from.

use std::collections::BTreeMap;

use k8s_openapi::Resource;
use k8s_openapi::api::{
    admissionregistration, apps, authentication, authorization, autoscaling, batch, certificates,
    coordination, core, discovery, events, flowcontrol, networking, node, policy, rbac, resource, scheduling,
    storage,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

/// The minor version of the Kubernetes 1 that the schemas are of: as the features of `k8s-openapi` in `Cargo.toml` say.
const KUBERNETES: u64 = 37;

/// A kind: its `apiVersion` and its `kind`.
type Kind = (String, String);

/// The schemas of the kinds that were asked for, and of those that were learnt.
pub struct Schemas {
    generator: SchemaGenerator,
    own: BTreeMap<Kind, Option<Value>>,
    custom: BTreeMap<Kind, Value>,
}

/// The schema of a kind.
#[derive(Clone, Copy)]
pub(super) struct Schema<'a> {
    /// The name of its type, for Kubernetes' own.
    pub(super) name: &'a str,
    /// That of the whole object.
    pub(super) root: &'a Value,
    /// What it refers to, by name.
    pub(super) definitions: &'a Map<String, Value>,
    /// Whether it is from a definition.
    pub(super) custom: bool,
}

impl Default for Schemas {
    fn default() -> Self {
        let generator = SchemaSettings::draft2020_12().into_generator();
        Self { generator, own: BTreeMap::new(), custom: BTreeMap::new() }
    }
}

impl Schemas {
    /// Whether the schemas know all of a Kubernetes (`1.33`). None of a stable version loses fields, so those of a newer
    /// one know the older ones.
    pub fn know(kubernetes: &str) -> bool {
        let minor = kubernetes.strip_prefix("1.").and_then(|minor| minor.parse::<u64>().ok());
        minor.is_some_and(|minor| minor <= KUBERNETES)
    }

    /// Learns the kind that a definition makes; one that gives no schema teaches nothing.
    pub(super) fn learn(&mut self, definition: &Value) {
        let spec = &definition["spec"];
        let texts = (spec["group"].as_str(), spec["names"]["kind"].as_str());
        let (Some(group), Some(kind)) = texts else { return };
        for version in spec["versions"].as_array().into_iter().flatten() {
            let schema = &version["schema"]["openAPIV3Schema"];
            if let Some(name) = version["name"].as_str()
                && schema["properties"].is_object()
                && spec["preserveUnknownFields"] != true
            {
                self.custom.insert((format!("{group}/{name}"), kind.to_owned()), schema.clone());
            }
        }
    }

    /// The schema of a kind; nothing for one that is not known.
    pub(super) fn of<'a>(&'a mut self, api_version: &str, kind: &'a str) -> Option<Schema<'a>> {
        let key = (api_version.to_owned(), kind.to_owned());
        if let Some(root) = self.custom.get(&key) {
            let definitions = self.generator.definitions();
            return Some(Schema { name: kind, root, definitions, custom: true });
        }
        let Self { generator, own, .. } = self;
        let root = own.entry(key).or_insert_with(|| generate(api_version, kind, generator));
        let root = root.as_ref()?;
        Some(Schema { name: kind, root, definitions: self.generator.definitions(), custom: false })
    }
}

/// A kind of Kubernetes' own.
struct Own {
    api_version: &'static str,
    kind: &'static str,
    schema: fn(&mut SchemaGenerator) -> schemars::Schema,
}

fn generate(api_version: &str, kind: &str, generator: &mut SchemaGenerator) -> Option<Value> {
    let own = OWN.iter().find(|own| own.api_version == api_version && own.kind == kind)?;
    Some((own.schema)(generator).to_value())
}

const fn own<T: Resource + JsonSchema>() -> Own {
    Own { api_version: T::API_VERSION, kind: T::KIND, schema: T::json_schema }
}

/// What a chart may hold of Kubernetes' own kinds. Those of alpha versions are left out: they change.
const OWN: &[Own] = &[
    own::<admissionregistration::v1::MutatingAdmissionPolicy>(),
    own::<admissionregistration::v1::MutatingAdmissionPolicyBinding>(),
    own::<admissionregistration::v1::MutatingWebhookConfiguration>(),
    own::<admissionregistration::v1::ValidatingAdmissionPolicy>(),
    own::<admissionregistration::v1::ValidatingAdmissionPolicyBinding>(),
    own::<admissionregistration::v1::ValidatingWebhookConfiguration>(),
    own::<apiextensions::v1::CustomResourceDefinition>(),
    own::<apiregistration::v1::APIService>(),
    own::<apps::v1::ControllerRevision>(),
    own::<apps::v1::DaemonSet>(),
    own::<apps::v1::Deployment>(),
    own::<apps::v1::ReplicaSet>(),
    own::<apps::v1::StatefulSet>(),
    own::<authentication::v1::TokenReview>(),
    own::<authorization::v1::SubjectAccessReview>(),
    own::<autoscaling::v1::HorizontalPodAutoscaler>(),
    own::<autoscaling::v2::HorizontalPodAutoscaler>(),
    own::<batch::v1::CronJob>(),
    own::<batch::v1::Job>(),
    own::<certificates::v1::CertificateSigningRequest>(),
    own::<coordination::v1::Lease>(),
    own::<core::v1::ConfigMap>(),
    own::<core::v1::Endpoints>(),
    own::<core::v1::Event>(),
    own::<core::v1::LimitRange>(),
    own::<core::v1::Namespace>(),
    own::<core::v1::Node>(),
    own::<core::v1::PersistentVolume>(),
    own::<core::v1::PersistentVolumeClaim>(),
    own::<core::v1::Pod>(),
    own::<core::v1::PodTemplate>(),
    own::<core::v1::ReplicationController>(),
    own::<core::v1::ResourceQuota>(),
    own::<core::v1::Secret>(),
    own::<core::v1::Service>(),
    own::<core::v1::ServiceAccount>(),
    own::<discovery::v1::EndpointSlice>(),
    own::<events::v1::Event>(),
    own::<flowcontrol::v1::FlowSchema>(),
    own::<flowcontrol::v1::PriorityLevelConfiguration>(),
    own::<networking::v1::IPAddress>(),
    own::<networking::v1::Ingress>(),
    own::<networking::v1::IngressClass>(),
    own::<networking::v1::NetworkPolicy>(),
    own::<networking::v1::ServiceCIDR>(),
    own::<node::v1::RuntimeClass>(),
    own::<policy::v1::PodDisruptionBudget>(),
    own::<rbac::v1::ClusterRole>(),
    own::<rbac::v1::ClusterRoleBinding>(),
    own::<rbac::v1::Role>(),
    own::<rbac::v1::RoleBinding>(),
    own::<resource::v1::DeviceClass>(),
    own::<resource::v1::ResourceClaim>(),
    own::<resource::v1::ResourceClaimTemplate>(),
    own::<resource::v1::ResourceSlice>(),
    own::<scheduling::v1::PriorityClass>(),
    own::<storage::v1::CSIDriver>(),
    own::<storage::v1::CSINode>(),
    own::<storage::v1::CSIStorageCapacity>(),
    own::<storage::v1::StorageClass>(),
    own::<storage::v1::VolumeAttachment>(),
    own::<storage::v1::VolumeAttributesClass>(),
];
