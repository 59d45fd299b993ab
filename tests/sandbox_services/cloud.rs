//! What a test asks of the sandbox itself, and of its load balancers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;

/// The sandbox.
pub(crate) struct Cloud {
    /// Where it listens.
    pub(crate) host: String,
}

impl Cloud {
    fn post(&self, path: &str, headers: &str, body: &str) -> String {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.host,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{path} {body}: {answer}");
        answer
    }

    /// How its time passes from now on: `instant`, `realistic`, `scaled=N`.
    pub(crate) fn pace(&self, pace: &str) {
        self.post("/_sandbox/clock", "", &json!({ "pace": pace }).to_string());
    }

    /// The states of all targets of its load balancers.
    pub(crate) fn targets(&self) -> Vec<String> {
        let groups = values(&self.balancing("DescribeTargetGroups", ""), "TargetGroupArn");
        let of = |arn: &String| {
            let arn = arn.replace(':', "%3A").replace('/', "%2F");
            values(&self.balancing("DescribeTargetHealth", &format!("&TargetGroupArn={arn}")), "State")
        };
        groups.iter().flat_map(of).collect()
    }

    fn balancing(&self, operation: &str, input: &str) -> String {
        let headers = "Content-Type: application/x-www-form-urlencoded\r\nAuthorization: AWS4-HMAC-SHA256 \
            Credential=AKIAIMAGESEXAMPLE000/20260101/us-east-1/elasticloadbalancing/aws4_request, \
            SignedHeaders=host, Signature=0\r\n";
        self.post("/", headers, &format!("Version=2015-12-01&Action={operation}{input}"))
    }
}

/// What stands in the elements of a name.
fn values(xml: &str, name: &str) -> Vec<String> {
    let open = format!("<{name}>");
    xml.split(&open).skip(1).filter_map(|rest| rest.split('<').next().map(str::to_owned)).collect()
}
