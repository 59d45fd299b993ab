//! OpenID Connect providers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::name::{no_such, over_quota};
use super::tag;
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, Tags};

/// Providers an account may have.
const PROVIDERS: usize = 100;

/// Client ids of a provider.
const CLIENTS: usize = 100;

/// Thumbprints of a provider.
const THUMBPRINTS: usize = 5;

/// The certificate that IAM finds itself when no thumbprint is given: that of Amazon's authority.
const FOUND: &str = "06b25927c42a721631c1efd9431e648fa62e1e39";

/// An OpenID Connect provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// Its URL without the scheme.
    pub url: String,
    /// The audiences.
    pub clients: Vec<String>,
    /// SHA-1 of the certificates.
    pub thumbprints: Vec<String>,
    /// When it was made.
    pub created: Time,
    /// Its tags.
    pub tags: Tags,
}

/// The provider with this ARN, to change.
pub(super) fn find_mut<'c>(call: &'c mut Call<'_>, arn: &str) -> Result<&'c mut OidcProvider, Failure> {
    let providers = &mut call.account_state_mut().iam.oidc_providers;
    providers.get_mut(arn).ok_or_else(|| no_such(&format!("OpenIDConnect Provider for arn {arn}")))
}

fn check_thumbprints(thumbprints: &[String]) -> Result<(), Failure> {
    if thumbprints.len() > THUMBPRINTS {
        let text = format!("Thumbprint list must contain fewer than {THUMBPRINTS} entries.");
        return Err(Failure::new("InvalidInput", text));
    }
    let sound = |text: &&String| text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit());
    match thumbprints.iter().find(|text| !sound(text)) {
        Some(bad) => Err(Failure::new("InvalidInput", format!("Invalid thumbprint {bad}."))),
        None => Ok(()),
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>
pub(super) fn create_open_id_connect_provider(call: &mut Call<'_>, input: &Input) -> Outcome {
    let url = input.str("Url");
    let host = url.strip_prefix("https://").filter(|rest| !rest.is_empty() && !rest.contains('?'));
    let Some(host) = host.map(|host| host.trim_end_matches('/').to_owned()) else {
        let text = "Invalid Open ID Connect Provider URL";
        return Err(Failure::new("ValidationError", text));
    };
    let clients = input.texts("ClientIDList");
    let mut thumbprints = input.texts("ThumbprintList");
    check_thumbprints(&thumbprints)?;
    if thumbprints.is_empty() {
        thumbprints.push(FOUND.to_owned());
    }
    if clients.len() > CLIENTS {
        return Err(over_quota("ClientIdsPerOpenIdConnectProvider", CLIENTS));
    }
    let tags = tag::read(input)?;
    let arn = call.global_arn("iam", &format!("oidc-provider/{host}"));
    let providers = &call.account_state().iam.oidc_providers;
    if providers.contains(&arn) {
        let text = format!("Provider with url https://{host} already exists.");
        return Err(Failure::new("EntityAlreadyExists", text));
    }
    if providers.len() >= PROVIDERS {
        return Err(over_quota("OpenIdConnectProvidersPerAccount", PROVIDERS));
    }
    let shown = tag::STYLE.write(&tags);
    let provider = OidcProvider { url: host, clients, thumbprints, created: call.now, tags };
    call.account_state_mut().iam.oidc_providers.insert(&arn, provider);
    Ok(json!({ "OpenIDConnectProviderArn": arn, "Tags": shown }).into())
}

/// The URL comes back without its scheme.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html>
pub(super) fn get_open_id_connect_provider(call: &mut Call<'_>, input: &Input) -> Outcome {
    let arn = input.str("OpenIDConnectProviderArn");
    let provider = call.account_state().iam.oidc_providers.get(arn);
    let provider = provider.ok_or_else(|| no_such(&format!("OpenIDConnect Provider for arn {arn}")))?;
    Ok(json!({
        "Url": provider.url, "ClientIDList": provider.clients, "ThumbprintList": provider.thumbprints,
        "CreateDate": provider.created.value(), "Tags": tag::STYLE.write(&provider.tags),
    })
    .into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html>
pub(super) fn list_open_id_connect_providers(call: &mut Call<'_>, _: &Input) -> Outcome {
    let providers = call.account_state().iam.oidc_providers.iter();
    let visible = providers.filter(|(_, provider)| call.visible(provider.created));
    let all: Vec<Value> = visible.map(|(arn, _)| json!({ "Arn": arn })).collect();
    Ok(json!({ "OpenIDConnectProviderList": all }).into())
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html>
pub(super) fn update_thumbprint(call: &mut Call<'_>, input: &Input) -> Outcome {
    let thumbprints = input.texts("ThumbprintList");
    check_thumbprints(&thumbprints)?;
    find_mut(call, input.str("OpenIDConnectProviderArn"))?.thumbprints = thumbprints;
    Ok(Answer::empty())
}

/// Adding a client id twice is no error.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html>
pub(super) fn add_client_id(call: &mut Call<'_>, input: &Input) -> Outcome {
    let client = input.str("ClientID").to_owned();
    let provider = find_mut(call, input.str("OpenIDConnectProviderArn"))?;
    if !provider.clients.contains(&client) {
        if provider.clients.len() >= CLIENTS {
            return Err(over_quota("ClientIdsPerOpenIdConnectProvider", CLIENTS));
        }
        provider.clients.push(client);
    }
    Ok(Answer::empty())
}

/// Removing one that is not there is no error.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html>
pub(super) fn remove_client_id(call: &mut Call<'_>, input: &Input) -> Outcome {
    let client = input.str("ClientID").to_owned();
    find_mut(call, input.str("OpenIDConnectProviderArn"))?.clients.retain(|known| *known != client);
    Ok(Answer::empty())
}

/// "This operation is idempotent; it does not fail or return an error if you call the operation for a provider
/// that does not exist": <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html>
pub(super) fn delete_open_id_connect_provider(call: &mut Call<'_>, input: &Input) -> Outcome {
    call.account_state_mut().iam.oidc_providers.remove(input.str("OpenIDConnectProviderArn"));
    Ok(Answer::empty())
}
