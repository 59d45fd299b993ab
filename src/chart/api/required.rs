//! Fields that Kubernetes' schemas call required, and that the API server does without.
//!
//! It takes the zero of Go for whatever is missing, and refuses that zero where its validation looks at it, which it does
//! for nearly all. These are the others. (`pkg/apis/core/validation/validation.go` and its like.)

/// By the type's name and the field.
const DONE_WITHOUT: &[(&str, &str)] = &[
    // An empty value is one.
    ("HTTPHeader", "value"),
    ("Sysctl", "value"),
    ("SleepAction", "seconds"),
    ("ISCSIVolumeSource", "lun"),
    ("ISCSIPersistentVolumeSource", "lun"),
    // An empty list says nothing, and an empty choice chooses all.
    ("LimitRangeSpec", "limits"),
    ("PodFailurePolicy", "rules"),
    ("PreferredSchedulingTerm", "preference"),
    ("CSIDriver", "spec"),
    // A reference to nothing is taken in places.
    ("LocalObjectReference", "name"),
];

/// Whether a field of one of Kubernetes' own types may be missing all the same. A truth that is missing is false.
pub(super) fn may_be_missing(definition: &str, field: &str, schema: Option<&serde_json::Value>) -> bool {
    let name = definition.rsplit('.').next().unwrap_or_default();
    DONE_WITHOUT.contains(&(name, field)) || schema.is_some_and(|schema| schema["type"] == "boolean")
}
