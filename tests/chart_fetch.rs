//! Fetching charts over real sockets: an HTTP repository that can misbehave, and with PLATCTL_PEERS=1 a
//! real OCI registry (Debian's docker-registry).

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use platctl::chart::File;
use platctl::chart::load;
use platctl::provider::charts::{Charts, DockerConfig, FetchError, Reference, Settings, update};
use sha2::{Digest, Sha256};

fn chart(name: &str, version: &str) -> Vec<u8> {
    let text = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    load::pack(name, &[File::new("Chart.yaml", text.as_bytes())]).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Answers of an HTTP server by path: status, body, and the authorization it wants.
type Answers = Arc<Mutex<BTreeMap<String, (u16, Vec<u8>, Option<String>)>>>;

/// An HTTP server on loopback that counts requests.
struct Server {
    address: String,
    answers: Answers,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answers: Answers = Arc::default();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let (shared, seen) = (Arc::clone(&answers), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                answer(stream, &shared, &seen);
            }
        });
        Self { address, answers, requests }
    }

    fn put(&self, path: &str, status: u16, body: impl Into<Vec<u8>>) {
        self.answers.lock().unwrap().insert(path.to_owned(), (status, body.into(), None));
    }

    fn guard(&self, path: &str, authorization: &str) {
        self.answers.lock().unwrap().get_mut(path).unwrap().2 = Some(authorization.to_owned());
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// A repository with these charts; the digest of each may be a lie.
    fn index(&self, charts: &[(&str, &str, Vec<u8>, Option<&str>)]) {
        let mut index = String::from("apiVersion: v1\nentries:\n  app:\n");
        for (name, version, bytes, digest) in charts {
            let file = format!("{name}-{version}.tgz");
            let digest = digest.map_or_else(|| hex(bytes), str::to_owned);
            index.push_str(&format!("  - version: {version}\n    urls: [{file}]\n    digest: '{digest}'\n"));
            self.put(&format!("/{file}"), 200, bytes.clone());
        }
        self.put("/index.yaml", 200, index);
    }
}

fn answer(mut stream: TcpStream, answers: &Answers, requests: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut authorization) = (String::new(), None);
    let _ = reader.read_line(&mut first);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("authorization")
        {
            authorization = Some(value.trim().to_owned());
        }
    }
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    requests.lock().unwrap().push(format!("{path} {}", authorization.clone().unwrap_or_default()));
    let (status, body) = match answers.lock().unwrap().get(&path) {
        None => (404, Vec::new()),
        Some((_, _, wanted)) if wanted.is_some() && *wanted != authorization => (401, Vec::new()),
        Some((status, body, _)) => (*status, body.clone()),
    };
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn fetcher(cache: &Path, offline: bool, docker: &str) -> Charts {
    let config = cache.join("docker.json");
    std::fs::create_dir_all(cache).unwrap();
    std::fs::write(&config, docker).unwrap();
    let docker = DockerConfig::load(&config).unwrap();
    let settings = Settings { cache: cache.to_owned(), offline, docker, ..Settings::default() };
    Charts::new(settings).unwrap()
}

