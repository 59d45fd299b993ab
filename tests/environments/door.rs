//! Who is let in: the right account, with credentials.

use std::process::Command;

use crate::ground::Ground;

#[test]
fn another_account_is_refused_before_anything_is_touched() {
    let sandbox = Ground::sandbox("dev");
    sandbox.run("status", 0);
    sandbox.other_client();
    let ground = Ground::peer("dev", &sandbox.url());
    ground.set("[aws]\naccount_id = '999999999999'");
    for verb in ["diff", "up", "destroy", "status"] {
        let (_, err) = ground.run(verb, 3);
        assert!(err.contains("123456789012") && err.contains("999999999999"), "{err}");
        assert!(err.contains("nothing was touched"), "{err}");
    }
    ground.set("[aws]\naccount_id = '123456789012'");
    ground.run("diff", 0);
}

#[test]
fn without_credentials_it_says_where_it_looked_and_offers_the_sandbox() {
    let ground = Ground::sandbox("dev");
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_platctl"));
    command.current_dir(ground.folder()).args(["diff", "dev"]).env_clear().env("HOME", home.path());
    let output = command.env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{err}");
    for told in ["no AWS credentials", "AWS_ACCESS_KEY_ID", "~/.aws/config", "--sandbox"] {
        assert!(err.contains(told), "{told}: {err}");
    }
}

/// One address for all services is no AWS: nothing there writes the last logs of a cluster, and a minute is not waited.
#[test]
fn at_an_endpoint_of_ones_own_no_last_logs_are_waited_for() {
    let sandbox = Ground::sandbox("dev");
    sandbox.run("status", 0);
    sandbox.other_client();
    let ground = Ground::peer("dev", &sandbox.url());
    ground.run("up", 0);
    let (_, err) = ground.run("destroy", 0);
    assert!(err.contains("0 left") && !err.contains("last logs"), "{err}");
}
