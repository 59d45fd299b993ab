//! A headless browser, spoken to by the WebDriver protocol (W3C).

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::http::{Connection, send};
use crate::peers;

/// How long a page may take to come to a state; generous, for busy machines.
const PATIENCE: Duration = Duration::from_secs(120);
/// The key under which WebDriver names elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with a window; ended with the test.
pub struct Browser {
    address: SocketAddr,
    session: String,
    _driver: Child,
    _profile: Profile,
}

/// A new and empty profile, removed at the end.
struct Profile(PathBuf);

impl Drop for Profile {
    fn drop(&mut self) {
        // The browser may still write to it; what is left lies in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Browser {
    /// Starts Chromium with a window of this size; as a phone if asked for.
    pub async fn start((width, height): (u32, u32), phone: bool) -> Self {
        let driver = tokio::task::spawn_blocking(|| peers::install("chromium"));
        let driver = driver.await.expect("the script runs");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("bound");
        drop(free);
        let folder = format!("browser-{}-{}", std::process::id(), address.port());
        let profile = Profile(std::env::temp_dir().join(folder));
        std::fs::create_dir_all(&profile.0).expect("the temporary folder can be written");
        let process = Command::new(driver)
            .arg(format!("--port={}", address.port()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the driver starts");
        let deadline = Instant::now() + PATIENCE;
        while Connection::try_open(address).await.is_err() {
            assert!(Instant::now() < deadline, "the driver does not listen");
            sleep(Duration::from_millis(50)).await;
        }
        let mut browser = Self { address, session: String::new(), _driver: process, _profile: profile };
        let capabilities = browser.capabilities((width, height), phone);
        let created = browser.command("POST", "/session", &capabilities).await;
        browser.session = created["sessionId"].as_str().expect("a session").to_owned();
        browser
    }

    fn capabilities(&self, (width, height): (u32, u32), phone: bool) -> Value {
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--window-size={width},{height}"));
        arguments.push(format!("--user-data-dir={}", self._profile.0.display()));
        let mut options = json!({"args": arguments});
        if phone {
            let metrics = json!({"width": width, "height": height, "pixelRatio": 2.0, "touch": true});
            options["mobileEmulation"] = json!({"deviceMetrics": metrics});
        }
        json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }}})
    }

    async fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let headers = [("content-type", "application/json"), ("connection", "close")];
        let reply = send(self.address, method, path, &headers, body.as_bytes()).await;
        let answer = reply.json()["value"].take();
        assert_eq!(reply.status, 200, "{method} {path}: {answer}");
        answer
    }

    async fn in_session(&self, method: &str, path: &str, body: &Value) -> Value {
        self.command(method, &format!("/session/{}{path}", self.session), body).await
    }

    /// Goes to a page.
    pub async fn go(&self, url: &str) {
        self.in_session("POST", "/url", &json!({"url": url})).await;
    }

    /// Runs a function body in the page and returns its value.
    pub async fn run(&self, script: &str) -> Value {
        self.in_session("POST", "/execute/sync", &json!({"script": script, "args": []})).await
    }

    /// Waits until a script returns true.
    pub async fn until(&self, script: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.run(script).await != Value::Bool(true) {
            if Instant::now() >= deadline {
                let text = self.run("return document.body.innerText").await;
                panic!("{script} is not true of:\n{}", text.as_str().unwrap_or_default());
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn element(&self, selector: &str) -> String {
        let found = json!({"using": "css selector", "value": selector});
        let found = self.in_session("POST", "/element", &found).await;
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    /// Clicks on an element, as a person would.
    pub async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.in_session("POST", &format!("/element/{element}/click"), &json!({})).await;
    }

    /// Replaces the text of a field, key by key.
    pub async fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.in_session("POST", &format!("/element/{element}/clear"), &json!({})).await;
        let body = json!({"text": text});
        self.in_session("POST", &format!("/element/{element}/value"), &body).await;
    }

    /// What the console says since the last time.
    pub async fn console(&self) -> Vec<Value> {
        let log = self.in_session("POST", "/se/log", &json!({"type": "browser"})).await;
        log.as_array().expect("a list").clone()
    }

    /// Saves a picture of the window, and says where.
    pub async fn picture(&self, folder: &Path, name: &str) -> PathBuf {
        let picture = self.in_session("GET", "/screenshot", &Value::Null).await;
        let bytes = decode_base64(picture.as_str().expect("text"));
        std::fs::create_dir_all(folder).expect("the folder can be made");
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, bytes).expect("the folder can be written");
        path
    }

    /// Ends the browser.
    pub async fn quit(self) {
        self.in_session("DELETE", "", &Value::Null).await;
    }
}

/// RFC 4648, section 4.
fn decode_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let Some(value) = ALPHABET.iter().position(|known| *known == byte) else { continue };
        bits = (bits << 6) | u32::try_from(value).expect("below 64");
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("a byte"));
        }
    }
    bytes
}
