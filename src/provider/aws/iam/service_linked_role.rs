//! Service-linked roles. One ListRoles each, by the path that holds the service.

use std::sync::Arc;

use futures_util::future::join_all;

use crate::model::iam::{ServiceLinkedRole, ServiceLinkedRoleOutputs};
use crate::model::{CloudId, Known};
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought};
use crate::provider::aws::presence::must;
use crate::provider::aws::{Aws, Service};
use crate::provider::{Class, Error};

impl Manage for ServiceLinkedRole {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| async move {
            let service = &look.spec.service;
            // The role of a service has a name of the service's choice, and this path ("Create a
            // service-linked role", IAM User Guide).
            let path = format!("/aws-service-role/{service}/");
            let page = aws
                .read(Service::Iam, "ListRoles", || aws.clients().iam.list_roles().path_prefix(&path).send())
                .await?;
            let Some(role) = page.roles.into_iter().find(|role| role.path == path) else {
                return Ok(Seen::Absent);
            };
            let spec = Self { service: service.clone() };
            Ok(Seen::ready(role.role_name, spec, ServiceLinkedRoleOutputs { arn: role.arn }))
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        const NAME: &str = "CreateServiceLinkedRole";
        let reply = aws
            .once(Service::Iam, NAME, || {
                aws.clients().iam.create_service_linked_role().aws_service_name(&call.spec.service).send()
            })
            .await;
        match reply {
            Ok(reply) => Ok(must(reply.role, NAME, "role")?.role_name.into()),
            // IAM answers InvalidInput for what other calls call EntityAlreadyExists.
            Err(mut error) => {
                if error.message.contains("has been taken") {
                    error.class = Class::Conflict;
                }
                Err(error)
            }
        }
    }

    async fn update(_: &Aws, _: Revision<Self>) -> Result<(), Error> {
        Ok(())
    }

    /// Nothing: the account shares it.
    async fn delete(_: &Aws, _: Removal<Self>) -> Result<(), Error> {
        Ok(())
    }
}
