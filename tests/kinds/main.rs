//! The laws of every kind, judged by an endpoint that is not ours to trust: the sandbox in process, or a peer.
//!
//! `law` holds the laws, `world` what they run in, `peers` the endpoints; a folder a service holds the cases: for
//! each kind, resources that set every field, and for every field with a policy a way to change it behind platctl's
//! back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::too_many_lines, reason = "a case names every field of its kind")]

/// The tests of a service: the laws of each of its kinds on a fresh sandbox, and all of them on each peer.
macro_rules! laws {
    ($($kind:ident: $laws:path;)*) => {
        $(
            #[cfg(feature = "sandbox")]
            #[tokio::test]
            async fn $kind() {
                let endpoint = $crate::peers::Endpoint::sandbox().await;
                $laws(&mut $crate::world::World::of(&endpoint, "laws")).await;
            }
        )*

        const LAWS: &[(&str, $crate::peers::Laws)] =
            &[$((stringify!($kind), |world| Box::pin($laws(world)))),*];

        #[tokio::test]
        async fn moto_agrees() {
            $crate::peers::agree($crate::peers::Peer::Moto, LAWS).await;
        }

        #[tokio::test]
        async fn ministack_agrees() {
            $crate::peers::agree($crate::peers::Peer::Ministack, LAWS).await;
        }
    };
}

mod ec2;
mod ecr;
mod eks;
mod iam;
mod kms;
mod law;
mod logs;
mod peers;
mod route53;
mod s3;
mod secretsmanager;
#[path = "../peers/emulator.rs"]
mod server;
mod ssm;
mod world;
