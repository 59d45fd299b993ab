//! Workloads: run as processes, probed, replaced, told of, or simulated.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::ground::Ground;
use super::shop::{DEPLOYMENTS, IMAGE, PODS, SERVICES, available, deployment, fetch, push, service, url};

fn pods(ground: &Ground, app: &str) -> Vec<Value> {
    ground.get(&format!("{PODS}?labelSelector=app%3D{app}"))["items"].as_array().unwrap().clone()
}

#[test]
fn a_service_runs_behind_its_load_balancer_and_calls_the_other() {
    let mut ground = Ground::with(push);
    for name in ["front", "back"] {
        ground.ok("POST", DEPLOYMENTS, &deployment(name, IMAGE, (1, "1")));
    }
    ground.ok("POST", SERVICES, &service("front", true));
    ground.ok("POST", SERVICES, &service("back", false));
    let front = url(&ground, "front");
    available(&ground, "front", 1);
    available(&ground, "back", 1);
    let pod = pods(&ground, "front").remove(0);
    let (code, told) = fetch(&front, "/whoami").unwrap();
    assert_eq!(
        (code, &told["POD_NAME"], &told["NODE_NAME"]),
        (200, &pod["metadata"]["name"], &pod["spec"]["nodeName"])
    );
    let (code, told) = fetch(&front, "/call").unwrap();
    assert_eq!((code, &told["POD_NAME"]), (200, &pods(&ground, "back")[0]["metadata"]["name"]));
    let rewrites = pod["metadata"]["annotations"]["sandbox.platctl.dev/rewrites"].as_str().unwrap();
    let rewrites: Value = serde_json::from_str(rewrites).unwrap();
    let names: Vec<&String> = rewrites.as_object().unwrap().keys().collect();
    assert_eq!(names, ["BACKEND_URL", "LISTEN_ADDR"]);
    let host =
        ground.get(&format!("{SERVICES}/front-service"))["status"]["loadBalancer"]["ingress"][0]["hostname"]
            .clone();
    assert!(host.as_str().unwrap().ends_with(".elb.eu-west-1.amazonaws.com"), "{host}");
    let log =
        ground.ask("GET", &format!("{PODS}/{}/log", pod["metadata"]["name"].as_str().unwrap()), &Value::Null);
    assert_eq!(log.text, "listening, version 1\n");
    let slices = ground.get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dfront-service");
    assert_eq!(slices["items"][0]["endpoints"][0]["conditions"]["ready"], true);
    assert_eq!(slices["items"][0]["ports"][0]["port"], 8000);

    // The same after a stop, at the same address.
    ground.restart();
    assert_eq!(url(&ground, "front"), front);
    ground.until(&format!("{DEPLOYMENTS}/front"), |_| {
        fetch(&front, "/whoami").is_some_and(|(code, _)| code == 200)
    });
    let again = pods(&ground, "front").remove(0);
    assert_eq!(again["metadata"]["name"], pod["metadata"]["name"]);
    assert_eq!(again["status"]["containerStatuses"][0]["restartCount"], 1);
}

