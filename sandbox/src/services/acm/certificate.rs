//! Certificates.

use serde_json::{Value, json};

use super::state::Certificate;
use crate::blobs::hex_digest;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules, TagStyle};

/// How ACM spells tags.
const STYLE: TagStyle =
    TagStyle { key: "Key", value: "Value", invalid: "InvalidTagException", too_many: "TooManyTagsException" };

fn missing(arn: &str) -> Failure {
    Failure::new("ResourceNotFoundException", format!("Could not find certificate {arn}."))
}

fn find<'c>(call: &'c mut Call<'_>, input: &Input) -> Result<&'c mut Certificate, Failure> {
    let arn = input.str("CertificateArn");
    call.home_mut().acm.certificates.get_mut(arn).ok_or_else(|| missing(arn))
}

/// The CNAME that proves the control of a domain; a wildcard and its domain share one.
fn proof(account: &str, domain: &str) -> (String, String) {
    let base = domain.trim_start_matches("*.");
    let digest = hex_digest(format!("{account}/{base}").as_bytes());
    (
        format!("_{}.{base}.", &digest[..32]),
        format!("_{}.{}.acm-validations.aws.", &digest[32..], &digest[4..14]),
    )
}

/// True when a public zone of the account answers the proof of a domain.
fn is_proved(call: &Call<'_>, domain: &str) -> bool {
    let (name, value) = proof(&call.account, domain);
    let zones = call.account_state().route53.zones.values().filter(|zone| !zone.private);
    zones.flat_map(|zone| zone.records.values()).any(|record| {
        let values = record.0["ResourceRecords"].as_array().into_iter().flatten();
        let answers = |given: &str| given.trim_end_matches('.') == value.trim_end_matches('.');
        record.kind() == "CNAME"
            && record.name() == name
            && values.filter_map(|value| value["Value"].as_str()).any(answers)
    })
}

/// Issues certificates whose domains are all proved by now.
fn issue(call: &mut Call<'_>) {
    let ready = |call: &Call<'_>, certificate: &Certificate| {
        let pending = certificate.issued.is_none() && certificate.method == "DNS";
        pending && certificate.domains.iter().all(|domain| is_proved(call, domain))
    };
    let rows = call.home().acm.certificates.iter().filter(|(_, certificate)| ready(call, certificate));
    let arns: Vec<String> = rows.map(|(arn, _)| arn.to_owned()).collect();
    let now = call.now;
    for arn in arns {
        if let Some(certificate) = call.home_mut().acm.certificates.get_mut(&arn) {
            certificate.issued = Some(now);
        }
    }
}

/// The same token and parameters within a day (AWS: an hour) are the same certificate; others are a new one.
/// <https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html>
pub(super) fn request_certificate(call: &mut Call<'_>, input: &Input) -> Outcome {
    let replayed = call.replayed(input, "IdempotencyToken", "InvalidParameterException");
    if let Ok(Some(arn)) = replayed.map(|arn| arn.filter(|arn| call.home().acm.certificates.contains(arn))) {
        return Ok(json!({ "CertificateArn": arn }).into());
    }
    let first = input.str("DomainName").to_lowercase();
    let mut domains = vec![first];
    for domain in input.texts("SubjectAlternativeNames") {
        let domain = domain.to_lowercase();
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    let certificate = Certificate {
        domains,
        method: input.text("ValidationMethod").unwrap_or("EMAIL").to_owned(),
        algorithm: input.text("KeyAlgorithm").unwrap_or("RSA_2048").to_owned(),
        options: input.tree("Options").unwrap_or_else(
            || json!({ "CertificateTransparencyLoggingPreference": "ENABLED", "Export": "DISABLED" }),
        ),
        tags: STYLE.read(input.list("Tags"))?,
        created: call.now,
        issued: None,
    };
    let uuid = call.world_mut().dice.uuid();
    let arn = call.arn("acm", &format!("certificate/{uuid}"));
    call.home_mut().acm.certificates.insert(&arn, certificate);
    call.remember(input, "IdempotencyToken", &arn);
    Ok(json!({ "CertificateArn": arn }).into())
}

fn status(certificate: &Certificate) -> &'static str {
    if certificate.issued.is_some() { "ISSUED" } else { "PENDING_VALIDATION" }
}

