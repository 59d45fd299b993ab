//! What is the matter with a pod, in words that say what to do about it.

use serde_json::Value;

/// What is the matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// What a person needs to know.
    pub(super) why: String,
    /// The container whose last lines tell more.
    pub(super) container: Option<String>,
    /// The image that cannot be pulled.
    image: Option<String>,
}

impl Trouble {
    fn new(why: String) -> Self {
        Self { why, container: None, image: None }
    }

    /// What to do where a node looked for an image at itself: a registry of this machine is not there when the node is a
    /// container of its own, as those of kind are. `told` is all that is told of the pod.
    pub(super) fn way_out(&self, told: &[String]) -> Option<String> {
        let registry = self.image.as_ref()?.split('/').next()?;
        let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
        let is_loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        let is_unanswered = ["connection refused", "i/o timeout", "dial tcp"]
            .iter()
            .any(|sign| told.iter().any(|line| line.contains(sign)));
        (is_loopback && is_unanswered).then(|| {
            format!(
                "nothing answers at {registry} of the node itself: where nodes are containers of their own (kind, \
                 k3d), this machine's loopback is not theirs. `platctl images push ENV --registry HOST/PREFIX` takes \
                 the images to a registry that they reach; [services.NAME] image names them there"
            )
        })
    }
}

/// The last of a pod's warnings that tells something. The kubelet repeats what a container waits for ("Error:
/// ErrImagePull", "Back-off restarting failed container") after having told why.
pub(super) fn telling(events: &[Value]) -> Option<&Value> {
    let when = |event: &&Value| text(&event["lastTimestamp"]).to_owned();
    let repeats = |event: &&Value| {
        ["Error: ", "Back-off "].iter().any(|start| text(&event["message"]).starts_with(start))
    };
    let last = events.iter().filter(|event| !repeats(event)).max_by_key(when);
    last.or_else(|| events.iter().max_by_key(when))
}

/// What is the matter with a pod; nothing with one that is ready, done or on its way out.
pub(super) fn trouble(pod: &Value) -> Option<Trouble> {
    if pod["metadata"]["deletionTimestamp"].is_string() {
        return None;
    }
    let status = &pod["status"];
    let list = |value: &'static str| status[value].as_array().map(Vec::as_slice).unwrap_or_default();
    let condition = |name: &str| list("conditions").iter().find(|condition| condition["type"] == name);
    if status["phase"] == "Succeeded" || condition("Ready").is_some_and(|ready| ready["status"] == "True") {
        return None;
    }
    if let Some(scheduled) = condition("PodScheduled").filter(|condition| condition["status"] == "False") {
        return Some(Trouble::new(format!("no node takes it: {}", text(&scheduled["message"]))));
    }
    let containers = list("initContainerStatuses").iter().chain(list("containerStatuses"));
    if let Some(found) = containers.clone().find_map(container) {
        return Some(found);
    }
    // It runs, and nothing says why it is not ready: that is its probe's to say.
    let mut running = containers.filter(|container| container["state"]["running"].is_object());
    let unready = running.find(|container| container["ready"] == false)?;
    let probe = if unready["started"] == false { "startup" } else { "readiness" };
    Some(Trouble::new(format!("{} runs, and its {probe} probe does not succeed", text(&unready["name"]))))
}

fn container(status: &Value) -> Option<Trouble> {
    let name = text(&status["name"]);
    let waiting = &status["state"]["waiting"];
    let message = text(&waiting["message"]);
    let ended = [&status["state"]["terminated"], &status["lastState"]["terminated"]];
    let ended = ended.into_iter().find(|ended| ended.is_object());
    match text(&waiting["reason"]) {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "RegistryUnavailable" => {
            let image = text(&status["image"]);
            let why = format!("the image {image} of {name} cannot be pulled: {message}");
            Some(Trouble { image: Some(image.to_owned()), ..Trouble::new(why) })
        }
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
            Some(Trouble::new(format!("{name} cannot be started: {message}")))
        }
        "CrashLoopBackOff" => Some(crash(name, status, ended)),
        _ if ended.is_some_and(|ended| ended["exitCode"] != 0) => Some(crash(name, status, ended)),
        _ => None,
    }
}