#[test]
fn what_is_killed_is_unready_at_once_told_by_its_caller_and_started_again() {
    let ground = Ground::with(push);
    for name in ["front", "back"] {
        ground.ok("POST", DEPLOYMENTS, &deployment(name, IMAGE, (1, "1")));
        ground.ok("POST", SERVICES, &service(name, true));
    }
    let (front, back) = (url(&ground, "front"), url(&ground, "back"));
    available(&ground, "front", 1);
    available(&ground, "back", 1);
    assert_eq!(fetch(&front, "/call").unwrap().0, 200);
    let _cut = fetch(&back, "/crash");
    let since = Instant::now();
    ground.until(&format!("{DEPLOYMENTS}/back"), |answer| {
        answer.body["status"].get("availableReplicas").is_none()
    });
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    let (code, told) = fetch(&front, "/call").unwrap();
    assert_eq!(code, 503, "{told}");
    available(&ground, "back", 1);
    assert_eq!(fetch(&front, "/call").unwrap().0, 200);
    let pod = pods(&ground, "back").remove(0);
    let status = &pod["status"]["containerStatuses"][0];
    assert_eq!(
        (&status["restartCount"], &status["lastState"]["terminated"]["exitCode"]),
        (&json!(1), &json!(3))
    );
    let name = pod["metadata"]["name"].as_str().unwrap();
    let before = ground.ask("GET", &format!("{PODS}/{name}/log?previous=true"), &Value::Null);
    assert_eq!(before.text, "listening, version 1\n");
    let _cut = fetch(&back, "/crash");
    ground.until(&format!("{PODS}/{name}"), |answer| {
        answer.body["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    });
}

#[test]
fn an_update_loses_no_request() {
    let ground = Ground::with(push);
    ground.ok("POST", DEPLOYMENTS, &deployment("front", IMAGE, (2, "1")));
    ground.ok("POST", SERVICES, &service("front", true));
    let front = url(&ground, "front");
    available(&ground, "front", 2);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (asked, versions) = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let (mut asked, mut versions) = (0, std::collections::BTreeSet::new());
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let (code, told) = fetch(&front, "/whoami").expect("a request was lost");
                assert_eq!(code, 200);
                versions.insert(told["VERSION"].as_str().unwrap().to_owned());
                asked += 1;
            }
            (asked, versions)
        });
        let applied = ground.apply(
            "us",
            &format!("{DEPLOYMENTS}/front?force=true"),
            &deployment("front", IMAGE, (2, "2")),
        );
        assert_eq!(applied.code, 200, "{}", applied.text);
        let live = available(&ground, "front", 2);
        assert_eq!(live["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "2");
        ground.until(&format!("{PODS}?labelSelector=app%3Dfront"), |answer| {
            answer.body["items"].as_array().unwrap().len() == 2
        });
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        load.join().unwrap()
    });
    assert!(asked > 20, "{asked}");
    assert_eq!(versions.into_iter().collect::<Vec<_>>(), ["1", "2"]);
    ground.ok("DELETE", &format!("{DEPLOYMENTS}/front"), &Value::Null);
    ground.until(PODS, |answer| answer.body["items"].as_array().unwrap().is_empty());
    assert!(fetch(&front, "/whoami").is_none(), "nobody answers any more");
}

