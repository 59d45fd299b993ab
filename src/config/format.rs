//! The forms that texts in settings have: the `format` words of the JSON Schema, each with its check.

use ipnet::Ipv4Net;

use super::suggest::nearest;

/// The retention periods that CloudWatch Logs knows. ("PutRetentionPolicy", CloudWatch Logs API Reference.)
pub(super) const RETENTION_DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// The Kubernetes versions that EKS offers, oldest first. ("Understand the Kubernetes version lifecycle on
/// EKS", EKS User Guide.)
pub(super) const KUBERNETES_VERSIONS: [&str; 5] = ["1.31", "1.32", "1.33", "1.34", "1.35"];

/// A form that a text has.
pub(super) struct Format {
    /// The word in the schema.
    pub(super) name: &'static str,
    /// What is expected, for people.
    pub(super) expected: &'static str,
    /// A text of this form, to stand in for one that cannot be used.
    pub(super) example: &'static str,
    /// True for texts of this form.
    pub(super) holds: fn(&str) -> bool,
}

const fn format(
    name: &'static str,
    expected: &'static str,
    example: &'static str,
    holds: fn(&str) -> bool,
) -> Format {
    Format { name, expected, example, holds }
}

/// Every form.
pub(super) const FORMATS: &[Format] = &[
    format("file-stem", "a file's name without `.toml`", "common", |t| is_label(t, 64)),
    format("dns-label", "lower-case letters, digits and `-`, 63 characters at most", "a", |t| {
        is_label(t, 63)
    }),
    format("domain-name", "a domain name, as in `backend.internal`", "backend.internal", is_domain),
    format("ipv4-network", "an IPv4 range in CIDR form, as in `10.0.0.0/16`", "10.0.0.0/16", is_network),
    format("zone-letter", "a zone's letter, as in `a`", "a", |t| {
        t.len() == 1 && t.as_bytes()[0].is_ascii_lowercase()
    }),
    format("endpoint-service", "the last part of an endpoint service's name, as in `ecr.api`", "sts", |t| {
        !t.is_empty() && t.split('.').all(|part| is_label(part, 63))
    }),
    format("kubernetes-version", "a Kubernetes version, as in `\"1.33\"`", "1.33", is_version),
    format("aws-region", "a region, as in `eu-central-1`", "eu-central-1", is_region),
    format("aws-account", "an account id: twelve digits, in quotes", "123456789012", is_account),
    format("vpc-id", "a VPC's id, as in `vpc-0123456789abcdef0`", "vpc-0123456789abcdef0", |t| {
        is_id(t, "vpc-")
    }),
    format("subnet-id", "a subnet's id, as in `subnet-0123456789abcdef0`", "subnet-0123456789abcdef0", |t| {
        is_id(t, "subnet-")
    }),
    format(
        "iam-role-arn",
        "a role's ARN, as in `arn:aws:iam::123456789012:role/NAME`",
        "arn:aws:iam::123456789012:role/a/b",
        |t| is_arn(t, "iam", &["role/"]),
    ),
    format(
        "iam-principal-arn",
        "the ARN of an IAM role or user",
        "arn:aws-cn:iam::123456789012:user/a",
        |t| is_arn(t, "iam", &["role/", "user/"]),
    ),
    format(
        "iam-policy-arn",
        "a policy's ARN, as in `arn:aws:iam::123456789012:policy/NAME`",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        |t| is_arn(t, "iam", &["policy/"]),
    ),
    format(
        "kms-key-arn",
        "a key's ARN, as in `arn:aws:kms:REGION:123456789012:key/ID`",
        "arn:aws:kms:eu-west-1:123456789012:key/abc",
        |t| is_arn(t, "kms", &["key/"]),
    ),
    format(
        "acm-certificate-arn",
        "a certificate's ARN, as in `arn:aws:acm:REGION:123456789012:certificate/ID`",
        "arn:aws:acm:eu-west-1:123456789012:certificate/abc",
        |t| is_arn(t, "acm", &["certificate/"]),
    ),
    format("pull-principal", "an account id, or the ARN of a role or user", "123456789012", |t| {
        is_account(t) || is_arn(t, "iam", &["role/", "user/", "root"])
    }),
    format("role-session-name", "2 to 64 letters, digits or `_+=,.@-`", "platctl", |t| {
        (2..=64).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
    }),
    format("addon-name", "an add-on's name, as in `vpc-cni`", "vpc-cni", |t| {
        t.len() <= 100
            && starts_alphanumeric(t)
            && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    }),
    format("node-group-name", "letters, digits, `-` and `_`, 63 characters at most", "General_1", |t| {
        t.len() <= 63
            && starts_alphanumeric(t)
            && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    }),
    format("instance-type", "an instance type, as in `m7g.large`", "t3.large", is_instance_type),
    format("label-key", "a label's key, as in `role` or `example.com/role`", "role", is_label_key),
    format("label-value", "letters, digits, `-`, `_` and `.`, 63 characters at most", "x", is_label_value),
    format(
        "repository-name",
        "a repository's name: lower-case letters, digits, `-`, `_`, `.` and `/`",
        "app",
        is_repository,
    ),
    format(
        "repository-prefix",
        "what repository names start with, as in `dev/shop`",
        "dev/shop",
        is_repository,
    ),
    format(
        "image-reference",
        "an image with a tag or digest, as in `registry.example.com/app:1.2`",
        "app:1",
        is_image,
    ),
    format(
        "image-digest",
        "an image with its digest, as in `registry.example.com/app@sha256:...` (64 digits)",
        "app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        |t| t.contains('@') && is_image(t),
    ),
    format("date", "a day, as in `2030-12-31`", "2030-12-31", |t| {
        t.len() == 10 && t.parse::<jiff::civil::Date>().is_ok()
    }),
    format("relative-path", "a path below this project's folder", "services/app", is_relative_path),
    format("http-path", "a path, as in `/health`", "/", |t| {
        t.starts_with('/') && !t.contains(char::is_whitespace)
    }),
    format("http-url", "an address that starts with `http://` or `https://`", "http://127.0.0.1:4566", |t| {
        ["http://", "https://"].iter().any(|s| t.strip_prefix(s).is_some_and(|rest| !rest.is_empty()))
            && !t.contains(char::is_whitespace)
    }),
    format("cpu-quantity", "processor time, as in `250m` or `1.5`", "100m", |t| cpu_millis(t).is_some()),
    format("memory-quantity", "an amount of memory, as in `256Mi` or `1Gi`", "128Mi", |t| {
        memory_bytes(t).is_some()
    }),
    format("duration", "a length of time, as in `15m` or `1h`", "1h", is_duration),
    format("email-address", "an e-mail address", "a@example.com", |t| {
        t.split_once('@').is_some_and(|(who, host)| !who.is_empty() && is_domain(host))
            && !t.contains(char::is_whitespace)
    }),
    format("host-port", "a host and a port, as in `smtp.example.com:587`", "smtp.example.com:587", |t| {
        t.rsplit_once(':').is_some_and(|(host, port)| {
            (is_domain(host) || is_label(host, 63)) && port.parse::<u16>().is_ok_and(|port| port > 0)
        })
    }),
];