/// <https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html>
pub(super) fn describe_certificate(call: &mut Call<'_>, input: &Input) -> Outcome {
    issue(call);
    let account = call.account.clone();
    let arn = input.str("CertificateArn");
    let certificate = find(call, input)?;
    let validations: Vec<Value> = certificate
        .domains
        .iter()
        .map(|domain| {
            let (name, value) = proof(&account, domain);
            let record = (certificate.method == "DNS")
                .then(|| json!({ "Name": name, "Type": "CNAME", "Value": value }));
            json!({
                "DomainName": domain, "ValidationDomain": domain, "ValidationMethod": certificate.method,
                "ValidationStatus": if certificate.issued.is_some() { "SUCCESS" } else { "PENDING_VALIDATION" },
                "ResourceRecord": record,
            })
        })
        .collect();
    let issued = certificate.issued;
    Ok(json!({ "Certificate": {
        "CertificateArn": arn, "DomainName": certificate.domains[0],
        "SubjectAlternativeNames": certificate.domains, "DomainValidationOptions": validations,
        "Subject": format!("CN={}", certificate.domains[0]), "Issuer": issued.map(|_| "Amazon"),
        "CreatedAt": certificate.created.value(), "IssuedAt": issued.map(crate::clock::Time::value),
        "NotBefore": issued.map(crate::clock::Time::value),
        "NotAfter": issued.map(|at| at.plus_seconds(395 * 86_400).value()),
        "Status": status(certificate), "KeyAlgorithm": certificate.algorithm,
        "SignatureAlgorithm": "SHA256WITHRSA", "InUseBy": [], "Type": "AMAZON_ISSUED",
        "RenewalEligibility": "INELIGIBLE", "Options": certificate.options,
    } })
    .into())
}

/// <https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html>
pub(super) fn list_certificates(call: &mut Call<'_>, input: &Input) -> Outcome {
    issue(call);
    let statuses = input.texts("CertificateStatuses");
    let types = input.get("Includes").map(|includes| includes.texts("keyTypes")).unwrap_or_default();
    let rows = call
        .home()
        .acm
        .certificates
        .iter()
        .filter(|(_, one)| statuses.is_empty() || statuses.iter().any(|wanted| wanted == status(one)))
        // Without a filter ACM lists RSA keys of 1024 and 2048 bits only.
        .filter(|(_, one)| match types.is_empty() {
            true => one.algorithm.starts_with("RSA_1024") || one.algorithm.starts_with("RSA_2048"),
            false => types.contains(&one.algorithm),
        })
        .map(|(arn, one)| {
            let row = json!({
                "CertificateArn": arn, "DomainName": one.domains[0], "Status": status(one),
                "SubjectAlternativeNameSummaries": one.domains, "HasAdditionalSubjectAlternativeNames": false,
                "Type": "AMAZON_ISSUED", "KeyAlgorithm": one.algorithm, "InUse": false,
                "CreatedAt": one.created.value(), "RenewalEligibility": "INELIGIBLE",
            });
            (arn.to_owned(), row)
        })
        .collect();
    let rules =
        PageRules { default: Some(1000), min: 1, max: 1000, strict: None, bad_token: "ValidationException" };
    Ok(call.page(input, rules, rows)?.into())
}

/// <https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html>
pub(super) fn delete_certificate(call: &mut Call<'_>, input: &Input) -> Outcome {
    find(call, input)?;
    call.home_mut().acm.certificates.remove(input.str("CertificateArn"));
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/acm/latest/APIReference/API_AddTagsToCertificate.html>
pub(super) fn add_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = STYLE.read(input.list("Tags"))?;
    STYLE.merge(&mut find(call, input)?.tags, tags)?;
    Ok(Answer::empty())
}

/// A tag with a value goes only if that is its value.
/// <https://docs.aws.amazon.com/acm/latest/APIReference/API_RemoveTagsFromCertificate.html>
pub(super) fn remove_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let wanted: Vec<(String, Option<String>)> = input
        .list("Tags")
        .iter()
        .map(|tag| (tag.str("Key").to_owned(), tag.text("Value").map(str::to_owned)))
        .collect();
    let named = |key: &str, value: &str| {
        wanted.iter().any(|(k, v)| k == key && v.as_ref().is_none_or(|v| v == value))
    };
    find(call, input)?.tags.retain(|key, value| !named(key, value));
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/acm/latest/APIReference/API_ListTagsForCertificate.html>
pub(super) fn list_tags(call: &mut Call<'_>, input: &Input) -> Outcome {
    let tags = STYLE.write(&find(call, input)?.tags);
    Ok(json!({ "Tags": tags }).into())
}
