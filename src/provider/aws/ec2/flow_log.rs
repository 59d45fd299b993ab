//! Flow logs of VPCs.

use std::sync::Arc;

use aws_sdk_ec2::types::{
    Filter, FlowLog as SdkLog, FlowLogsResourceType, LogDestinationType, ResourceType, Tag, TrafficType,
};

use super::find::{Item, field, observe};
use super::tags;
use crate::model::ec2::{FlowLog, FlowLogDestination, RecordedTraffic};
use crate::model::{CloudId, Known, NoOutputs, Ref, Text};
use crate::provider::Error;
use crate::provider::aws::call::{Operation, Repeat};
use crate::provider::aws::error::Failure;
use crate::provider::aws::pages::pages;
use crate::provider::aws::{
    Aws, Creation, Manage, Removal, Revision, Seen, Service, Sought, gone_is_fine, resolve,
};

impl Item for SdkLog {
    fn id(&self) -> &str {
        self.flow_log_id().unwrap_or_default()
    }
    fn tags(&self) -> &[Tag] {
        self.tags()
    }
}

impl Manage for FlowLog {
    async fn observe(aws: &Aws, looks: Vec<Sought<Self>>, _: Arc<Known>) -> Vec<Result<Seen<Self>, Error>> {
        observe(aws, looks, "flow-log-id", |filters| describe(aws, filters), |log, _| see(log)).await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let operation = Operation { service: Service::Ec2, name: "CreateFlowLogs", repeat: Repeat::Converge };
        let vpc = resolve(&call.known, &call.spec.vpc, operation.name)?;
        // It answers with success, and tells what it could not make in the body.
        let ids = aws
            .run(operation, || {
                let request = request(aws, &call, vpc);
                async move {
                    let reply = request.send().await.map_err(|error| Failure::of(operation, error))?;
                    match reply.unsuccessful().iter().find_map(|item| item.error()) {
                        Some(error) => Err(Failure::told(operation, error.code(), error.message())),
                        None => Ok(reply.flow_log_ids.unwrap_or_default()),
                    }
                }
            })
            .await?;
        Ok(field(ids.into_iter().next(), operation.name, "the id")?.into())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        tags::update(aws, &call.id, &call.spec.tags, &call.changes).await
    }

    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let ec2 = &aws.clients().ec2;
        let operation = Operation { service: Service::Ec2, name: "DeleteFlowLogs", repeat: Repeat::Delete };
        let deleted = aws.run(operation, || async {
            let reply = ec2.delete_flow_logs().flow_log_ids(call.id.as_str()).send().await;
            let reply = reply.map_err(|error| Failure::of(operation, error))?;
            match reply.unsuccessful().iter().find_map(|item| item.error()) {
                Some(error) => Err(Failure::told(operation, error.code(), error.message())),
                None => Ok(()),
            }
        });
        gone_is_fine(deleted.await)
    }
}

fn request(
    aws: &Aws,
    call: &Creation<FlowLog>,
    vpc: &str,
) -> aws_sdk_ec2::operation::create_flow_logs::builders::CreateFlowLogsFluentBuilder {
    let FlowLog { vpc: _, traffic, destination, format, aggregation_seconds, tags } = &call.spec;
    let request = aws
        .clients()
        .ec2
        .create_flow_logs()
        .resource_type(FlowLogsResourceType::Vpc)
        .resource_ids(vpc)
        .traffic_type(match traffic {
            RecordedTraffic::Accept => TrafficType::Accept,
            RecordedTraffic::Reject => TrafficType::Reject,
            RecordedTraffic::All => TrafficType::All,
        })
        .set_log_format(format.clone())
        .max_aggregation_interval(i32::try_from(*aggregation_seconds).unwrap_or(i32::MAX))
        .client_token(&call.token)
        .set_tag_specifications(tags::at_birth(ResourceType::VpcFlowLog, tags).map(|t| vec![t]));
    match destination {
        FlowLogDestination::LogGroup { log_group, role } => request
            .log_destination_type(LogDestinationType::CloudWatchLogs)
            .log_group_name(log_group.as_str())
            .deliver_logs_permission_arn(role.as_str()),
        FlowLogDestination::Bucket { arn } => {
            request.log_destination_type(LogDestinationType::S3).log_destination(arn.as_str())
        }
    }
}

async fn describe(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<SdkLog>, Error> {
    let (ec2, filters) = (&aws.clients().ec2, &filters);
    pages(|next| async move {
        let page = || {
            let call = ec2.describe_flow_logs().set_filter(Some(filters.clone())).max_results(1000);
            call.set_next_token(next.clone()).send()
        };
        let page = aws.read(Service::Ec2, "DescribeFlowLogs", page).await?;
        Ok((page.flow_logs, page.next_token))
    })
    .await
}

fn see(log: &SdkLog) -> Result<Seen<FlowLog>, Error> {
    let traffic = match log.traffic_type() {
        Some(TrafficType::Accept) => RecordedTraffic::Accept,
        Some(TrafficType::Reject) => RecordedTraffic::Reject,
        _ => RecordedTraffic::All,
    };
    let destination = if log.log_destination_type() == Some(&LogDestinationType::S3) {
        FlowLogDestination::Bucket { arn: log.log_destination().unwrap_or_default().into() }
    } else {
        FlowLogDestination::LogGroup {
            log_group: log_group(log),
            role: log.deliver_logs_permission_arn().unwrap_or_default().into(),
        }
    };
    let spec = FlowLog {
        vpc: Ref::external(field(log.resource_id(), "DescribeFlowLogs", "the VPC")?),
        traffic,
        destination,
        format: log.log_format().map(str::to_owned),
        // AWS's default, which some answers leave out.
        aggregation_seconds: log
            .max_aggregation_interval()
            .and_then(|s| u32::try_from(s).ok())
            .unwrap_or(600),
        tags: tags::from_sdk(log.tags()),
    };
    Ok(Seen::ready(log.id(), spec, NoOutputs {}))
}

/// The name of the log group; answers hold it, or the group's ARN (`arn:aws:logs:…:log-group:NAME:*`).
fn log_group(log: &SdkLog) -> Text {
    let of_arn = || {
        let (_, name) = log.log_destination()?.split_once(":log-group:")?;
        Some(name.strip_suffix(":*").unwrap_or(name))
    };
    log.log_group_name().or_else(of_arn).unwrap_or_default().into()
}
