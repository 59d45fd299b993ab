//! EKS's words for ours.

use aws_sdk_eks::types;

use crate::model::eks::{
    AccessEntryType, AccessScope, AddonConflicts, AuthenticationMode, Capacity, ControlPlaneLog, IpFamily,
    Support, Taint, TaintEffect, Unavailable,
};
use crate::provider::{Class, Error, Readiness};

/// A status and its issues as readiness. `CREATE_FAILED` and a cluster's `FAILED` never end; all else that is
/// not active may.
pub(super) fn readiness(status: &str, issues: &[String]) -> Readiness {
    let text = || match issues {
        [] => status.to_owned(),
        issues => format!("{status}: {}", issues.join("; ")),
    };
    match status {
        // What failed was an update: what it should have changed still differs, and is tried again.
        "ACTIVE" | "UPDATE_FAILED" => Readiness::Ready,
        "CREATE_FAILED" | "FAILED" => Readiness::Failed(text()),
        _ => Readiness::Pending(text()),
    }
}

/// A change that EKS refuses because everything is as wanted already is done: so it is when it is asked for again
/// after an answer was lost.
///
/// # Errors
/// Any other error.
pub(super) fn done_already<T>(result: Result<T, Error>) -> Result<(), Error> {
    const PHRASES: [&str; 5] = [
        "already at the desired configuration",
        "already at version",
        "encryption is already enabled",
        "no changes needed",
        "match the existing",
    ];
    let is_so = |message: &str| {
        let message = message.to_lowercase();
        PHRASES.iter().any(|phrase| message.contains(phrase)) || is_of_one_mode(&message)
    };
    match result {
        Err(error) if error.class == Class::Invalid && is_so(&error.message) => Ok(()),
        other => other.map(|_| ()),
    }
}

/// "Unsupported authentication mode update from API to API".
fn is_of_one_mode(message: &str) -> bool {
    let modes = message
        .split_once("authentication mode update from ")
        .and_then(|(_, modes)| modes.split_once(" to "));
    modes.is_some_and(|(from, to)| from == to.trim_end_matches('.'))
}

/// One issue in words: code and message.
pub(super) fn issue(code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

pub(super) const LOGS: [(ControlPlaneLog, types::LogType); 5] = [
    (ControlPlaneLog::Api, types::LogType::Api),
    (ControlPlaneLog::Audit, types::LogType::Audit),
    (ControlPlaneLog::Authenticator, types::LogType::Authenticator),
    (ControlPlaneLog::ControllerManager, types::LogType::ControllerManager),
    (ControlPlaneLog::Scheduler, types::LogType::Scheduler),
];

pub(super) fn authentication(mode: AuthenticationMode) -> types::AuthenticationMode {
    match mode {
        AuthenticationMode::ConfigMap => types::AuthenticationMode::ConfigMap,
        AuthenticationMode::ApiAndConfigMap => types::AuthenticationMode::ApiAndConfigMap,
        AuthenticationMode::Api => types::AuthenticationMode::Api,
    }
}

/// A cluster that says nothing has the mode of old: the config map.
pub(super) fn authentication_of(mode: Option<&types::AuthenticationMode>) -> AuthenticationMode {
    match mode {
        Some(types::AuthenticationMode::Api) => AuthenticationMode::Api,
        Some(types::AuthenticationMode::ApiAndConfigMap) => AuthenticationMode::ApiAndConfigMap,
        _ => AuthenticationMode::ConfigMap,
    }
}

pub(super) fn support(support: Support) -> types::SupportType {
    match support {
        Support::Standard => types::SupportType::Standard,
        Support::Extended => types::SupportType::Extended,
    }
}

/// A cluster that says nothing is in extended support (CreateCluster, `upgradePolicy`).
pub(super) fn support_of(support: Option<&types::SupportType>) -> Support {
    match support {
        Some(types::SupportType::Standard) => Support::Standard,
        _ => Support::Extended,
    }
}

pub(super) fn ip_family(family: IpFamily) -> types::IpFamily {
    match family {
        IpFamily::Ipv4 => types::IpFamily::Ipv4,
        IpFamily::Ipv6 => types::IpFamily::Ipv6,
    }
}

pub(super) fn ip_family_of(family: Option<&types::IpFamily>) -> IpFamily {
    match family {
        Some(types::IpFamily::Ipv6) => IpFamily::Ipv6,
        _ => IpFamily::Ipv4,
    }
}

pub(super) fn capacity(capacity: Capacity) -> types::CapacityTypes {
    match capacity {
        Capacity::OnDemand => types::CapacityTypes::OnDemand,
        Capacity::Spot => types::CapacityTypes::Spot,
    }
}

pub(super) fn capacity_of(capacity: Option<&types::CapacityTypes>) -> Capacity {
    match capacity {
        Some(types::CapacityTypes::Spot) => Capacity::Spot,
        _ => Capacity::OnDemand,
    }
}

pub(super) fn taint(taint: &Taint) -> types::Taint {
    let effect = match taint.effect {
        TaintEffect::NoSchedule => types::TaintEffect::NoSchedule,
        TaintEffect::NoExecute => types::TaintEffect::NoExecute,
        TaintEffect::PreferNoSchedule => types::TaintEffect::PreferNoSchedule,
    };
    let value = (!taint.value.is_empty()).then(|| taint.value.clone());
    types::Taint::builder().key(&taint.key).set_value(value).effect(effect).build()
}

pub(super) fn taint_of(taint: &types::Taint) -> Taint {
    let effect = match taint.effect {
        Some(types::TaintEffect::NoExecute) => TaintEffect::NoExecute,
        Some(types::TaintEffect::PreferNoSchedule) => TaintEffect::PreferNoSchedule,
        _ => TaintEffect::NoSchedule,
    };
    let [key, value] = [&taint.key, &taint.value].map(|text| text.clone().unwrap_or_default());
    Taint { key, value, effect }
}

pub(super) fn unavailable(unavailable: Unavailable) -> types::NodegroupUpdateConfig {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let builder = types::NodegroupUpdateConfig::builder();
    match unavailable {
        Unavailable::Count(count) => builder.max_unavailable(number(count)).build(),
        Unavailable::Percent(percent) => builder.max_unavailable_percentage(number(percent)).build(),
    }
}

/// A node group that says nothing updates one node at a time.
pub(super) fn unavailable_of(config: Option<&types::NodegroupUpdateConfig>) -> Unavailable {
    let number = |number: Option<i32>| number.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    match config {
        None => Unavailable::Count(1),
        Some(config) => match number(config.max_unavailable_percentage) {
            Some(percent) => Unavailable::Percent(percent),
            None => Unavailable::Count(number(config.max_unavailable).unwrap_or(1)),
        },
    }
}

pub(super) fn conflicts(conflicts: AddonConflicts) -> types::ResolveConflicts {
    match conflicts {
        AddonConflicts::None => types::ResolveConflicts::None,
        AddonConflicts::Overwrite => types::ResolveConflicts::Overwrite,
        AddonConflicts::Preserve => types::ResolveConflicts::Preserve,
    }
}

const ENTRY_TYPES: [(AccessEntryType, &str); 6] = [
    (AccessEntryType::Standard, "STANDARD"),
    (AccessEntryType::Ec2Linux, "EC2_LINUX"),
    (AccessEntryType::Ec2Windows, "EC2_WINDOWS"),
    (AccessEntryType::FargateLinux, "FARGATE_LINUX"),
    (AccessEntryType::Ec2, "EC2"),
    (AccessEntryType::HybridLinux, "HYBRID_LINUX"),
];

pub(super) fn entry_type(entry: AccessEntryType) -> &'static str {
    ENTRY_TYPES.iter().find(|(known, _)| *known == entry).map_or("STANDARD", |(_, word)| word)
}

