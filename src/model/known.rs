//! What is known of resources that stand: ids and outputs by address, and addresses by id.

use std::collections::BTreeMap;

use super::{Address, Attribute, CloudId, Kind, Outputs, Placeholder, Ref, Resource, Spec, Target, Visitor};
use super::{Document, Text};

/// Ids and outputs of resources that stand, both ways round.
#[derive(Clone, Debug, Default)]
pub struct Known {
    facts: BTreeMap<Address, Fact>,
    addresses: BTreeMap<(Kind, String), Address>,
}

#[derive(Clone, Debug)]
struct Fact {
    id: CloudId,
    outputs: Option<Outputs>,
    /// Whether it is about to get another version.
    outdated: bool,
}

impl Known {
    /// Learns a resource. What was known of the address before is forgotten.
    pub fn insert(&mut self, address: Address, id: CloudId, outputs: Option<Outputs>) {
        self.remove(&address);
        for value in values(&id, outputs.as_ref()) {
            self.addresses.insert((address.kind, value), address.clone());
        }
        self.facts.insert(address, Fact { id, outputs, outdated: false });
    }

    /// Forgets a resource: it is gone, or about to be made anew.
    pub fn remove(&mut self, address: &Address) {
        if let Some(fact) = self.facts.remove(address) {
            for value in values(&fact.id, fact.outputs.as_ref()) {
                self.addresses.remove(&(address.kind, value));
            }
        }
    }

    /// A resource is about to be changed, which gives it another version: what refers to that is not known until
    /// then.
    pub fn outdate(&mut self, address: &Address) {
        if let Some(fact) = self.facts.get_mut(address) {
            fact.outdated = true;
        }
    }

    /// The id of one of ours.
    pub fn id(&self, address: &Address) -> Option<&CloudId> {
        self.facts.get(address).map(|fact| &fact.id)
    }

    /// An output of one of ours; [`Attribute::Id`] is its id.
    pub fn attribute(&self, address: &Address, attribute: Attribute) -> Option<&str> {
        let fact = self.facts.get(address)?;
        match attribute {
            Attribute::Id => Some(fact.id.as_str()),
            Attribute::Version if fact.outdated => None,
            other => fact.outputs.as_ref()?.attribute(other),
        }
    }

    /// The id behind a reference: an external one is its own id.
    pub fn resolve<'a, K: Resource>(&'a self, reference: &'a Ref<K>) -> Option<&'a str> {
        self.resolve_attribute(reference, Attribute::Id)
    }

    /// An output behind a reference. An external reference holds what its users need (an ARN where they need
    /// an ARN), so it answers with itself.
    pub fn resolve_attribute<'a, K: Resource>(
        &'a self,
        reference: &'a Ref<K>,
        attribute: Attribute,
    ) -> Option<&'a str> {
        match reference.target() {
            Target::External(id) => Some(id),
            Target::Managed(name) => self.attribute(&Address::new(K::KIND, name.clone()), attribute),
        }
    }

    /// The address of the resource of a kind that has this id, ARN or name.
    pub fn address(&self, kind: Kind, value: &str) -> Option<&Address> {
        self.addresses.get(&(kind, value.to_owned()))
    }

    /// Turns ids in a spec that was read from the cloud back into references to ours.
    pub fn relink(&self, spec: &mut Spec) {
        spec.visit(&mut Relink(self));
    }

    /// Puts known outputs into the texts and documents of a spec that is wanted.
    pub fn fill(&self, spec: &mut Spec) {
        spec.visit(&mut Fill(self));
    }

    fn placeholder(&self, placeholder: &Placeholder) -> Option<String> {
        self.attribute(&placeholder.address, placeholder.attribute).map(str::to_owned)
    }
}

fn values(id: &CloudId, outputs: Option<&Outputs>) -> Vec<String> {
    let named = [Attribute::Arn, Attribute::Name];
    let mut values = vec![id.as_str().to_owned()];
    values.extend(named.iter().filter_map(|a| outputs?.attribute(*a)).map(str::to_owned));
    values
}

