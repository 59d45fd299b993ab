//! From the engine's closed enums to the typed functions of each kind, and back. The one list of what lives in
//! AWS.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::manage::{Creation, Manage, Removal, Revision, Seen, Sought};
use super::{Aws, ReadOnly};
use crate::model::{Address, CloudId, Known, Spec};
use crate::provider::{Create, Delete, Error, Live, Look, Observe, Observed, Provider, Update};

type Answer = Result<Observed, Error>;
type Done<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;
type Batch<'a> = Pin<Box<dyn Future<Output = Vec<(usize, Answer)>> + Send + 'a>>;

// Each kind's future is boxed: side by side in one future they would overflow a thread's stack.
macro_rules! dispatch {
    ($($variant:ident),* $(,)?) => {
        /// Looks at a batch, each kind's part of it on its own and all at the same time.
        async fn observe(aws: &Aws, looks: Vec<Look>, known: Arc<Known>) -> Vec<Answer> {
            $(#[allow(non_snake_case)] let mut $variant = Vec::new();)*
            let mut answers: Vec<Answer> = Vec::with_capacity(looks.len());
            for (index, Look { address, id, spec }) in looks.into_iter().enumerate() {
                answers.push(Err(foreign(&address, "observe")));
                match spec {
                    $(Spec::$variant(spec) => {
                        $variant.push((index, Sought { address, id, spec: *spec }));
                    })*
                    #[allow(unreachable_patterns)]
                    _ => {}
                }
            }
            let mut batches: Vec<Batch<'_>> = Vec::new();
            $(if !$variant.is_empty() {
                batches.push(observe_kind(aws, $variant, Arc::clone(&known), |seen| match seen {
                    Seen::Absent => Observed::Absent,
                    Seen::Leaving(why) => Observed::Leaving(why),
                    Seen::Present(standing) => Observed::Present(Box::new(Live {
                        id: standing.id,
                        spec: standing.spec.into(),
                        outputs: crate::model::Outputs::$variant(standing.outputs),
                        readiness: standing.readiness,
                    })),
                }));
            })*
            for (index, answer) in join_all(batches).await.into_iter().flatten() {
                answers[index] = answer;
            }
            answers
        }

        async fn create(aws: &Aws, call: Create) -> Result<CloudId, Error> {
            let Create { address, spec, token, known } = call;
            match spec {
                $(Spec::$variant(spec) => {
                    let aws = aws.counted_for(address.kind);
                    create_kind(aws, Creation { address, spec: *spec, token, known }).await
                })*
                #[allow(unreachable_patterns)]
                _ => Err(foreign(&address, "create")),
            }
        }

        async fn update(aws: &Aws, call: Update) -> Result<(), Error> {
            let Update { address, id, spec, live, changes, known } = call;
            match (spec, live) {
                $((Spec::$variant(spec), Spec::$variant(live)) => {
                    let aws = aws.counted_for(address.kind);
                    let call = Revision { address, id, spec: *spec, live: *live, changes, known };
                    update_kind(aws, call).await
                })*
                _ => Err(foreign(&address, "update")),
            }
        }

        async fn delete(aws: &Aws, call: Delete) -> Result<(), Error> {
            let Delete { address, id, spec, known } = call;
            match spec {
                $(Spec::$variant(spec) => {
                    let aws = aws.counted_for(address.kind);
                    delete_kind(aws, Removal { address, id, spec: *spec, known }).await
                })*
                #[allow(unreachable_patterns)]
                _ => Err(foreign(&address, "delete")),
            }
        }

        impl Aws {
            /// True for the kinds that live in AWS.
            pub fn has(kind: crate::model::Kind) -> bool {
                matches!(kind, $(crate::model::Kind::$variant)|*)
            }
        }
    };
}

// A kind of AWS that is missing here is refused at run time with a plain message; `tests` hold the list against
// the model's.
dispatch! {
    Vpc,
    InternetGateway,
    Subnet,
    ElasticIp,
    NatGateway,
    RouteTable,
    DefaultSecurityGroup,
    SecurityGroup,
    SecurityGroupRule,
    VpcEndpoint,
    FlowLog,
    LaunchTemplate,
    Leftover,
    Policy,
    Role,
    ServiceLinkedRole,
    OidcProvider,
    InstanceProfile,
    Key,
    LogGroup,
    Cluster,
    NodeGroup,
    Addon,
    AccessEntry,
    PodIdentityAssociation,
    Repository,
    Image,
    HostedZone,
    RecordSet,
    Secret,
    Parameter,
    Bucket,
}

fn foreign(address: &Address, operation: &'static str) -> Error {
    Error::local("aws", operation, format!("{address} is not of a kind that lives in AWS"))
}

/// Looks at all of one kind. What was made a moment ago and does not show is looked for again, for a short
/// while: the service may not have heard of it everywhere.
fn observe_kind<'a, K: Manage>(
    aws: &'a Aws,
    sought: Vec<(usize, Sought<K>)>,
    known: Arc<Known>,
    erase: fn(Seen<K>) -> Observed,
) -> Batch<'a> {
    Box::pin(observe_until_seen(aws, sought, known, erase))
}

