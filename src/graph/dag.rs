//! A directed acyclic graph of numbered nodes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Nodes `0..len` and what each waits for.
#[derive(Clone, Debug)]
pub struct Dag {
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
    order: Vec<usize>,
}

/// Nodes that wait for each other in a circle, in order: each waits for the next, the last for the first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cycle of {}", .0.len())]
pub struct Cycle(pub Vec<usize>);

impl Dag {
    /// Builds a graph; `before[i]` are the nodes that `i` waits for.
    ///
    /// # Errors
    /// The first cycle, when there is one.
    pub fn new(mut before: Vec<Vec<usize>>) -> Result<Self, Cycle> {
        let mut after = vec![Vec::new(); before.len()];
        for (node, waits) in before.iter_mut().enumerate() {
            waits.sort_unstable();
            waits.dedup();
            for wait in waits.iter() {
                after[*wait].push(node);
            }
        }
        let order = order(&before, &after);
        if order.len() < before.len() {
            Err(cycle(&before, &order))
        } else {
            Ok(Self { before, after, order })
        }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.before.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty()
    }

    /// Every node once, after all that it waits for; the lowest number first where there is a choice.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// What a node waits for.
    pub fn before(&self, node: usize) -> &[usize] {
        &self.before[node]
    }

    /// What waits for a node.
    pub fn after(&self, node: usize) -> &[usize] {
        &self.after[node]
    }

    /// For each node, how long it and the longest chain behind it take.
    pub fn remaining(&self, durations: &[Duration]) -> Vec<Duration> {
        let mut remaining = durations.to_vec();
        for &node in self.order.iter().rev() {
            let behind = self.after[node].iter().map(|&next| remaining[next]).max().unwrap_or_default();
            remaining[node] += behind;
        }
        remaining
    }

    /// The chain of nodes that takes longest, first to last.
    pub fn critical_path(&self, durations: &[Duration]) -> Vec<usize> {
        let remaining = self.remaining(durations);
        let longest =
            |nodes: &mut dyn Iterator<Item = usize>| nodes.max_by_key(|&n| (remaining[n], Reverse(n)));
        let mut path = Vec::new();
        let mut next = longest(&mut (0..self.len()).filter(|&n| self.before[n].is_empty()));
        while let Some(node) = next {
            path.push(node);
            next = longest(&mut self.after[node].iter().copied());
        }
        path
    }

    /// Every node that waits for one of these, directly or not, these included.
    pub fn behind(&self, from: impl IntoIterator<Item = usize>) -> Vec<bool> {
        reach(&self.after, from)
    }

    /// Every node that one of these waits for, directly or not, these included.
    pub fn ahead(&self, from: impl IntoIterator<Item = usize>) -> Vec<bool> {
        reach(&self.before, from)
    }
}

fn reach(edges: &[Vec<usize>], from: impl IntoIterator<Item = usize>) -> Vec<bool> {
    let mut seen = vec![false; edges.len()];
    let mut open: Vec<usize> = from.into_iter().collect();
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut seen[node], true) {
            open.extend(&edges[node]);
        }
    }
    seen
}

fn order(before: &[Vec<usize>], after: &[Vec<usize>]) -> Vec<usize> {
    let mut waits: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut free: BinaryHeap<Reverse<usize>> =
        (0..before.len()).filter(|&n| waits[n] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(before.len());
    while let Some(Reverse(node)) = free.pop() {
        order.push(node);
        for &next in &after[node] {
            waits[next] -= 1;
            if waits[next] == 0 {
                free.push(Reverse(next));
            }
        }
    }
    order
}

/// Walks from a node that could not be ordered to one that it waits for, until one comes twice.
fn cycle(before: &[Vec<usize>], order: &[usize]) -> Cycle {
    let mut stuck = vec![true; before.len()];
    for &node in order {
        stuck[node] = false;
    }
    let mut path: Vec<usize> = Vec::new();
    let mut node = stuck.iter().position(|&s| s).unwrap_or_default();
    loop {
        if let Some(start) = path.iter().position(|&seen| seen == node) {
            return Cycle(path.split_off(start));
        }
        path.push(node);
        let Some(&next) = before[node].iter().find(|&&wait| stuck[wait]) else { return Cycle(path) };
        node = next;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(list: &[u64]) -> Vec<Duration> {
        list.iter().copied().map(Duration::from_secs).collect()
    }

    #[test]
    fn a_cycle_is_named() {
        let Cycle(nodes) = Dag::new(vec![vec![], vec![3, 0], vec![1], vec![2]]).unwrap_err();
        let mut sorted = nodes.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3]);
        assert!(matches!(Dag::new(vec![vec![0]]), Err(Cycle(nodes)) if nodes == [0]));
    }

    #[test]
    fn the_critical_path_is_the_longest_chain() {
        let dag = Dag::new(vec![vec![], vec![0], vec![0], vec![1, 2]]).unwrap();
        let durations = seconds(&[1, 5, 7, 1]);
        assert_eq!(dag.critical_path(&durations), [0, 2, 3]);
        assert_eq!(dag.remaining(&durations), seconds(&[9, 6, 8, 1]));
        let nothing = Dag::new(vec![]).unwrap();
        assert!(nothing.is_empty() && nothing.critical_path(&[]).is_empty());
    }

    prop_compose! {
        fn acyclic()(edges in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..4), 1..40))
            -> Vec<Vec<usize>> {
            edges.iter().enumerate()
                .map(|(n, waits)| if n == 0 { vec![] } else { waits.iter().map(|i| i.index(n)).collect() })
                .collect()
        }
    }

    proptest! {
        #[test]
        fn an_order_lists_every_node_once_after_all_it_waits_for(before in acyclic()) {
            let dag = Dag::new(before.clone()).unwrap();
            prop_assert_eq!((dag.len(), dag.is_empty()), (before.len(), false));
            let mut place = vec![usize::MAX; dag.len()];
            for (at, &node) in dag.order().iter().enumerate() {
                prop_assert_eq!(place[node], usize::MAX);
                place[node] = at;
            }
            for node in 0..dag.len() {
                for &wait in dag.before(node) {
                    prop_assert!(place[wait] < place[node]);
                }
            }
        }

        #[test]
        fn behind_and_ahead_mirror_each_other(before in acyclic(), a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
            let dag = Dag::new(before).unwrap();
            let (a, b) = (a.index(dag.len()), b.index(dag.len()));
            prop_assert_eq!(dag.behind([a])[b], dag.ahead([b])[a]);
        }

        #[test]
        fn any_graph_is_ordered_or_its_cycle_is_one(edges in prop::collection::vec(prop::collection::vec(0_usize..12, 0..4), 12)) {
            if let Err(Cycle(nodes)) = Dag::new(edges.clone()) {
                for (at, &node) in nodes.iter().enumerate() {
                    prop_assert!(edges[node].contains(&nodes[(at + 1) % nodes.len()]));
                }
            }
        }
    }
}