struct Relink<'a>(&'a Known);

impl Visitor for Relink<'_> {
    fn target(&mut self, kind: Kind, target: &mut Target) {
        if let Target::External(id) = target
            && let Some(address) = self.0.address(kind, id)
        {
            *target = Target::Managed(address.name.clone());
        }
    }
    fn text(&mut self, _: &mut Text) {}
    fn document(&mut self, _: &mut Document) {}
}

struct Fill<'a>(&'a Known);

impl Visitor for Fill<'_> {
    fn target(&mut self, _: Kind, _: &mut Target) {}
    fn text(&mut self, text: &mut Text) {
        text.resolve(&|placeholder| self.0.placeholder(placeholder));
    }
    fn document(&mut self, document: &mut Document) {
        document.resolve(&|placeholder| self.0.placeholder(placeholder));
    }
}

impl Spec {
    /// The addresses that this refers to, by reference or placeholder, each once, in order.
    pub fn refs(&self) -> Vec<Address> {
        struct Collect(Vec<Address>);
        impl Visitor for Collect {
            fn target(&mut self, kind: Kind, target: &mut Target) {
                if let Target::Managed(name) = target {
                    self.0.push(Address::new(kind, name.clone()));
                }
            }
            fn text(&mut self, text: &mut Text) {
                self.0.extend(text.placeholders().into_iter().map(|p| p.address));
            }
            fn document(&mut self, document: &mut Document) {
                self.0.extend(document.placeholders().into_iter().map(|p| p.address));
            }
        }
        let mut collect = Collect(Vec::new());
        self.clone().visit(&mut collect);
        collect.0.sort();
        collect.0.dedup();
        collect.0
    }

    /// Turns every reference to `address` into one to the id that it had: what a spec refers to once that
    /// resource is made anew.
    pub fn unlink(&mut self, address: &Address, id: &CloudId) {
        struct Unlink<'a>(&'a Address, &'a CloudId);
        impl Visitor for Unlink<'_> {
            fn target(&mut self, kind: Kind, target: &mut Target) {
                if kind == self.0.kind && matches!(target, Target::Managed(name) if *name == self.0.name) {
                    *target = Target::External(self.1.as_str().to_owned());
                }
            }
            fn text(&mut self, _: &mut Text) {}
            fn document(&mut self, _: &mut Document) {}
        }
        self.visit(&mut Unlink(address, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ec2::{Subnet, VpcOutputs};
    use crate::model::{Name, Tags};

    fn vpc() -> Address {
        "vpc.main".parse().unwrap()
    }

    fn subnet(vpc: Ref<crate::model::ec2::Vpc>) -> Spec {
        let cidr = "10.0.0.0/24".parse().unwrap();
        Subnet { vpc, zone: "a".into(), cidr, public_addresses: false, tags: Tags::new() }.into()
    }

    #[test]
    fn ids_become_references_and_back() {
        let mut known = Known::default();
        let outputs = Outputs::Vpc(VpcOutputs { arn: "arn:1".into() });
        known.insert(vpc(), "vpc-1".into(), Some(outputs));
        let managed = subnet(Ref::managed(Name::new("main").unwrap()));
        for id in ["vpc-1", "arn:1"] {
            let mut seen = subnet(Ref::external(id));
            known.relink(&mut seen);
            assert_eq!(seen, managed);
        }
        assert_eq!(managed.refs(), [vpc()]);
        let mut gone = managed.clone();
        gone.unlink(&vpc(), &"vpc-1".into());
        assert_eq!(gone, subnet(Ref::external("vpc-1")));
        known.outdate(&vpc());
        assert_eq!(known.attribute(&vpc(), Attribute::Arn), Some("arn:1"), "only the version is another");
        known.remove(&vpc());
        let mut unknown = subnet(Ref::external("vpc-1"));
        known.relink(&mut unknown);
        assert_eq!(unknown, subnet(Ref::external("vpc-1")));
    }
}