// The future of a call is large, and a future is as large as all that it may wait for: so those of the kinds
// are boxed, each in a function of its own.

fn create_kind<K: Manage>(aws: Aws, call: Creation<K>) -> Done<CloudId> {
    Box::pin(async move { K::create(&aws, call).await })
}

fn update_kind<K: Manage>(aws: Aws, call: Revision<K>) -> Done<()> {
    Box::pin(async move { K::update(&aws, call).await })
}

fn delete_kind<K: Manage>(aws: Aws, call: Removal<K>) -> Done<()> {
    Box::pin(async move { K::delete(&aws, call).await })
}

async fn observe_until_seen<K: Manage>(
    aws: &Aws,
    sought: Vec<(usize, Sought<K>)>,
    known: Arc<Known>,
    erase: fn(Seen<K>) -> Observed,
) -> Vec<(usize, Answer)> {
    const PAUSES: [u64; 5] = [0, 250, 500, 1_000, 2_000];
    let aws = aws.counted_for(K::KIND);
    let mut answers = Vec::with_capacity(sought.len());
    let mut open = sought;
    for (round, pause) in PAUSES.into_iter().enumerate() {
        if open.is_empty() {
            break;
        }
        if round > 0 {
            aws.clock().sleep(Duration::from_millis(pause)).await;
        }
        let looks = open.iter().map(|(_, look)| look.clone()).collect();
        let seen = K::observe(&aws, looks, Arc::clone(&known)).await;
        debug_assert_eq!(seen.len(), open.len(), "an answer a look");
        let last = round + 1 == PAUSES.len();
        let mut missed = Vec::new();
        for ((index, look), seen) in open.into_iter().zip(seen) {
            let is_new = look.id.as_ref().is_some_and(|id| aws.is_recent(id));
            match seen {
                Ok(Seen::Absent) if is_new && !last => missed.push((index, look)),
                seen => answers.push((index, seen.map(erase))),
            }
        }
        open = missed;
    }
    answers
}

impl Observe for Aws {
    async fn observe(&self, looks: Vec<Look>, known: Arc<Known>) -> Vec<Answer> {
        observe(self, looks, known).await
    }
}

impl Observe for ReadOnly {
    async fn observe(&self, looks: Vec<Look>, known: Arc<Known>) -> Vec<Answer> {
        observe(self.inner(), looks, known).await
    }
}

impl Provider for Aws {
    async fn create(&self, call: Create) -> Result<CloudId, Error> {
        let id = create(self, call).await?;
        self.made(&id);
        Ok(id)
    }

    async fn update(&self, call: Update) -> Result<(), Error> {
        update(self, call).await
    }

    async fn delete(&self, call: Delete) -> Result<(), Error> {
        let id = call.id.clone();
        delete(self, call).await?;
        self.unmade(&id);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Aws;
    use crate::model::Kind;

    /// Kinds that live elsewhere.
    const ELSEWHERE: [&str; 1] = ["release"];

    #[test]
    fn no_kind_of_the_model_is_forgotten() {
        for kind in Kind::ALL {
            assert_ne!(Aws::has(*kind), ELSEWHERE.contains(&kind.as_str()), "{}", kind.as_str());
        }
    }
}