/// The form of a name.
pub(super) fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// What was most likely meant by a text that is not of a form.
pub(super) fn meant(format: &str, text: &str) -> Option<String> {
    match format {
        "ipv4-network" => {
            if text.parse::<std::net::Ipv4Addr>().is_ok() {
                return Some(format!("a range has a length: `{text}/16`"));
            }
            let network = text.parse::<Ipv4Net>().ok()?.trunc().to_string();
            (network != text).then(|| format!("the range that starts there is `{network}`"))
        }
        "kubernetes-version" => {
            let minor = text.trim_start_matches('v').split('.').take(2).collect::<Vec<_>>().join(".");
            KUBERNETES_VERSIONS.contains(&minor.as_str()).then(|| format!("did you mean `{minor}`?"))
        }
        "aws-account" => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            (digits.len() == 12).then(|| format!("did you mean `{digits}`?"))
        }
        "aws-region" => nearest(text, REGIONS).map(|region| format!("did you mean `{region}`?")),
        "zone-letter" => {
            let letter = text.chars().last().filter(char::is_ascii_lowercase)?;
            (text.len() > 1)
                .then(|| format!("only the letter: `{letter}`; the region comes from `aws.region`"))
        }
        "dns-label" | "domain-name" | "repository-name" | "repository-prefix" => {
            let lowered = text.to_lowercase().replace(['_', ' '], "-");
            let fits = (find(format)?.holds)(&lowered);
            (fits && lowered != text).then(|| format!("did you mean `{lowered}`?"))
        }
        "file-stem" => text.strip_suffix(".toml").map(|stem| format!("did you mean `{stem}`?")),
        _ => None,
    }
}

/// Regions with EKS that we know of. Others may be right too.
pub(super) const REGIONS: [&str; 36] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
];

