//! A call in progress: who calls, from where, and the world that the operation works on.

use std::sync::Arc;

use super::state::{Account, Held, Principal, Region, World, no_account, no_region};
use crate::blobs::Blobs;
use crate::clock::Time;
use crate::services::Service;

/// What an operation gets besides its input. Everything it does through this is undone when it refuses.
pub struct Call<'w> {
    world: &'w mut Held,
    /// Bytes by digest, outside of the world.
    pub blobs: &'w mut Blobs,
    /// The account that is acted on.
    pub account: String,
    /// The region that is acted on.
    pub region: String,
    /// The service's model name.
    pub service: &'static str,
    /// The operation's name.
    pub operation: String,
    /// World time.
    pub now: Time,
    /// The access key of the caller; empty for an unsigned call.
    pub access_key: String,
    /// `http://host:port` as the caller addressed the sandbox, for URLs in replies.
    pub endpoint: String,
}

/// The fixed parts of a call.
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) operation: String,
    pub(crate) now: Time,
    pub(crate) access_key: String,
    pub(crate) endpoint: String,
}

impl<'w> Call<'w> {
    pub(crate) fn new(world: &'w mut Held, blobs: &'w mut Blobs, service: &Service, place: Place) -> Self {
        Self {
            world,
            blobs,
            account: place.account,
            region: place.region,
            service: service.name,
            operation: place.operation,
            now: place.now,
            access_key: place.access_key,
            endpoint: place.endpoint,
        }
    }

    /// Runs `work` as if it were a call of another service in the same account and region: for what a service
    /// does in another (a cluster makes network interfaces).
    pub fn within<T>(&mut self, service: &'static str, work: impl FnOnce(&mut Self) -> T) -> T {
        let mine = std::mem::replace(&mut self.service, service);
        let result = work(self);
        self.service = mine;
        result
    }

    /// The world, to read.
    pub fn world(&self) -> &World {
        self.world
    }

    /// The world, to change.
    pub fn world_mut(&mut self) -> &mut World {
        Arc::make_mut(self.world)
    }

    /// The caller's account, to read.
    pub fn account_state(&self) -> &Account {
        match self.world.accounts.get(&self.account) {
            Some(account) => account,
            None => no_account(),
        }
    }

    /// The caller's account, to change.
    pub fn account_state_mut(&mut self) -> &mut Account {
        Arc::make_mut(self.world).accounts.entry(self.account.clone()).or_default()
    }

    /// The caller's region, to read.
    pub fn home(&self) -> &Region {
        match self.account_state().regions.get(&self.region) {
            Some(region) => region,
            None => no_region(),
        }
    }

    /// The caller's region, to change.
    pub fn home_mut(&mut self) -> &mut Region {
        let region = self.region.clone();
        self.account_state_mut().regions.entry(region).or_default()
    }

    /// Who calls. An access key that nobody made belongs to a user of the default account.
    pub fn caller(&self) -> Principal {
        caller(self.world, &self.access_key)
    }

    /// A new id such as `vpc-0a1b2c3d4e5f60718`.
    pub fn id(&mut self, prefix: &str) -> String {
        let id = format!("{prefix}-0{}", self.world_mut().dice.hex(16));
        self.newborn(&id);
        id
    }

    /// Notes that something was just made: with eventual consistency switched on, lists do not show it for a while.
    pub fn newborn(&mut self, id: &str) {
        let (now, delay) = (self.now, self.world.consistency_delay);
        if delay > 0 {
            let born = &mut self.world_mut().born;
            born.retain(|_, made| now.0 - made.0 < delay);
            born.insert(id, now);
        }
    }

    /// True when the thing with an id of [`Call::id`] or [`Call::newborn`] is already visible to lists.
    pub fn visible_id(&self, id: &str) -> bool {
        self.world.born.get(id).is_none_or(|made| self.visible(*made))
    }

    /// An ARN in the caller's account and region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }

    /// An ARN in the caller's account without a region, as global services have.
    pub fn global_arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}::{}:{resource}", self.account)
    }

    /// True when something made at `created` is already visible to lists and references. Only with eventual
    /// consistency switched on is it ever not.
    pub fn visible(&self, created: Time) -> bool {
        self.now.0 - created.0 >= self.world.consistency_delay
    }
}

/// Who stands behind an access key.
pub(crate) fn caller(world: &World, access_key: &str) -> Principal {
    world.keys.get(access_key).cloned().unwrap_or_else(|| Principal {
        account: world.default_account.clone(),
        arn: format!("arn:aws:iam::{}:user/sandbox", world.default_account),
        user_id: "AIDASANDBOX0000000USER".to_owned(),
        expires: None,
        secret: None,
    })
}
