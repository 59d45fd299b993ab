//! Record sets. One ListResourceRecordSets each.

use std::sync::Arc;

use aws_sdk_route53::types::{AliasTarget, ChangeAction, ResourceRecord, ResourceRecordSet, RrType};
use futures_util::future::join_all;

use super::names::plain;
use super::records;
use crate::model::route53::{RecordContent, RecordSet, RecordType};
use crate::model::{CloudId, Known, NoOutputs, Ref, Text};
use crate::provider::Error;
use crate::provider::aws::Aws;
use crate::provider::aws::manage::{Creation, Manage, Removal, Revision, Seen, Sought, resolve};
use crate::provider::aws::presence::if_there;

impl Manage for RecordSet {
    async fn observe(
        aws: &Aws,
        looks: Vec<Sought<Self>>,
        known: Arc<Known>,
    ) -> Vec<Result<Seen<Self>, Error>> {
        join_all(looks.iter().map(|look| async {
            let sought = match &look.id {
                Some(id) => Some(Place::of(id)?),
                None => known.resolve(&look.spec.zone).map(|zone| Place::wanted(zone, &look.spec)),
            };
            let Some(place) = sought else { return Ok(Seen::Absent) };
            let Some(found) = place.read(aws).await? else { return Ok(Seen::Absent) };
            let spec = Self {
                zone: Ref::external(&place.zone),
                name: place.name.clone(),
                record_type: place.record_type,
                leads_to: None,
                content: content(found),
            };
            Ok(Seen::ready(place.id(), spec, NoOutputs {}))
        }))
        .await
    }

    async fn create(aws: &Aws, call: Creation<Self>) -> Result<CloudId, Error> {
        let zone = resolve(&call.known, &call.spec.zone, "ChangeResourceRecordSets")?;
        let place = Place::wanted(zone, &call.spec);
        place.put(aws, &call.spec.content).await?;
        Ok(place.id())
    }

    async fn update(aws: &Aws, call: Revision<Self>) -> Result<(), Error> {
        Place::of(&call.id)?.put(aws, &call.spec.content).await
    }

    /// Route 53 deletes a record only when it is told all of it as it is.
    async fn delete(aws: &Aws, call: Removal<Self>) -> Result<(), Error> {
        let place = Place::of(&call.id)?;
        match place.read(aws).await? {
            Some(found) => records::remove(aws, &place.zone, vec![found]).await,
            None => Ok(()),
        }
    }
}

/// Where a record set is: the parts of its id, `ZONE/NAME/TYPE`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    zone: String,
    name: String,
    record_type: RecordType,
}

impl Place {
    fn wanted(zone: &str, spec: &RecordSet) -> Self {
        Self { zone: zone.to_owned(), name: spec.name.clone(), record_type: spec.record_type }
    }

    fn of(id: &CloudId) -> Result<Self, Error> {
        let parts = id.as_str().split_once('/').and_then(|(zone, rest)| {
            let (name, word) = rest.rsplit_once('/')?;
            let (zone, name) = (zone.to_owned(), name.to_owned());
            Some(Self { zone, name, record_type: RecordType::parse(word)? })
        });
        parts.ok_or_else(|| {
            let message = format!("`{id}` is not an id of the form ZONE/NAME/TYPE");
            Error::local("route53", "ListResourceRecordSets", message)
        })
    }

    fn id(&self) -> CloudId {
        CloudId::new(format!("{}/{}/{}", self.zone, self.name, self.record_type.as_str()))
    }

    async fn read(&self, aws: &Aws) -> Result<Option<ResourceRecordSet>, Error> {
        let found = records::read(aws, &self.zone, &self.name, self.record_type.as_str()).await;
        Ok(if_there(found)?.flatten())
    }

    async fn put(&self, aws: &Aws, content: &RecordContent) -> Result<(), Error> {
        let set = self
            .set(content)
            .map_err(|error| Error::local("route53", "ChangeResourceRecordSets", error.to_string()))?;
        records::change(aws, &self.zone, ChangeAction::Upsert, vec![set]).await
    }

    fn set(&self, content: &RecordContent) -> Result<ResourceRecordSet, aws_sdk_route53::error::BuildError> {
        let set =
            ResourceRecordSet::builder().name(&self.name).r#type(RrType::from(self.record_type.as_str()));
        match content {
            RecordContent::Values { ttl, values } => {
                let records =
                    values.iter().map(|value| ResourceRecord::builder().value(value.as_str()).build());
                let records = records.collect::<Result<Vec<_>, _>>()?;
                set.ttl(i64::from(*ttl)).set_resource_records(Some(records)).build()
            }
            RecordContent::Alias { host, host_zone, evaluate_health } => {
                let target = AliasTarget::builder()
                    .dns_name(host.as_str())
                    .hosted_zone_id(host_zone.as_str())
                    .evaluate_target_health(*evaluate_health)
                    .build()?;
                set.alias_target(target).build()
            }
        }
    }
}

fn content(found: ResourceRecordSet) -> RecordContent {
    match found.alias_target {
        Some(target) => RecordContent::Alias {
            host: Text::new(plain(&target.dns_name)),
            host_zone: Text::new(target.hosted_zone_id),
            evaluate_health: target.evaluate_target_health,
        },
        None => RecordContent::Values {
            ttl: found.ttl.and_then(|ttl| u32::try_from(ttl).ok()).unwrap_or_default(),
            values: found.resource_records.into_iter().flatten().map(|r| Text::new(r.value)).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back() {
        for name in ["api.backend.internal", "*.example.com", "0/25.2.0.192.in-addr.arpa"] {
            let place = Place { zone: "Z1".into(), name: name.into(), record_type: RecordType::Ptr };
            assert_eq!(Place::of(&place.id()).unwrap(), place);
        }
        for bad in ["Z1", "Z1/a", "Z1/a/SPF2"] {
            assert!(Place::of(&bad.into()).is_err(), "{bad}");
        }
    }
}