fn starts_alphanumeric(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// A label of RFC 1123, in lower case, as Kubernetes wants names.
pub(super) fn is_label(text: &str, longest: usize) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=longest).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_domain(text: &str) -> bool {
    let mut labels = text.split('.');
    let all_numbers = text.split('.').all(|label| label.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= 253
        && text.contains('.')
        && !all_numbers
        && labels.all(|label| is_label(label.trim_start_matches('_'), 63))
}

fn is_network(text: &str) -> bool {
    text.parse::<Ipv4Net>().is_ok_and(|network| network.trunc() == network)
}

fn is_version(text: &str) -> bool {
    text.split_once('.').is_some_and(|(major, minor)| [major, minor].iter().all(|part| is_number(part)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [area, directions @ .., number] = parts.as_slice() else { return false };
    area.len() == 2
        && area.bytes().all(|b| b.is_ascii_lowercase())
        && (1..=2).contains(&directions.len())
        && directions.iter().all(|d| d.len() >= 3 && d.bytes().all(|b| b.is_ascii_lowercase()))
        && number.len() <= 2
        && is_number(number)
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_id(text: &str, prefix: &str) -> bool {
    let digits = text.strip_prefix(prefix).unwrap_or_default();
    (8..=17).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
}

fn is_arn(text: &str, service: &str, starts: &[&str]) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, its_service, _, account, resource] = parts.as_slice() else { return false };
    let owner = is_account(account) || (service == "iam" && *account == "aws");
    partition.starts_with("aws")
        && *its_service == service
        && owner
        && !text.contains(char::is_whitespace)
        && starts.iter().any(|start| match resource.strip_prefix(start) {
            Some(rest) => start.ends_with('/') != rest.is_empty(),
            None => false,
        })
}

/// The account in an ARN.
pub(super) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| is_account(account))
}

fn is_instance_type(text: &str) -> bool {
    text.split_once('.').is_some_and(|(family, size)| {
        let word = |t: &str| {
            !t.is_empty() && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        family.starts_with(|c: char| c.is_ascii_lowercase())
            && family.contains(|c: char| c.is_ascii_digit())
            && word(family)
            && word(size)
    })
}

/// A label's or taint's key. ("Labels and Selectors", Kubernetes documentation.)
pub(super) fn is_label_key(text: &str) -> bool {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    prefix.is_none_or(is_domain) && !name.is_empty() && is_label_value(name)
}

/// A label's or taint's value.
pub(super) fn is_label_value(text: &str) -> bool {
    text.len() <= 63
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && (text.is_empty()
            || (starts_alphanumeric(text) && text.ends_with(|c: char| c.is_ascii_alphanumeric())))
}

/// ("CreateRepository", Amazon ECR API Reference.)
fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
    };
    text.len() <= 150 && text.split('/').all(part)
}

fn is_image(text: &str) -> bool {
    if text.contains(char::is_whitespace) {
        return false;
    }
    if let Some((name, digest)) = text.split_once('@') {
        let digits = digest.strip_prefix("sha256:").unwrap_or_default();
        return !name.is_empty() && digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    }
    // A colon before the last slash belongs to the registry's port.
    let last = text.rsplit('/').next().unwrap_or_default();
    last.split_once(':').is_some_and(|(name, tag)| !name.is_empty() && !tag.is_empty())
}

fn is_relative_path(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(['/', '~', '\\'])
        && !text.contains('\0')
        && text.split('/').all(|part| part != "..")
}

