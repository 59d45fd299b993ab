//! Whole environments on peers: all of them on ministack, and on moto, which has neither add-ons nor access entries
//! nor pod identities, with an overlay that leaves those out.

use aws_sdk_ec2::types::Filter;

use crate::ground::Ground;
use crate::life::{changes, drifts_and_heals};
use crate::server::{Peer, Server, is_asked_for};

const OVERLAY: &str = include_str!("moto.toml");

/// What another client finds of the environment in the services that hold most of it.
async fn found(ground: &Ground) -> Vec<String> {
    let config = ground.other_client().await;
    let name = ground.environment();
    let ours = Filter::builder().name("tag:platctl:environment").values(name).build();
    let ec2 = aws_sdk_ec2::Client::new(&config);
    let vpcs = ec2.describe_vpcs().filters(ours.clone()).send().await.unwrap();
    let subnets = ec2.describe_subnets().filters(ours).send().await.unwrap();
    let clusters = aws_sdk_eks::Client::new(&config).list_clusters().send().await.unwrap();
    let repositories = aws_sdk_ecr::Client::new(&config).describe_repositories().send().await.unwrap();
    let roles = aws_sdk_iam::Client::new(&config).list_roles().send().await.unwrap();
    let groups = aws_sdk_cloudwatchlogs::Client::new(&config).describe_log_groups().send().await.unwrap();
    let zones = aws_sdk_route53::Client::new(&config).list_hosted_zones().send().await.unwrap();
    let mut found: Vec<String> = Vec::new();
    found.extend(vpcs.vpcs().iter().filter_map(|vpc| vpc.vpc_id.clone()));
    found.extend(subnets.subnets().iter().filter_map(|subnet| subnet.subnet_id.clone()));
    found.extend(clusters.clusters().iter().cloned());
    found.extend(repositories.repositories().iter().filter_map(|one| one.repository_name.clone()));
    found.extend(
        roles.roles().iter().map(|role| role.role_name.clone()).filter(|role| role.starts_with(name)),
    );
    found.extend(groups.log_groups().iter().filter_map(|group| group.log_group_name.clone()));
    found.extend(zones.hosted_zones().iter().map(|zone| zone.name.clone()));
    found
}

async fn lives(ground: &Ground) {
    ground.run("up", 0);
    ground.stands();
    assert!(found(ground).await.len() > 10, "another client sees it");
    drifts_and_heals(ground).await;
    changes(ground, "[tags]\nteam = 'platform'");
    changes(ground, "[registry]\nkeep_images = 7");
    if ground.environment() == "prod" {
        ground.run("destroy", 1);
        ground.set("protect = false");
        ground.run("up", 0);
    }
    let (_, err) = ground.run("destroy", 0);
    assert!(err.contains("0 left"), "{err}");
    assert_eq!(found(ground).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_environment_lives_on_ministack() {
    if !is_asked_for(Peer::Ministack) {
        return;
    }
    let server = Server::start(Peer::Ministack).await;
    for environment in ["dev", "staging", "prod"] {
        lives(&Ground::peer(environment, &server.fresh())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_environment_lives_on_moto_with_an_overlay() {
    if !is_asked_for(Peer::Moto) {
        return;
    }
    let server = Server::start(Peer::Moto).await;
    for environment in ["dev", "staging", "prod"] {
        let ground = Ground::peer(environment, &server.fresh());
        ground.set(OVERLAY);
        lives(&ground).await;
    }
}
