//! What the caller may do.

use crate::provider::Error;
use crate::provider::aws::{ReadOnly, Service};

/// At most so many actions are simulated by one call; the API documents no limit, and answers slowly to many.
const BATCH: usize = 50;

/// What became of the question what a principal may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// All that was asked, but these.
    Denied(Vec<String>),
    /// The principal is none whose policies can be simulated: the root of the account.
    Everything,
}

/// The ARN whose policies decide for a caller: a session's role, a user itself; `None` for the root of an
/// account, which no policy of the account binds.
///
/// The path of a role is not in its sessions' ARNs, so roles with one have to be looked up by name.
pub fn role_of(caller: &str) -> Option<String> {
    if caller.ends_with(":root") {
        return None;
    }
    let Some((head, session)) = caller.split_once(":assumed-role/") else { return Some(caller.to_owned()) };
    let name = session.split('/').next().unwrap_or_default();
    Some(format!("{}:role/{name}", head.replace(":sts:", ":iam:")))
}

impl ReadOnly {
    /// Which of these actions the caller is denied, as IAM simulates it: on any resource, without conditions.
    ///
    /// # Errors
    /// The classified error; [`crate::provider::Class::Denied`] when the caller may not simulate.
    pub async fn denied(&self, caller: &str, actions: &[String]) -> Result<Allowance, Error> {
        let Some(arn) = role_of(caller) else { return Ok(Allowance::Everything) };
        let arn = self.with_path(arn, caller).await?;
        let aws = self.inner();
        let mut denied = Vec::new();
        for batch in actions.chunks(BATCH) {
            let mut marker: Option<String> = None;
            loop {
                let ask = || {
                    let request = aws.clients().iam.simulate_principal_policy().policy_source_arn(&arn);
                    request.set_action_names(Some(batch.to_vec())).set_marker(marker.clone()).send()
                };
                let answer = aws.read(Service::Iam, "SimulatePrincipalPolicy", ask).await?;
                let refused = answer
                    .evaluation_results()
                    .iter()
                    .filter(|one| one.eval_decision().as_str() != "allowed");
                denied.extend(refused.map(|one| one.eval_action_name().to_owned()));
                marker = answer.marker().filter(|_| answer.is_truncated()).map(str::to_owned);
                if marker.is_none() {
                    break;
                }
            }
        }
        Ok(Allowance::Denied(denied))
    }

    /// A role's ARN with its path. A caller that may not look it up is taken to have none.
    async fn with_path(&self, arn: String, caller: &str) -> Result<String, Error> {
        if !caller.contains(":assumed-role/") {
            return Ok(arn);
        }
        let aws = self.inner();
        let name = arn.rsplit('/').next().unwrap_or_default();
        let ask = || aws.clients().iam.get_role().role_name(name).send();
        match aws.read(Service::Iam, "GetRole", ask).await {
            Ok(answer) => Ok(answer.role().map(|role| role.arn().to_owned()).unwrap_or(arn)),
            Err(error) if error.class == crate::provider::Class::Denied => Ok(arn),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::role_of;

    #[test]
    fn a_session_is_judged_by_its_role_and_root_by_nothing() {
        for (caller, expected) in [
            ("arn:aws:sts::1:assumed-role/deployer/me", Some("arn:aws:iam::1:role/deployer")),
            ("arn:aws:iam::1:user/me", Some("arn:aws:iam::1:user/me")),
            ("arn:aws:iam::1:root", None),
        ] {
            assert_eq!(role_of(caller).as_deref(), expected);
        }
    }
}