fn crash(name: &str, status: &Value, ended: Option<&Value>) -> Trouble {
    let how = match ended {
        None => String::new(),
        Some(ended) if ended["reason"] == "OOMKilled" => " (it used more memory than its limit)".to_owned(),
        Some(ended) => match ended["signal"].as_i64().filter(|signal| *signal != 0) {
            Some(signal) => format!(" (by signal {signal})"),
            None => format!(" (exit code {})", ended["exitCode"]),
        },
    };
    let restarts = status["restartCount"].as_i64().unwrap_or_default();
    let why = format!("{name} ends again and again{how}, {restarts} restarts");
    Trouble { container: Some(name.to_owned()), ..Trouble::new(why) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(status: Value) -> Option<Trouble> {
        trouble(&json!({"metadata": {"name": "web-1"}, "status": status}))
    }

    fn waiting(reason: &str) -> Value {
        json!({"name": "web", "image": "registry/web:1", "restartCount": 4,
            "state": {"waiting": {"reason": reason, "message": "m"}}})
    }

    #[test]
    fn a_pod_without_trouble_has_none() {
        assert_eq!(of(json!({"phase": "Succeeded"})), None);
        assert_eq!(of(json!({"conditions": [{"type": "Ready", "status": "True"}]})), None);
        assert_eq!(of(json!({"containerStatuses": [waiting("ContainerCreating")]})), None);
        let killed = json!({"name": "web", "state": {"terminated": {"exitCode": 137, "reason": "Error"}}});
        let mut leaving = json!({"metadata": {}, "status": {"containerStatuses": [killed]}});
        assert!(trouble(&leaving).is_some());
        leaving["metadata"]["deletionTimestamp"] = json!("2026-01-02T03:04:05Z");
        assert_eq!(trouble(&leaving), None);
    }

    #[test]
    fn of_warnings_the_last_is_told_that_says_something() {
        let event = |at: u32, message: &str| json!({"lastTimestamp": format!("2026-01-02T03:04:0{at}Z"), "message": message});
        let all = [
            event(1, "Readiness probe failed"),
            event(2, "Failed to pull image: not found"),
            event(3, "Error: ErrImagePull"),
            event(4, "Back-off pulling image"),
        ];
        assert_eq!(telling(&all), Some(&all[1]));
        assert_eq!(telling(&all[2..]), Some(&all[3]));
        assert_eq!(telling(&[]), None);
    }

    #[test]
    fn every_trouble_is_told_with_what_to_look_at() {
        let why = |status: Value| of(status).unwrap().why;
        let unscheduled = json!({"conditions": [{"type": "PodScheduled", "status": "False",
            "reason": "Unschedulable", "message": "0/2 nodes are available: 2 Insufficient cpu."}]});
        assert_eq!(why(unscheduled), "no node takes it: 0/2 nodes are available: 2 Insufficient cpu.");
        let pull = json!({"containerStatuses": [waiting("ImagePullBackOff")]});
        assert_eq!(why(pull), "the image registry/web:1 of web cannot be pulled: m");
        assert_eq!(
            of(json!({"containerStatuses": [waiting("ImagePullBackOff")]})).unwrap().way_out(&[]),
            None
        );
        let config = json!({"initContainerStatuses": [waiting("CreateContainerConfigError")]});
        assert_eq!(why(config), "web cannot be started: m");

        let mut crash = waiting("CrashLoopBackOff");
        crash["lastState"] = json!({"terminated": {"exitCode": 3, "reason": "Error"}});
        let found = of(json!({"containerStatuses": [crash.clone()]})).unwrap();
        assert_eq!(found.why, "web ends again and again (exit code 3), 4 restarts");
        assert_eq!(found.container.as_deref(), Some("web"));
        crash["lastState"]["terminated"] = json!({"exitCode": 137, "reason": "OOMKilled"});
        assert!(why(json!({"containerStatuses": [crash.clone()]})).contains("more memory than its limit"));
        crash["lastState"]["terminated"] = json!({"exitCode": 139, "signal": 11});
        assert!(why(json!({"containerStatuses": [crash]})).contains("by signal 11"));

        let unready = json!({"name": "web", "ready": false, "state": {"running": {"startedAt": "now"}}});
        assert!(why(json!({"containerStatuses": [unready]})).contains("readiness probe"));
    }

    #[test]
    fn a_registry_of_this_machine_that_a_node_does_not_reach_is_told_with_the_way_out() {
        let refused = "failed to do request: Head \"http://127.0.0.1:4566/v2/dev/web/manifests/1\": dial tcp \
                       127.0.0.1:4566: connect: connection refused";
        let of = |image: &str, message: &str| {
            let mut status = waiting("ErrImagePull");
            status["image"] = json!(image);
            status["state"]["waiting"]["message"] = json!(message);
            let found = of(json!({"containerStatuses": [status]})).unwrap();
            found.way_out(std::slice::from_ref(&found.why))
        };
        for image in ["127.0.0.1:4566/dev/web@sha256:0", "localhost:4566/dev/web:1"] {
            let way = of(image, refused).unwrap();
            assert!(way.contains("kind") && way.contains("platctl images push ENV --registry"), "{way}");
            assert!(way.contains(image.split('/').next().unwrap()), "{way}");
        }
        assert_eq!(of("127.0.0.1:4566/dev/web:1", "manifest unknown: not found"), None, "it answers");
        assert_eq!(of("registry.example.com/web:1", "dial tcp 10.0.0.1:443: i/o timeout"), None);
        // A later status tells only that it waits; the warning of before tells why.
        let mut later = waiting("ImagePullBackOff");
        later["image"] = json!("127.0.0.1:4566/dev/web:1");
        let found = super::trouble(&json!({"status": {"containerStatuses": [later]}})).unwrap();
        assert_eq!(found.way_out(std::slice::from_ref(&found.why)), None);
        assert!(found.way_out(&[found.why.clone(), refused.to_owned()]).is_some());
    }
}
