//! Products and their prices.

use serde_json::{Map, Value, json};

use crate::blobs::hex_digest;
use crate::services::{Outcome, ec2};
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules};

/// Dollars an hour of the `large` size of a family; the others scale with their vCPUs.
const LARGE: [(&str, f64); 14] = [
    ("c5", 0.085),
    ("c6i", 0.085),
    ("c7g", 0.0725),
    ("c7i", 0.08925),
    ("m5", 0.096),
    ("m6i", 0.096),
    ("m7g", 0.0816),
    ("m7i", 0.1008),
    ("r5", 0.126),
    ("r6i", 0.126),
    ("r7g", 0.1071),
    ("t3", 0.0832),
    ("t3a", 0.0752),
    ("t4g", 0.0672),
];
/// What a size costs against `large`.
const SIZES: [(&str, f64); 7] = [
    ("small", 0.25),
    ("medium", 0.5),
    ("large", 1.0),
    ("xlarge", 2.0),
    ("2xlarge", 4.0),
    ("4xlarge", 8.0),
    ("8xlarge", 16.0),
];

/// A product: what it is, its unit and its price.
struct Product {
    service: &'static str,
    family: &'static str,
    attributes: Vec<(&'static str, String)>,
    unit: &'static str,
    dollars: f64,
}

fn products(region: &str) -> Vec<Product> {
    let simple = |service, family, (usage, operation): (&str, &str), unit, dollars| Product {
        service,
        family,
        attributes: vec![("usagetype", usage.to_owned()), ("operation", operation.to_owned())],
        unit,
        dollars,
    };
    let mut all = vec![
        simple("AmazonEKS", "Compute", ("AmazonEKS-Hours:perCluster", "CreateOperation"), "Hours", 0.10),
        simple("AmazonEKS", "Compute", ("AmazonEKS-Hours:extendedSupport", "ExtendedSupport"), "Hours", 0.60),
        simple("AmazonEC2", "NAT Gateway", ("NatGateway-Hours", "NatGateway"), "Hrs", 0.045),
        simple("AmazonEC2", "NAT Gateway", ("NatGateway-Bytes", "NatGateway"), "GB", 0.045),
        simple("AmazonEC2", "Storage", ("EBS:VolumeUsage.gp3", ""), "GB-Mo", 0.08),
        simple("AmazonECR", "EC2 Container Registry", ("TimedStorage-ByteHrs", ""), "GB-Mo", 0.10),
        simple(
            "AWSELB",
            "Load Balancer-Network",
            ("LoadBalancerUsage", "LoadBalancing:Network"),
            "Hrs",
            0.0225,
        ),
        simple("AmazonVPC", "VpcEndpoint", ("VpcEndpoint-Hours", "VpcEndpoint"), "Hrs", 0.01),
        simple("AmazonVPC", "IP Address", ("PublicIPv4:InUseAddress", ""), "Hrs", 0.005),
        simple("AmazonRoute53", "DNS Zone", ("HostedZone", ""), "HostedZone", 0.50),
        simple("awskms", "Encryption Key", ("KMS-Keys", ""), "Keys", 1.0),
        simple("AmazonCloudWatch", "Data Payload", ("DataProcessing-Bytes", "PutLogEvents"), "GB", 0.50),
        simple("AWSSecretsManager", "Secret", ("AWSSecretsManager-Secrets", ""), "Secrets", 0.40),
    ];
    for (name, cpus, memory) in ec2::type_sizes() {
        let Some((family, size)) = name.split_once('.') else { continue };
        let large = LARGE.iter().find(|(known, _)| *known == family).map(|(_, dollars)| dollars);
        let factor = SIZES.iter().find(|(known, _)| *known == size).map(|(_, factor)| factor);
        let (Some(large), Some(factor)) = (large, factor) else { continue };
        all.push(Product {
            service: "AmazonEC2",
            family: "Compute Instance",
            attributes: vec![
                ("instanceType", name.clone()),
                ("vcpu", cpus.to_string()),
                ("memory", format!("{memory} GiB")),
                ("operatingSystem", "Linux".to_owned()),
                ("tenancy", "Shared".to_owned()),
                ("preInstalledSw", "NA".to_owned()),
                ("capacitystatus", "Used".to_owned()),
                ("licenseModel", "No License required".to_owned()),
                ("usagetype", format!("BoxUsage:{name}")),
                ("operation", "RunInstances".to_owned()),
            ],
            unit: "Hrs",
            dollars: large * factor,
        });
    }
    for product in &mut all {
        product.attributes.push(("servicecode", product.service.to_owned()));
        product.attributes.push(("regionCode", region.to_owned()));
        product.attributes.push(("locationType", "AWS Region".to_owned()));
    }
    all
}

impl Product {
    /// The value that a filter compares: an attribute, or the product family.
    fn value(&self, field: &str) -> Option<&str> {
        match field {
            "productFamily" => Some(self.family),
            field => self.attributes.iter().find(|(name, _)| *name == field).map(|(_, value)| value.as_str()),
        }
    }

