//! What a pod's status tells.

use std::process::ExitStatus;

use serde_json::{Value, json};

use crate::cluster::json;

/// A container, as the status tells it.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) image_id: String,
    pub(super) restarts: i64,
    pub(super) now: Value,
    pub(super) last: Value,
    pub(super) ready: bool,
    pub(super) started: bool,
}

impl State {
    pub(super) fn new(container: &Value, restarts: i64) -> Self {
        Self {
            name: json::text(container, "/name").to_owned(),
            image: json::text(container, "/image").to_owned(),
            image_id: String::new(),
            restarts,
            now: waiting("ContainerCreating", ""),
            last: json!({}),
            ready: false,
            started: false,
        }
    }

    fn shown(&self) -> Value {
        json!({
            "name": self.name, "state": self.now, "lastState": self.last, "ready": self.ready,
            "restartCount": self.restarts, "image": self.image, "imageID": self.image_id, "started": self.started,
        })
    }

    /// How it ended for good, if it did.
    fn code(&self) -> Option<i64> {
        self.now["terminated"]["exitCode"].as_i64()
    }
}

pub(super) fn waiting(reason: &str, message: &str) -> Value {
    if message.is_empty() {
        return json!({ "waiting": { "reason": reason } });
    }
    json!({ "waiting": { "reason": reason, "message": message } })
}

pub(super) fn running() -> Value {
    json!({ "running": { "startedAt": json::now() } })
}

/// The code with which a process ended; a signal is told as shells tell it.
pub(in crate::cluster) fn exit_code(ended: Option<ExitStatus>) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    let signal = ended.and_then(|ended| ended.signal());
    ended.and_then(|ended| ended.code()).or(signal.map(|signal| 128 + signal)).unwrap_or(137)
}

/// How a process ended that was started at a time.
pub(super) fn terminated(ended: Option<ExitStatus>, since: &Value) -> Value {
    use std::os::unix::process::ExitStatusExt as _;
    let signal = ended.and_then(|ended| ended.signal());
    let code = exit_code(ended);
    let mut told = json!({
        "exitCode": code, "reason": if code == 0 { "Completed" } else { "Error" },
        "startedAt": since["running"]["startedAt"], "finishedAt": json::now(),
    });
    if let Some(signal) = signal {
        told["signal"] = signal.into();
    }
    json!({ "terminated": told })
}

/// A pod's status, from those of its containers.
pub(super) fn of_pod(
    before: &Value,
    address: &str,
    (inits, mains): (&[State], &[State]),
    always: bool,
) -> Value {
    let initialized = inits.iter().all(|one| one.code() == Some(0));
    let all_ready = initialized && mains.iter().all(|one| one.ready);
    let ended = mains.iter().all(|one| one.code().is_some());
    let phase = match (initialized, ended && !always) {
        (_, true) if mains.iter().all(|one| one.code() == Some(0)) => "Succeeded",
        (_, true) => "Failed",
        (true, _) if mains.iter().any(|one| one.now.get("waiting").is_none() || one.restarts > 0) => {
            "Running"
        }
        _ => "Pending",
    };
    let unready: Vec<&str> = mains.iter().filter(|one| !one.ready).map(|one| one.name.as_str()).collect();
    let why = format!("containers with unready status: [{}]", unready.join(" "));
    let condition = |kind: &str, holds: bool, reason: &str, message: &str| {
        let told = if holds { ("", "") } else { (reason, message) };
        super::super::controllers::condition(before, kind, if holds { "True" } else { "False" }, told)
    };
    let mut status = json!({
        "phase": phase, "qosClass": before["status"]["qosClass"], "hostIP": "127.0.0.1", "podIP": address,
        "podIPs": [{ "ip": address }],
        "startTime": before["status"].get("startTime").cloned().unwrap_or_else(|| json::now().into()),
        "conditions": [
            condition("PodReadyToStartContainers", true, "", ""),
            condition("Initialized", initialized, "ContainersNotInitialized", "containers with incomplete status"),
            condition("Ready", all_ready && phase == "Running", "ContainersNotReady", &why),
            condition("ContainersReady", all_ready, "ContainersNotReady", &why),
            condition("PodScheduled", true, "", ""),
        ],
        "containerStatuses": mains.iter().map(State::shown).collect::<Vec<_>>(),
    });
    if !inits.is_empty() {
        status["initContainerStatuses"] = inits.iter().map(State::shown).collect::<Vec<_>>().into();
    }
    status
}