/// Reads the word of a type.
///
/// # Errors
/// When it is not one that we know.
pub(super) fn entry_type_of(word: Option<&str>) -> Result<AccessEntryType, Error> {
    let word = word.unwrap_or("STANDARD");
    ENTRY_TYPES.iter().find(|(_, known)| *known == word).map(|(entry, _)| *entry).ok_or_else(|| {
        Error::local(
            "eks",
            "DescribeAccessEntry",
            format!("`{word}` is a type of access entry not known here"),
        )
    })
}

pub(super) fn scope(scope: &AccessScope) -> types::AccessScope {
    let builder = types::AccessScope::builder();
    match scope {
        AccessScope::Cluster => builder.r#type(types::AccessScopeType::Cluster).build(),
        AccessScope::Namespaces(namespaces) => builder
            .r#type(types::AccessScopeType::Namespace)
            .set_namespaces(Some(namespaces.iter().cloned().collect()))
            .build(),
    }
}

pub(super) fn scope_of(scope: Option<&types::AccessScope>) -> AccessScope {
    match scope {
        Some(scope) if scope.r#type == Some(types::AccessScopeType::Namespace) => {
            AccessScope::Namespaces(scope.namespaces().iter().cloned().collect())
        }
        _ => AccessScope::Cluster,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_what_is_so_already_is_no_error() {
        assert!(is_of_one_mode("unsupported authentication mode update from api to api"));
        assert!(!is_of_one_mode("unsupported authentication mode update from api to config_map"));
        assert!(!is_of_one_mode("moved from here to here"));
    }

    #[test]
    fn only_what_failed_at_birth_needs_a_new_one() {
        let issues = [issue(Some("Ec2SubnetNotFound"), Some("gone"))];
        assert_eq!(readiness("ACTIVE", &[]), Readiness::Ready);
        assert_eq!(readiness("CREATING", &[]), Readiness::Pending("CREATING".into()));
        assert_eq!(
            readiness("DEGRADED", &issues),
            Readiness::Pending("DEGRADED: Ec2SubnetNotFound: gone".into())
        );
        assert_eq!(
            readiness("CREATE_FAILED", &issues),
            Readiness::Failed("CREATE_FAILED: Ec2SubnetNotFound: gone".into())
        );
    }

    #[test]
    fn words_read_back() {
        for scope in [AccessScope::Cluster, AccessScope::Namespaces(["a".to_owned()].into())] {
            assert_eq!(scope_of(Some(&super::scope(&scope))), scope);
        }
        for (entry, word) in ENTRY_TYPES {
            assert_eq!(entry_type_of(Some(word)).unwrap(), entry);
            assert_eq!(entry_type(entry), word);
        }
        assert!(entry_type_of(Some("NEW")).is_err());
        for wanted in [Unavailable::Count(2), Unavailable::Percent(33)] {
            assert_eq!(unavailable_of(Some(&unavailable(wanted))), wanted);
        }
        let plain = Taint { key: "k".into(), value: String::new(), effect: TaintEffect::NoExecute };
        assert_eq!(taint_of(&taint(&plain)), plain);
    }
}
