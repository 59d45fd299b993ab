//! Helm's own library as a peer, for tests of the chart engine.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part, and tests may panic")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// Whether peer tests run; says so when they do not.
pub(crate) fn peers() -> bool {
    let on = std::env::var("PLATCTL_PEERS").is_ok_and(|value| value == "1");
    if !on {
        eprintln!("skipped: set PLATCTL_PEERS=1 to compare with Helm's library");
    }
    on
}

/// A running Helm library.
pub(crate) struct Oracle {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// Installs the library if need be and starts it.
    pub(crate) fn start() -> Self {
        let root = env!("CARGO_MANIFEST_DIR");
        let install = Command::new(format!("{root}/scripts/helm-oracle-install")).output().unwrap();
        assert!(install.status.success(), "{}", String::from_utf8_lossy(&install.stderr));
        let python = std::path::PathBuf::from(String::from_utf8(install.stdout).unwrap().trim());
        // Helm is known to API servers by the name of its program.
        let helm = python.with_file_name("helm");
        let _there_already = std::os::unix::fs::symlink(&python, &helm);
        let mut process = Command::new(helm)
            .arg(format!("{root}/tests/peers/helm_oracle.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, input, output }
    }

    /// Asks one question.
    pub(crate) fn ask(&mut self, request: &Value) -> Result<Value, String> {
        writeln!(self.input, "{request}").unwrap();
        self.input.flush().unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let mut answer: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{request}: {line}"));
        match answer.get("error") {
            Some(error) => Err(error.as_str().unwrap().to_owned()),
            None => Ok(answer["ok"].take()),
        }
    }

    /// Renders a chart of one template; the text it gives.
    pub(crate) fn template(&mut self, template: &str, values: &Value) -> Result<String, String> {
        let files = json!({
            "Chart.yaml": "apiVersion: v2\nname: t\nversion: 1.0.0\n",
            "templates/t.txt": template,
        });
        let mut answer = self.ask(&json!({"op": "render", "files": files, "values": values}))?;
        match answer["t/templates/t.txt"].take() {
            Value::String(text) => Ok(text),
            other => Err(format!("unexpected answer {other}")),
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
