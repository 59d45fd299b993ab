//! What can start now, longest remaining path first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::Dag;

/// The state of a walk over a [`Dag`]: what waits, what may start, what is blocked by a failure.
#[derive(Clone, Debug)]
pub struct Ready {
    waits: Vec<usize>,
    remaining: Vec<Duration>,
    free: BinaryHeap<(Duration, Reverse<usize>)>,
    blocked: Vec<bool>,
}

impl Ready {
    /// Starts a walk; the durations decide what goes first.
    pub fn new(dag: &Dag, durations: &[Duration]) -> Self {
        let remaining = dag.remaining(durations);
        let waits: Vec<usize> = (0..dag.len()).map(|node| dag.before(node).len()).collect();
        let free = (0..dag.len()).filter(|&n| waits[n] == 0).map(|n| (remaining[n], Reverse(n))).collect();
        Self { waits, remaining, free, blocked: vec![false; dag.len()] }
    }

    /// The next node to start, if one may.
    pub fn take(&mut self) -> Option<usize> {
        self.free.pop().map(|(_, Reverse(node))| node)
    }

    /// A node is done: what waited only for it may start.
    pub fn finish(&mut self, dag: &Dag, node: usize) {
        for &next in dag.after(node) {
            self.waits[next] -= 1;
            if self.waits[next] == 0 && !self.blocked[next] {
                self.free.push((self.remaining[next], Reverse(next)));
            }
        }
    }

    /// A node failed: all behind it will not start. Gives those that were not blocked before.
    pub fn fail(&mut self, dag: &Dag, node: usize) -> Vec<usize> {
        let behind = dag.behind([node]);
        let newly: Vec<usize> =
            (0..dag.len()).filter(|&n| n != node && behind[n] && !self.blocked[n]).collect();
        for &blocked in &newly {
            self.blocked[blocked] = true;
        }
        newly
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(before: Vec<Vec<usize>>, seconds: &[u64]) -> (Dag, Ready) {
        let dag = Dag::new(before).unwrap();
        let durations: Vec<Duration> = seconds.iter().copied().map(Duration::from_secs).collect();
        let ready = Ready::new(&dag, &durations);
        (dag, ready)
    }

    #[test]
    fn the_longest_remaining_path_goes_first() {
        let (dag, mut ready) = ready(vec![vec![], vec![], vec![1]], &[3, 1, 9]);
        assert_eq!(ready.take(), Some(1));
        assert_eq!(ready.take(), Some(0));
        assert_eq!(ready.take(), None);
        ready.finish(&dag, 1);
        assert_eq!(ready.take(), Some(2));
        ready.finish(&dag, 2);
        ready.finish(&dag, 0);
        assert_eq!(ready.take(), None);
    }

    #[test]
    fn a_failure_blocks_what_is_behind_it_once_and_nothing_else() {
        let (dag, mut ready) = ready(vec![vec![], vec![], vec![0], vec![0, 1], vec![1]], &[1; 5]);
        ready.take();
        ready.take();
        assert_eq!(ready.fail(&dag, 0), [2, 3]);
        ready.finish(&dag, 1);
        assert_eq!(ready.take(), Some(4));
        ready.finish(&dag, 4);
        assert_eq!(ready.take(), None);
    }
}
