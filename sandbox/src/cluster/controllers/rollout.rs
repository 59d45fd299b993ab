//! How many pods of the old and of the new there are to be, step by step.

use std::rc::Rc;

use serde_json::Value;

use crate::cluster::json::number;

/// A number of a set's status.
pub(super) fn scaled(set: &Value, pointer: &str) -> i64 {
    number(set, pointer, 0)
}

/// A Deployment on its way.
#[derive(Debug)]
pub(super) struct Rollout<'a> {
    new: &'a Rc<Value>,
    old: &'a [Rc<Value>],
    /// How many there are to be.
    pub(super) wanted: i64,
    /// How many there may be more, and less.
    surge: i64,
    pub(super) unavailable: i64,
    recreate: bool,
}

/// A number, or a share of another one.
fn share(value: &Value, of: i64, up: bool) -> i64 {
    match value.as_str().and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok()) {
        Some(percent) => (of * percent + if up { 99 } else { 0 }) / 100,
        None => value.as_i64().unwrap_or(0),
    }
}

impl<'a> Rollout<'a> {
    pub(super) fn new(deployment: &Value, new: &'a Rc<Value>, old: &'a [Rc<Value>]) -> Self {
        let wanted = number(deployment, "/spec/replicas", 1);
        let strategy = &deployment["spec"]["strategy"];
        let recreate = strategy["type"] == "Recreate";
        let rolling = &strategy["rollingUpdate"];
        let surge = if recreate { 0 } else { share(&rolling["maxSurge"], wanted, true) };
        let unavailable =
            if recreate { wanted } else { share(&rolling["maxUnavailable"], wanted, false).min(wanted) };
        // Without any room nothing could ever move.
        let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
        Self { new, old, wanted, surge, unavailable, recreate }
    }

    /// The sets that are to have another number of pods; `waits` while there are old pods that have to go first.
    pub(super) fn steps(&self, waits: bool) -> Vec<(&'a Value, i64)> {
        let has = |set: &Value| scaled(set, "/spec/replicas");
        if self.recreate {
            let mut steps: Vec<(&Value, i64)> = self.old.iter().map(|set| (set.as_ref(), 0)).collect();
            if !waits {
                steps.push((self.new.as_ref(), self.wanted));
            }
            return steps;
        }
        let mut steps = Vec::new();
        let mine = has(self.new);
        let total = mine + self.old.iter().map(|set| has(set)).sum::<i64>();
        let room = (self.wanted + self.surge - total).max(0);
        let next = if mine >= self.wanted { self.wanted } else { self.wanted.min(mine + room) };
        if next != mine {
            steps.push((self.new.as_ref(), next));
        }
        steps.extend(self.fewer(total, mine));
        steps
    }

    /// Old pods go: first those that are of no use, then as many as the new ones make up for.
    fn fewer(&self, total: i64, mine: i64) -> Vec<(&'a Value, i64)> {
        let least = self.wanted - self.unavailable;
        let lacking = (mine - scaled(self.new, "/status/availableReplicas")).max(0);
        let mut may = total - least - lacking;
        let mut left: Vec<(&Value, i64)> =
            self.old.iter().map(|set| (set.as_ref(), scaled(set, "/spec/replicas"))).collect();
        for (set, replicas) in &mut left {
            let useless = (*replicas - scaled(set, "/status/availableReplicas")).clamp(0, may.max(0));
            *replicas -= useless;
            may -= useless;
        }
        let available = scaled(self.new, "/status/availableReplicas")
            + self.old.iter().map(|set| scaled(set, "/status/availableReplicas")).sum::<i64>();
        let mut spare = (available - least).max(0);
        for (_, replicas) in &mut left {
            let fewer = (*replicas).min(spare).min(may.max(0));
            *replicas -= fewer;
            spare -= fewer;
            may -= fewer;
        }
        left.retain(|(set, replicas)| scaled(set, "/spec/replicas") != *replicas);
        left
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(replicas: i64, available: i64) -> Rc<Value> {
        Rc::new(json!({ "spec": { "replicas": replicas }, "status": { "availableReplicas": available } }))
    }

    fn deployment(replicas: i64, surge: Value, unavailable: Value) -> Value {
        json!({ "spec": { "replicas": replicas, "strategy": { "type": "RollingUpdate",
            "rollingUpdate": { "maxSurge": surge, "maxUnavailable": unavailable } } } })
    }

    fn steps(deployment: &Value, new: &Rc<Value>, old: &[Rc<Value>]) -> Vec<i64> {
        Rollout::new(deployment, new, old).steps(false).into_iter().map(|(_, replicas)| replicas).collect()
    }

    #[test]
    fn a_new_pod_is_ready_before_an_old_one_goes() {
        let careful = deployment(2, json!(1), json!(0));
        assert_eq!(steps(&careful, &set(0, 0), &[set(2, 2)]), [1]);
        assert_eq!(steps(&careful, &set(1, 0), &[set(2, 2)]), [0; 0]);
        assert_eq!(steps(&careful, &set(1, 1), &[set(2, 2)]), [1]);
        assert_eq!(steps(&careful, &set(1, 1), &[set(1, 1)]), [2]);
        assert_eq!(steps(&careful, &set(2, 2), &[set(1, 1)]), [0]);
    }

    #[test]
    fn shares_are_rounded_for_safety_and_useless_pods_go_first() {
        let usual = deployment(4, json!("25%"), json!("25%"));
        assert_eq!(steps(&usual, &set(0, 0), &[set(4, 4)]), [1, 3]);
        assert_eq!(steps(&usual, &set(0, 0), &[set(4, 0)]), [1, 3]);
        assert_eq!(steps(&deployment(3, json!(0), json!(0)), &set(0, 0), &[set(3, 3)]), [2]);
        assert_eq!(steps(&usual, &set(6, 6), &[]), [4]);
    }

    #[test]
    fn recreate_waits_for_the_old_to_be_gone() {
        let recreate = json!({ "spec": { "replicas": 2, "strategy": { "type": "Recreate" } } });
        let (new, old) = (set(0, 0), [set(2, 2)]);
        let rollout = Rollout::new(&recreate, &new, &old);
        assert_eq!(rollout.steps(true).len(), 1);
        assert_eq!(rollout.steps(false).len(), 2);
    }
}