    /// An entry of the price list, which is JSON in a string.
    fn entry(&self) -> (String, String) {
        let attributes: Map<String, Value> =
            self.attributes.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        let identity = serde_json::to_string(&attributes).unwrap_or_default();
        let sku = hex_digest(identity.as_bytes())[..16].to_uppercase();
        let (offer, rate) = (format!("{sku}.JRTCKXETXF"), format!("{sku}.JRTCKXETXF.6YS6EN2CT7"));
        let dimension = json!({
            "rateCode": rate, "unit": self.unit, "beginRange": "0", "endRange": "Inf", "appliesTo": [],
            "description": format!("${:.10} per {}", self.dollars, self.unit),
            "pricePerUnit": { "USD": format!("{:.10}", self.dollars) },
        });
        let entry = json!({
            "product": { "productFamily": self.family, "attributes": attributes, "sku": sku },
            "serviceCode": self.service,
            "terms": { "OnDemand": { offer: {
                "sku": sku, "offerTermCode": "JRTCKXETXF", "effectiveDate": "2025-01-01T00:00:00Z",
                "termAttributes": {}, "priceDimensions": { rate: dimension },
            } } },
            "version": "20250101000000", "publicationDate": "2025-01-01T00:00:00Z",
        });
        (sku, entry.to_string())
    }
}

/// How Pricing pages.
const RULES: PageRules =
    PageRules { default: Some(100), min: 1, max: 100, strict: None, bad_token: "InvalidNextTokenException" };

/// <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html>
pub(super) fn get_products(call: &mut Call<'_>, input: &Input) -> Outcome {
    let service = input.str("ServiceCode");
    input.only("FormatVersion", "aws_v1")?;
    let mut wanted = Vec::new();
    for filter in input.list("Filters") {
        if filter.str("Type") != "TERM_MATCH" {
            return Err(Failure::unmodelled(format!("a filter of type {}", filter.str("Type"))));
        }
        wanted.push((filter.str("Field").to_owned(), filter.str("Value").to_owned()));
    }
    // The list is of one region at a time: the one that is filtered by, or us-east-1.
    let region =
        wanted.iter().find(|(field, _)| field == "regionCode").map_or("us-east-1", |(_, value)| value);
    let all = products(region);
    if !all.iter().any(|product| product.service == service) {
        let text = format!("Service code {service} is not found.");
        return Err(Failure::new("NotFoundException", text));
    }
    let passes = |product: &Product| {
        wanted
            .iter()
            .all(|(field, value)| product.value(field).is_some_and(|own| own.eq_ignore_ascii_case(value)))
    };
    let mut rows: Vec<(String, Value)> = all
        .iter()
        .filter(|product| product.service == service && passes(product))
        .map(|product| {
            let (sku, entry) = product.entry();
            (sku, entry.into())
        })
        .collect();
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    let mut page = call.page(input, RULES, rows)?;
    page["FormatVersion"] = "aws_v1".into();
    Ok(page.into())
}

/// <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_DescribeServices.html>
pub(super) fn describe_services(call: &mut Call<'_>, input: &Input) -> Outcome {
    let only = input.text("ServiceCode");
    input.only("FormatVersion", "aws_v1")?;
    let mut rows: Vec<(String, Value)> = Vec::new();
    for product in products("us-east-1") {
        let known = rows.iter().any(|(code, _)| code == product.service);
        if !known && only.is_none_or(|only| only == product.service) {
            let names: Vec<&str> = product.attributes.iter().map(|(name, _)| *name).collect();
            rows.push((
                product.service.to_owned(),
                json!({ "ServiceCode": product.service, "AttributeNames": names }),
            ));
        }
    }
    if let Some(only) = only.filter(|_| rows.is_empty()) {
        return Err(Failure::new("NotFoundException", format!("Service code {only} is not found.")));
    }
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    let mut page = call.page(input, RULES, rows)?;
    page["FormatVersion"] = "aws_v1".into();
    Ok(page.into())
}