fn in_repository(url: &str) -> Reference {
    Reference::parse("app", Some(url)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_server_is_asked_again_and_nobody_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let charts = fetcher(folder.path(), false, "{}");
    let server = Server::start();
    server.put("/index.yaml", 503, "");
    let error = charts.fetch(&in_repository(&server.address), None).await.unwrap_err();
    assert!(matches!(error, FetchError::Status { status: 503, .. }), "{error}");
    assert_eq!(server.count(), 3);

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for nobody in [format!("http://{free}"), "http://no-such-host.invalid".to_owned()] {
        let started = std::time::Instant::now();
        let error = charts.fetch(&in_repository(&nobody), None).await.unwrap_err();
        assert!(matches!(error, FetchError::Network { .. }), "{error}");
        assert!(
            started.elapsed() < std::time::Duration::from_millis(350),
            "{nobody}: {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_asked_once_and_then_remembered() {
    let server = Server::start();
    server.index(&[
        ("app", "1.0.0", chart("app", "1.0.0"), None),
        ("app", "1.2.0", chart("app", "1.2.0"), None),
        ("app", "2.0.0-rc.1", chart("app", "2.0.0-rc.1"), None),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let charts = fetcher(folder.path(), false, "{}");
    let reference = in_repository(&server.address);
    assert_eq!(charts.fetch(&reference, None).await.unwrap().version, "1.2.0");
    assert_eq!(charts.fetch(&reference, Some("~1.0")).await.unwrap().version, "1.0.0");
    assert_eq!(server.count(), 4);
    // The archive is known by its digest: only the index is asked for again.
    assert_eq!(charts.load(&reference, None).await.unwrap().metadata.version, "1.2.0");
    assert_eq!(server.count(), 5);
    let offline = fetcher(folder.path(), true, "{}");
    assert_eq!(offline.fetch(&reference, None).await.unwrap().version, "1.2.0");
    assert_eq!(server.count(), 5);
    let error = offline.fetch(&reference, Some("2.0.0-rc.1")).await.unwrap_err();
    assert!(matches!(error, FetchError::Offline(_)), "{error}");
    assert!(error.hint().unwrap().contains("without --offline"));
    let error = charts.fetch(&reference, Some("^3")).await.unwrap_err();
    assert!(error.hint().unwrap().contains("2.0.0-rc.1"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_gets_wrong_is_named() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let charts = fetcher(folder.path(), false, "{}");
    let reference = in_repository(&server.address);
    let error = charts.fetch(&reference, None).await.unwrap_err();
    assert!(matches!(error, FetchError::NotFound { status: 404, .. }), "{error}");
    server.put("/index.yaml", 500, "");
    let error = charts.fetch(&reference, None).await.unwrap_err();
    assert!(matches!(error, FetchError::Status { status: 500, .. }), "{error}");
    server.put("/index.yaml", 200, "<html>");
    let error = charts.fetch(&reference, None).await.unwrap_err();
    assert!(matches!(error, FetchError::Index { .. }), "{error}");
    let lie = "0".repeat(64);
    server.index(&[("app", "1.0.0", chart("app", "1.0.0"), Some(&lie))]);
    let error = charts.fetch(&reference, None).await.unwrap_err();
    assert!(matches!(error, FetchError::Digest { .. }), "{error}");
    server.index(&[("app", "1.0.0", chart("app", "1.0.0"), Some("md5:1"))]);
    let error = charts.fetch(&reference, None).await.unwrap_err();
    assert!(matches!(&error, FetchError::Index { why, .. } if why.contains("digest")), "{error}");
    server.index(&[("app", "1.0.0", b"not an archive".to_vec(), None)]);
    let error = charts.load(&reference, None).await.unwrap_err();
    assert!(matches!(error, FetchError::Load { .. }), "{error}");
    let nobody = in_repository("http://127.0.0.1:1");
    let error = charts.fetch(&nobody, None).await.unwrap_err();
    assert!(matches!(&error, FetchError::Network { why, .. } if why.contains("refused")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_go_to_their_host_only() {
    let server = Server::start();
    let other = Server::start();
    let bytes = chart("app", "1.0.0");
    other.put("/app.tgz", 200, bytes.clone());
    let index = format!(
        "apiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n    urls: [{}/app.tgz]\n    digest: {}\n",
        other.address,
        hex(&bytes)
    );
    server.put("/index.yaml", 200, index);
    server.guard("/index.yaml", "Basic dXNlcjpwYXNz");
    let folder = tempfile::tempdir().unwrap();
    let reference = in_repository(&server.address);
    let error = fetcher(folder.path(), false, "{}").fetch(&reference, None).await.unwrap_err();
    assert!(matches!(error, FetchError::Denied { status: 401, with_credentials: false, .. }), "{error}");
    assert!(error.hint().unwrap().contains("docker login"));
    let host = server.address.trim_start_matches("http://");
    let docker = format!(r#"{{"auths":{{"{host}":{{"auth":"dXNlcjpwYXNz"}}}}}}"#);
    fetcher(folder.path(), false, &docker).fetch(&reference, None).await.unwrap();
    assert_eq!(*other.requests.lock().unwrap(), ["/app.tgz "]);
}

/// A chart's folder with these lines of dependencies.
fn write_chart(folder: &Path, name: &str, dependencies: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let text = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\ndependencies:\n{dependencies}");
    std::fs::write(folder.join("Chart.yaml"), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dependencies_are_fetched_locked_and_replaced() {
    let server = Server::start();
    server.index(&[("app", "1.0.0", chart("app", "1.0.0"), None)]);
    let folder = tempfile::tempdir().unwrap();
    let (parent, local) = (folder.path().join("parent"), folder.path().join("local"));
    write_chart(&local, "local", "");
    let lines = format!(
        "- {{name: app, version: 1.x, repository: '{}'}}\n- {{name: local, version: '*', repository: 'file://../local'}}\n",
        server.address
    );
    write_chart(&parent, "parent", &lines);
    let charts = fetcher(&folder.path().join("cache"), false, "{}");
    let updated = update(&charts, &parent, "2026-01-02T03:04:05Z").await.unwrap();
    assert_eq!(updated.archives, ["app-1.0.0.tgz", "local-1.0.0.tgz"]);
    let lock = std::fs::read_to_string(parent.join("Chart.lock")).unwrap();
    assert!(lock.contains("generated: \"2026-01-02T03:04:05Z\""), "{lock}");
    // The same again changes nothing; a newer version takes the old one's place.
    let again = update(&charts, &parent, "2026-02-02T03:04:05Z").await.unwrap();
    assert!(!again.lock_changed && again.removed.is_empty());
    server.index(&[("app", "1.5.0", chart("app", "1.5.0"), None)]);
    let newer = update(&charts, &parent, "2026-03-02T03:04:05Z").await.unwrap();
    assert_eq!((newer.removed, newer.lock_changed), (vec!["app-1.0.0.tgz".to_owned()], true));
    let loaded = platctl::provider::charts::load_path(&parent).unwrap();
    let versions: Vec<&str> =
        loaded.dependencies.iter().map(|chart| chart.metadata.version.as_str()).collect();
    assert_eq!(versions, ["1.5.0", "1.0.0"]);
    assert_eq!(loaded.lock.unwrap().dependencies[0].version, "1.5.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn dependencies_that_cannot_be_had_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let charts = fetcher(&folder.path().join("cache"), false, "{}");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    write_chart(&a, "a", "- {name: b, version: '*', repository: 'file://../b'}\n");
    write_chart(&b, "b", "- {name: a, version: '*', repository: 'file://../a'}\n");
    let error = update(&charts, &a, "now").await.unwrap_err();
    assert_eq!(error.to_string(), "charts depend on each other: a -> b -> a");
    write_chart(&a, "a", "- {name: c, version: '*', repository: ''}\n");
    let error = update(&charts, &a, "now").await.unwrap_err();
    assert!(
        matches!(&error, FetchError::Dependency { source, .. } if matches!(**source, FetchError::NotVendored(_)))
    );
    write_chart(&a, "a", "- {name: c, version: '*', repository: '@nowhere'}\n");
    assert!(update(&charts, &a, "now").await.is_err());
    let server = Server::start();
    server.index(&[("app", "1.0.0", chart("other", "1.0.0"), None)]);
    write_chart(&a, "a", &format!("- {{name: app, version: '*', repository: '{}'}}\n", server.address));
    let error = update(&charts, &a, "now").await.unwrap_err();
    assert!(
        matches!(&error, FetchError::Dependency { source, .. } if matches!(**source, FetchError::NotHelm { .. }))
    );
    assert!(!a.join("Chart.lock").exists() && !a.join("charts").exists());
}

#[test]
fn what_a_folder_only_shows_is_read_when_somebody_looks() {
    use std::fs;

    use platctl::provider::charts::{load_path, read_folder};
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app");
    fs::create_dir_all(app.join("crds")).unwrap();
    fs::write(app.join("Chart.yaml"), "apiVersion: v2\nname: app\nversion: 1.0.0\n").unwrap();
    fs::write(app.join("README.md"), "read me").unwrap();
    fs::write(app.join("crds/a.yaml"), "\u{feff}kind: A").unwrap();
    let chart = load_path(&app).unwrap();
    let at_once = read_folder(&app).unwrap();
    fs::remove_file(app.join("README.md")).unwrap();
    let named = |name: &str| chart.files.iter().find(|file| file.name == name).unwrap();
    assert_eq!(&*named("crds/a.yaml").data, b"kind: A");
    assert_eq!(&*at_once.iter().find(|file| file.name == "README.md").unwrap().data, b"read me");
    chart.unread().unwrap();
    let error = named("README.md").read().unwrap_err();
    assert!(error.to_string().starts_with("cannot read the chart's file README.md: "), "{error}");
    assert_eq!(chart.unread().unwrap_err(), error);
}

#[test]
fn a_folder_shows_nothing_from_outside() {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app");
    write_chart(&app, "app", "");
    std::fs::create_dir(app.join("templates")).unwrap();
    std::fs::write(app.join("templates/a.yaml"), "a").unwrap();
    std::fs::write(folder.path().join("secret"), "s").unwrap();
    std::os::unix::fs::symlink("templates/a.yaml", app.join("inside")).unwrap();
    assert_eq!(platctl::provider::charts::load_path(&app).unwrap().files[0].name, "inside");
    std::os::unix::fs::symlink("../../secret", app.join("templates/b.yaml")).unwrap();
    let error = platctl::provider::charts::load_path(&app).unwrap_err();
    assert!(matches!(error, FetchError::LinkOutside { .. }), "{error}");
    std::fs::write(app.join(".helmignore"), "b.yaml\n").unwrap();
    assert!(platctl::provider::charts::load_path(&app).is_ok());
    std::os::unix::fs::symlink(".", app.join("loop")).unwrap();
    let error = platctl::provider::charts::load_path(&app).unwrap_err();
    assert!(matches!(error, FetchError::Circular(_)), "{error}");
}

/// Debian's registry, with a user `user` and the password `pass`.
struct Registry {
    process: Child,
    host: String,
    _folder: tempfile::TempDir,
}

impl Registry {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        // bcrypt of "pass", cost 4.
        let users = "user:$2y$04$.RhSdcHyF91DTE9BOCukPedA.GiPfeL8p5hbpHW0e.Mb4WIYpNcIu\n";
        std::fs::write(folder.path().join("users"), users).unwrap();
        let path = folder.path().display();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {path}/data}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\nauth: {{htpasswd: {{realm: test, path: {path}/users}}}}\n"
        );
        std::fs::write(folder.path().join("config.yml"), config).unwrap();
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(folder.path().join("config.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry is installed (Debian: apt-get install docker-registry)");
        let host = format!("127.0.0.1:{port}");
        for _ in 0..100 {
            if TcpStream::connect(&host).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Self { process, host, _folder: folder }
    }

    /// One request over a plain socket; the status and the Location header.
    fn request(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> (u16, Option<String>) {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic dXNlcjpwYXNz\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.host,
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let location = answer.lines().find_map(|line| line.strip_prefix("Location: ")).map(str::to_owned);
        (status, location)
    }

    fn push_blob(&self, repository: &str, bytes: &[u8]) -> String {
        let (status, location) = self.request("POST", &format!("/v2/{repository}/blobs/uploads/"), "", b"");
        assert_eq!(status, 202);
        let location = location.unwrap();
        let path = location.strip_prefix(&format!("http://{}", self.host)).unwrap_or(&location).to_owned();
        let digest = format!("sha256:{}", hex(bytes));
        let put = format!("{path}&digest={digest}");
        assert_eq!(self.request("PUT", &put, "application/octet-stream", bytes).0, 201);
        digest
    }

    /// Pushes a chart as `helm push` does; `config` is the type of its configuration.
    fn push(&self, repository: &str, tag: &str, bytes: &[u8], config: &str) -> String {
        let settings = self.push_blob(repository, b"{}");
        let layer = self.push_blob(repository, bytes);
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"{config}","digest":"{settings}","size":2}},"layers":[{{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"{layer}","size":{}}}]}}"#,
            bytes.len()
        );
        let path = format!("/v2/{repository}/manifests/{tag}");
        let kind = "application/vnd.oci.image.manifest.v1+json";
        assert_eq!(self.request("PUT", &path, kind, manifest.as_bytes()).0, 201);
        format!("sha256:{}", hex(manifest.as_bytes()))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const HELM: &str = "application/vnd.cncf.helm.config.v1+json";

#[tokio::test(flavor = "multi_thread")]
async fn charts_come_from_a_real_registry() {
    if !std::env::var("PLATCTL_PEERS").is_ok_and(|value| value == "1") {
        eprintln!("skipped: set PLATCTL_PEERS=1 to fetch from a real registry");
        return;
    }
    let registry = Registry::start();
    for version in ["1.0.0", "1.2.0", "1.3.0+build.1", "2.0.0-rc.1"] {
        registry.push("charts/app", &version.replace('+', "_"), &chart("app", version), HELM);
    }
    let digest = registry.push("charts/app", "0.9.0", &chart("app", "0.9.0"), HELM);
    registry.push("charts/image", "1.0.0", b"layer", "application/vnd.oci.image.config.v1+json");
    let folder = tempfile::tempdir().unwrap();
    let docker = format!(r#"{{"auths":{{"{}":{{"auth":"dXNlcjpwYXNz"}}}}}}"#, registry.host);
    let charts = fetcher(folder.path(), false, &docker);
    let reference =
        |rest: &str| Reference::parse(&format!("oci://{}/charts/{rest}", registry.host), None).unwrap();
    let version = |chart: platctl::chart::Chart| chart.metadata.version;
    assert_eq!(version(charts.load(&reference("app"), None).await.unwrap()), "1.3.0+build.1");
    assert_eq!(version(charts.load(&reference("app"), Some("~1.2")).await.unwrap()), "1.2.0");
    assert_eq!(version(charts.load(&reference("app:1.0.0"), None).await.unwrap()), "1.0.0");
    let pinned = reference(&format!("app@{digest}"));
    assert_eq!(version(charts.load(&pinned, None).await.unwrap()), "0.9.0");
    let offline = fetcher(folder.path(), true, &docker);
    assert_eq!(version(offline.load(&reference("app"), None).await.unwrap()), "1.3.0+build.1");
    assert_eq!(version(offline.load(&pinned, None).await.unwrap()), "0.9.0");
    assert!(matches!(offline.load(&reference("app:2.0.0-rc.1"), None).await, Err(FetchError::Offline(_))));
    let error = charts.load(&reference("app:9.9.9"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::NotFound { status: 404, .. }), "{error:?}");
    let error = charts.load(&reference("nothing"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::NotFound { .. }), "{error:?}");
    let error = charts.load(&reference("image:1.0.0"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::NotHelm { .. }), "{error:?}");
    let error = charts.load(&reference("app"), Some("^7")).await.unwrap_err();
    assert!(matches!(error, FetchError::NoVersion { .. }), "{error:?}");
    let parent = folder.path().join("parent");
    let lines = format!("- {{name: app, version: ^1.0.0, repository: 'oci://{}/charts'}}\n", registry.host);
    write_chart(&parent, "parent", &lines);
    let updated = update(&charts, &parent, "2026-01-02T03:04:05Z").await.unwrap();
    assert_eq!(updated.archives, ["app-1.3.0+build.1.tgz"]);
    let again = update(&offline, &parent, "2026-01-03T03:04:05Z").await.unwrap();
    assert!(!again.lock_changed, "what is cached and locked needs no registry");
    let anonymous = fetcher(folder.path(), false, "{}");
    let error = anonymous.load(&reference("app:1.0.0"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::Denied { .. }), "{error:?}");
    let wrong = format!(r#"{{"auths":{{"{}":{{"auth":"dXNlcjpub3Bl"}}}}}}"#, registry.host);
    let error = fetcher(folder.path(), false, &wrong).load(&reference("app:1.0.0"), None).await.unwrap_err();
    assert!(matches!(error, FetchError::Denied { with_credentials: true, .. }), "{error:?}");
}