/// Thousandths of a processor. ("Resource Management for Pods and Containers", Kubernetes documentation.)
pub(super) fn cpu_millis(text: &str) -> Option<u64> {
    if let Some(millis) = text.strip_suffix('m') {
        return millis.parse().ok().filter(|_| is_digits(millis)).filter(|millis| *millis > 0);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if !is_digits(whole) || !is_digits(part) || part.len() > 3 {
        return None;
    }
    let thousandths: u64 = format!("{part:0<3}").parse().ok()?;
    let millis = whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(thousandths)?;
    (millis > 0).then_some(millis)
}

/// Bytes of memory.
pub(super) fn memory_bytes(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 9] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("", 1),
    ];
    let (number, unit) = UNITS.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit)))?;
    let bytes = number.parse::<u64>().ok().filter(|_| is_digits(number))?.checked_mul(unit)?;
    (bytes > 0).then_some(bytes)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_duration(text: &str) -> bool {
    let number = text.trim_end_matches(['s', 'm', 'h']);
    text.len() == number.len() + 1 && is_digits(number) && number.bytes().any(|b| b != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each form: texts that have it, texts that do not.
    const CASES: &[(&str, &[&str], &[&str])] = &[
        ("file-stem", &["common", "dev-2"], &["", "a/b", "Dev", "x.toml"]),
        ("dns-label", &["a", "frontend-app"], &["", "-a", "a-", "A", "a.b", "a_b"]),
        (
            "domain-name",
            &["backend.internal", "a.b.c", "_tcp.x.y"],
            &["internal", "a..b", "1.2.3.4", "a b.c", "-a.b"],
        ),
        ("ipv4-network", &["10.0.0.0/16", "0.0.0.0/0"], &["10.0.0.1/16", "10.0.0.0", "10.0.0.0/33", "::/0"]),
        ("zone-letter", &["a"], &["A", "", "us-east-1a", "1"]),
        ("endpoint-service", &["sts", "ecr.api"], &["", "ecr..api", "ECR"]),
        ("kubernetes-version", &["1.33", "9.9"], &["1", "v1.33", "1.33.0", "1."]),
        ("aws-region", &["eu-central-1", "us-gov-west-1"], &["eu-central", "europe-1", "EU-WEST-1", "eu--1"]),
        ("aws-account", &["123456789012"], &["12345678901", "1234-5678-9012", "abc"]),
        ("vpc-id", &["vpc-0123456789abcdef0", "vpc-12345678"], &["vpc-", "vpc-XYZ", "subnet-12345678"]),
        ("subnet-id", &["subnet-0123456789abcdef0"], &["subnet-1", "vpc-12345678"]),
        (
            "iam-role-arn",
            &["arn:aws:iam::123456789012:role/a/b"],
            &["arn:aws:iam::123456789012:role/", "role/a", "arn:aws:iam::1:role/a"],
        ),
        ("iam-principal-arn", &["arn:aws-cn:iam::123456789012:user/a"], &["arn:aws:iam::123456789012:root"]),
        ("iam-policy-arn", &["arn:aws:iam::aws:policy/ReadOnlyAccess"], &["arn:aws:iam::aws:role/x"]),
        (
            "kms-key-arn",
            &["arn:aws:kms:eu-west-1:123456789012:key/abc"],
            &["arn:aws:kms:eu-west-1:123456789012:alias/abc"],
        ),
        ("acm-certificate-arn", &["arn:aws:acm:eu-west-1:123456789012:certificate/abc"], &["abc"]),
        (
            "pull-principal",
            &["123456789012", "arn:aws:iam::123456789012:root"],
            &["arn:aws:iam::123456789012:rooted", "*"],
        ),
        ("role-session-name", &["platctl", "a@b"], &["a", "a b"]),
        ("addon-name", &["vpc-cni"], &["", "vpc cni"]),
        ("node-group-name", &["General_1"], &["-a", "a b", ""]),
        ("instance-type", &["t3.large", "u-6tb1.metal", "m7g.2xlarge"], &["t3", "T3.large", "large", "t3."]),
        ("label-key", &["role", "example.com/role"], &["", "a/b/c", "example.com/", "bad key"]),
        ("label-value", &["", "a.b-c_D"], &["-a", "a b", "a/"]),
        ("repository-name", &["app", "team/app.x"], &["App", "/app", "a//b", "a-"]),
        ("repository-prefix", &["dev/shop"], &["dev/"]),
        (
            "image-reference",
            &["app:1", "localhost:5000/app:1"],
            &["app", "localhost:5000/app", "app:", "a b:1", "app@sha256:1"],
        ),
        (
            "image-digest",
            &["app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
            &["app", "app:1", "app@sha256:1"],
        ),
        ("date", &["2030-12-31"], &["2030-02-30", "2030-1-1", "31.12.2030", ""]),
        ("relative-path", &["services/app", "."], &["", "/etc", "../x", "a/../b", "~/x"]),
        ("http-path", &["/", "/health"], &["health", "", "/a b"]),
        ("http-url", &["http://127.0.0.1:4566", "https://x"], &["ftp://x", "http://", "x"]),
        ("cpu-quantity", &["100m", "1", "0.5"], &["0", "0m", "1.2345", "-1", "1 ", "m", ""]),
        ("memory-quantity", &["128Mi", "1G", "1024"], &["0", "1.5Gi", "Mi", "1 Mi", "1mi", ""]),
        ("duration", &["1h", "15m", "30s"], &["1d", "h", "0s", "1hh", "1h30m", ""]),
        ("email-address", &["a@example.com"], &["a", "@example.com", "a@b"]),
        ("host-port", &["smtp.example.com:587", "mail:25"], &["smtp.example.com", "a:0", "a:99999", ":25"]),
    ];

    #[test]
    fn every_form_takes_what_has_it_and_refuses_what_does_not() {
        for (name, good, bad) in CASES {
            let format = find(name).unwrap();
            assert!((format.holds)(format.example), "{name}: its own example");
            for text in *good {
                assert!((format.holds)(text), "{name} should take {text:?}");
            }
            for text in *bad {
                assert!(!(format.holds)(text), "{name} should refuse {text:?}");
            }
        }
        let tested: Vec<&str> = CASES.iter().map(|(name, ..)| *name).collect();
        assert_eq!(tested, FORMATS.iter().map(|format| format.name).collect::<Vec<_>>());
    }

    #[test]
    fn quantities_are_compared_by_amount() {
        assert_eq!(cpu_millis("1.5"), Some(1500));
        assert_eq!(cpu_millis("0.25"), Some(250));
        assert_eq!(memory_bytes("1Ki"), Some(1024));
        assert_eq!(memory_bytes("99999999999999999999"), None);
    }
}
