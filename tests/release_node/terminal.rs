//! `exec -it` in a real terminal, into a container with a shell.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::server::Server;

/// What the container has of this machine's programs.
const PROGRAMS: [&str; 4] = ["sh", "stty", "sleep", "cat"];

const EXEC: &str = "exec shell shell --pod shell";

/// A folder with programs, and the libraries that they need.
fn root(server: &Server) -> std::path::PathBuf {
    let root = server.path("root");
    for program in PROGRAMS {
        let found = Command::new("which").arg(program).output().unwrap().stdout;
        let found = String::from_utf8(found).unwrap();
        let needed = Command::new("ldd").arg(found.trim()).output().unwrap().stdout;
        let needed = String::from_utf8(needed).unwrap();
        let libraries = needed.split_whitespace().filter(|word| word.starts_with('/'));
        for file in libraries.chain([found.trim()]) {
            let to = root.join(file.trim_start_matches('/'));
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(file, to).unwrap();
        }
        let path = root.join("bin").join(program);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(found.trim(), path).unwrap();
    }
    root
}

pub(crate) fn opens_a_shell(server: &Server) {
    let image = format!("{}/shell:1", server.registry());
    let (root, archive) =
        (root(server).display().to_string(), server.path("shell.tar").display().to_string());
    for arguments in [vec!["image", &image, &root, &archive, "/bin/sleep", "100000"], vec!["load", &archive]]
    {
        let made = server.script(&arguments);
        assert!(made.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
    }
    let environment = format!(
        "[aws]\nregion = \"eu-central-1\"\n[network]\ncidr = \"10.60.0.0/16\"\nzones = [\"a\", \"b\"]\n\
         [cluster.existing]\nkubeconfig = \"{}\"\ncontext = \"k8s-test\"\n\
         [services.shell]\nimage = \"{image}\"\nport = 8000\n",
        server.kubeconfig()
    );
    fs::write(server.path("environments/shell.toml"), environment).unwrap();
    let pod = || {
        let container = json!({"name": "shell", "image": image, "imagePullPolicy": "Never"});
        server.put(
            "apply",
            &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "shell", "namespace": "default",
                "labels": {"app.kubernetes.io/name": "shell"}}, "spec": {"containers": [container]}}),
        );
        server.kubectl("wait --for=condition=Ready pod/shell --timeout=120s");
    };
    pod();

    // Without a terminal of ours.
    let told = server.platctl(&format!("{EXEC} -it -- sh"), 64);
    assert!(told.contains("-t needs a terminal, and standard input is none"), "{told}");
    let told = server.platctl(&format!("{EXEC} -t -- sh"), 64);
    assert!(told.contains("--stdin"), "{told}");
    let binary = env!("CARGO_BIN_EXE_platctl");
    let mut reading = Command::new(binary);
    reading.current_dir(server.path("")).args(format!("{EXEC} -i -- sh -c").split_whitespace());
    reading.arg("read line; echo got $line; exit 3");
    let mut reading = reading.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // It stays open: this API server cannot be told of its end.
    let mut input = reading.stdin.take().unwrap();
    input.write_all(b"piped\n").unwrap();
    let output = reading.wait_with_output().unwrap();
    assert!(output.status.code() == Some(3) && output.stdout == b"got piped\n", "{output:?}");
    drop(input);

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/release_node/terminal.py");
    let mut typed = Command::new("python3");
    typed.current_dir(server.path("")).arg(script).arg(binary);
    typed.args(format!("{EXEC} --quiet -it -- sh").split_whitespace());
    let cut = format!("kubectl --kubeconfig {} delete pod shell --now >&2", server.kubeconfig());
    let output = typed.env("CUT", cut).output().unwrap();
    let told: String =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success() && told.starts_with("typed, "), "{told}");
}