#[test]
fn the_bounds_of_a_scaler_are_kept() {
    let ground = Ground::with(push);
    ground.ok("POST", DEPLOYMENTS, &deployment("front", IMAGE, (1, "1")));
    let scaler = json!({ "metadata": { "name": "front" }, "spec": { "minReplicas": 2, "maxReplicas": 3,
        "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "front" } } });
    ground.ok("POST", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", &scaler);
    available(&ground, "front", 2);
    let scaled =
        ground.patch("merge", &format!("{DEPLOYMENTS}/front/scale"), &json!({ "spec": { "replicas": 5 } }));
    assert_eq!(scaled.body["spec"]["replicas"], 5, "{}", scaled.text);
    available(&ground, "front", 3);
}

#[test]
fn what_cannot_be_run_is_marked_and_never_ready() {
    let ground = Ground::with(push);
    ground.ok("POST", DEPLOYMENTS, &deployment("outside", "registry.example.com/x@sha256:0", (1, "1")));
    let pod =
        ground.until(PODS, |answer| answer.body["items"][0]["status"]["conditions"].is_array()).body["items"]
            [0]
        .clone();
    let why = "the image registry.example.com/x@sha256:0 is not in the sandbox's registry";
    assert_eq!(pod["metadata"]["annotations"]["sandbox.platctl.dev/simulated"], why);
    assert_eq!(
        (&pod["status"]["phase"], &pod["status"]["conditions"][0]["reason"]),
        (&json!("Pending"), &json!("Simulated"))
    );
    let live = ground.get(&format!("{DEPLOYMENTS}/outside"));
    assert_eq!(live["metadata"]["annotations"]["sandbox.platctl.dev/simulated"], why);
    let daemons = "/apis/apps/v1/namespaces/default/daemonsets";
    let mut daemon = deployment("daemon", IMAGE, (1, "1"));
    daemon["kind"] = json!("DaemonSet");
    for gone in ["replicas", "strategy"] {
        daemon["spec"].as_object_mut().unwrap().remove(gone);
    }
    ground.ok("POST", daemons, &daemon);
    let live = ground
        .until(&format!("{daemons}/daemon"), |answer| answer.body["status"]["desiredNumberScheduled"] == 2);
    assert_eq!(live.body["status"]["numberReady"], 0);
    assert!(live.body["metadata"]["annotations"]["sandbox.platctl.dev/simulated"].is_string());
}

#[test]
fn an_image_that_is_not_there_and_a_key_that_is_missing_are_told() {
    let ground = Ground::with(push);
    let reason = |name: &str| {
        let path = format!("{PODS}?labelSelector=app%3D{name}");
        let found = |answer: &super::ground::Answer| {
            let waiting = &answer.body["items"][0]["status"]["containerStatuses"][0]["state"]["waiting"];
            (waiting["reason"] != "ContainerCreating")
                .then(|| waiting["reason"].as_str().map(str::to_owned))
                .flatten()
        };
        let answer = ground.until(&path, |answer| found(answer).is_some());
        (found(&answer).unwrap(), answer.text)
    };
    let missing = IMAGE.replace(":1", ":2");
    let mut stuck = deployment("stuck", &missing, (1, "1"));
    stuck["spec"]["progressDeadlineSeconds"] = json!(2);
    ground.ok("POST", DEPLOYMENTS, &stuck);
    let (told, text) = reason("stuck");
    assert!(told == "ImagePullBackOff" && text.contains("not found"), "{text}");
    let mut keyless = deployment("keyless", IMAGE, (1, "1"));
    let from = json!({ "name": "FROM_SECRET", "valueFrom": { "secretKeyRef": { "name": "s", "key": "k" } } });
    keyless["spec"]["template"]["spec"]["containers"][0]["env"].as_array_mut().unwrap().push(from);
    ground.ok("POST", DEPLOYMENTS, &keyless);
    assert_eq!(reason("keyless").0, "CreateContainerConfigError");
    ground.ok(
        "POST",
        "/api/v1/namespaces/default/secrets",
        &json!({ "metadata": { "name": "s" }, "stringData": { "k": "v" } }),
    );
    available(&ground, "keyless", 1);
    ground.until(&format!("{DEPLOYMENTS}/stuck"), |answer| {
        let conditions = answer.body["status"]["conditions"].as_array().unwrap();
        conditions.iter().any(|one| one["reason"] == "ProgressDeadlineExceeded")
    });
}

#[test]
fn a_private_name_leads_to_the_service_behind_its_load_balancer() {
    let ground = Ground::with(|client| {
        push(client);
        let vpcs = client.ok("ec2", "DescribeVpcs", json!({}));
        let vpc = json!({ "VPCRegion": "eu-west-1", "VPCId": vpcs["Vpcs"][0]["VpcId"] });
        client.ok(
            "route53",
            "CreateHostedZone",
            json!({ "Name": "backend.internal", "CallerReference": "1", "VPC": vpc }),
        );
    });
    ground.ok("POST", DEPLOYMENTS, &deployment("back", IMAGE, (1, "1")));
    ground.ok("POST", SERVICES, &service("back", true));
    let mut front = deployment("front", IMAGE, (1, "1"));
    front["spec"]["template"]["spec"]["containers"][0]["env"][2]["value"] =
        json!("http://api.backend.internal");
    ground.ok("POST", DEPLOYMENTS, &front);
    ground.ok("POST", SERVICES, &service("front", true));
    let front = url(&ground, "front");
    available(&ground, "front", 1);
    available(&ground, "back", 1);
    assert_eq!(fetch(&front, "/call").unwrap().0, 503, "there is no record yet");
    let host =
        ground.get(&format!("{SERVICES}/back-service"))["status"]["loadBalancer"]["ingress"][0]["hostname"]
            .as_str()
            .unwrap()
            .to_owned();
    let zones = ground.raw("GET", "/2013-04-01/hostedzone", "route53", ("application/xml", ""));
    let id = zones.text.split_once("<Id>/hostedzone/").unwrap().1.split_once('<').unwrap().0.to_owned();
    let change = format!(
        "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet><Name>api.backend.internal</Name><Type>CNAME</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>{host}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    );
    let changed = ground.raw(
        "POST",
        &format!("/2013-04-01/hostedzone/{id}/rrset/"),
        "route53",
        ("application/xml", &change),
    );
    assert_eq!(changed.code, 200, "{}", changed.text);
    let (code, told) = fetch(&front, "/call").unwrap();
    assert_eq!((code, &told["POD_NAME"]), (200, &pods(&ground, "back")[0]["metadata"]["name"]));
}

#[test]
fn a_service_goes_when_its_load_balancer_is_gone() {
    let ground = Ground::with(push);
    ground.ok("POST", SERVICES, &service("front", true));
    url(&ground, "front");
    let balancers = || ground.form("elasticloadbalancing", "Action=DescribeLoadBalancers&Version=2015-12-01");
    assert_eq!(balancers().matches("<LoadBalancerArn>").count(), 1);
    let live = ground.get(&format!("{SERVICES}/front-service"));
    assert_eq!(live["metadata"]["finalizers"], json!(["service.k8s.aws/resources"]));
    ground.ok("DELETE", &format!("{SERVICES}/front-service"), &Value::Null);
    ground.until(&format!("{SERVICES}/front-service"), |answer| answer.code == 404);
    assert_eq!(balancers().matches("<LoadBalancerArn>").count(), 0);
}

#[test]
fn what_a_killed_sandbox_left_is_ended_and_swept_away() {
    let mut ground = Ground::new();
    ground.ok("POST", "/api/v1/namespaces/default/configmaps", &json!({ "metadata": { "name": "a" } }));
    let sleep = |seconds: &str| std::process::Command::new("sleep").arg(seconds).spawn().unwrap();
    let (mut noted, mut other, mut kept) = (sleep("60"), sleep("61"), sleep("62"));
    let program = std::process::Command::new("sh").args(["-c", "command -v sleep"]).output().unwrap();
    let program = std::fs::canonicalize(String::from_utf8(program.stdout).unwrap().trim()).unwrap();
    ground.between(|clusters| {
        let own = std::fs::read_dir(clusters).unwrap().next().unwrap().unwrap().path();
        let gone = clusters.join("SOMEBODY.gone");
        std::fs::create_dir(&gone).unwrap();
        let line = |child: &std::process::Child, program: &str| format!("{} {program}\n", child.id());
        let program = program.to_str().unwrap();
        // A number that is another program's by now is left alone.
        let note = line(&noted, program) + &line(&kept, "/elsewhere/web");
        std::fs::write(own.join("processes"), note).unwrap();
        std::fs::write(gone.join("processes"), line(&other, program)).unwrap();
    });
    for child in [&mut noted, &mut other] {
        assert!(!child.wait().unwrap().success(), "it was killed");
    }
    assert!(kept.try_wait().unwrap().is_none(), "it is not ours");
    kept.kill().unwrap();
    kept.wait().unwrap();
    assert_eq!(ground.cluster_folders(), 1);
    ground.get("/api/v1/namespaces/default/configmaps/a");
}

/// A message of a client: masked with nothing.
fn message(channel: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len() + 1).unwrap();
    [&[0x82, 0x80 | length, 0, 0, 0, 0, channel][..], bytes].concat()
}

/// The messages of a server, short ones.
fn messages(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut all = Vec::new();
    while let [0x82, length, rest @ ..] = bytes {
        let (length, rest) = match length {
            126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
            short => (usize::from(*short), rest),
        };
        let (message, rest) = rest.split_at(length);
        all.push((message[0], message[1..].to_vec()));
        bytes = rest;
    }
    all
}

#[test]
fn commands_run_beside_a_container_and_its_ports_are_reached() {
    let ground = Ground::with(push);
    ground.ok("POST", DEPLOYMENTS, &deployment("front", IMAGE, (1, "7")));
    available(&ground, "front", 1);
    let pod = pods(&ground, "front").remove(0)["metadata"]["name"].as_str().unwrap().to_owned();
    let port = "0";
    let exec = format!(
        "{PODS}/{pod}/exec?command=/app/web&command=probe&command={port}&stdout=true&stderr=true&stdin=true"
    );
    let all = messages(&ground.upgrade(&exec, &message(0, b"hello")));
    let said = |channel: u8| -> String {
        let bytes = all.iter().filter(|(one, _)| *one == channel).flat_map(|(_, bytes)| bytes.clone());
        String::from_utf8(bytes.collect()).unwrap()
    };
    assert_eq!(said(1), "version 7 heard hello\n", "{all:?}");
    let status: Value = serde_json::from_str(&said(3)).unwrap();
    assert_eq!(status["details"]["causes"], json!([{ "reason": "ExitCode", "message": "4" }]));
    let request = b"GET /whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let all =
        messages(&ground.upgrade(&format!("{PODS}/{pod}/portforward?ports=8000"), &message(0, request)));
    assert_eq!(&all[..2], [(0, 8000_u16.to_le_bytes().to_vec()), (1, 8000_u16.to_le_bytes().to_vec())]);
    let answer: Vec<u8> =
        all[2..].iter().filter(|(channel, _)| *channel == 0).flat_map(|(_, bytes)| bytes.clone()).collect();
    assert!(String::from_utf8_lossy(&answer).contains(&pod), "{answer:?}");
    let all = messages(&ground.upgrade(&format!("{PODS}/{pod}/portforward?ports=9"), b""));
    assert!(String::from_utf8_lossy(&all[2].1).contains("connection refused"), "{all:?}");
    assert_eq!(ground.ask("GET", &exec, &Value::Null).code, 400, "without an upgrade");
}
