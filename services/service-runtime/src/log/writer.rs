//! Lines on their way to standard output.
//!
//! Threads that serve requests append to a bounded buffer; one thread writes
//! it. When the reader of standard output stalls, the buffer fills and lines
//! are dropped and counted, instead of requests waiting for a log.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes that may wait to be written.
const CAPACITY: usize = 1 << 20;

/// How long the writing thread gathers lines before it writes them together.
const GATHER: Duration = Duration::from_millis(2);

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    closed: bool,
    finished: bool,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    dropped: AtomicU64,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where lines are put.
#[derive(Clone)]
pub(super) struct LineWriter(Arc<Shared>);

impl LineWriter {
    /// Starts the thread that writes to `output`.
    pub(super) fn start(output: impl Write + Send + 'static) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let writing = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("log-writer".to_owned())
            .stack_size(64 << 10)
            .spawn(move || write_lines(&writing, output))?;
        Ok(Self(shared))
    }

    /// Puts one line, which ends in a line feed; drops it if there is no room.
    pub(super) fn put(&self, line: &[u8]) {
        let mut waiting = self.0.lock();
        if waiting.lines.len() + line.len() > CAPACITY {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let was_empty = waiting.lines.is_empty();
        waiting.lines.extend_from_slice(line);
        drop(waiting);
        if was_empty {
            self.0.changed.notify_all();
        }
    }

    /// Lines dropped so far.
    pub(super) fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Waits until all lines are written, at most a second.
    pub(super) fn close(&self) {
        let mut waiting = self.0.lock();
        waiting.closed = true;
        self.0.changed.notify_all();
        let patience = Duration::from_secs(1);
        let unfinished = |waiting: &mut Waiting| !waiting.finished;
        drop(self.0.changed.wait_timeout_while(waiting, patience, unfinished));
    }
}

fn write_lines(shared: &Shared, mut output: impl Write) {
    let mut batch = Vec::new();
    loop {
        let mut waiting = shared.lock();
        while waiting.lines.is_empty() && !waiting.closed {
            waiting = shared.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if !waiting.closed {
            drop(waiting);
            std::thread::sleep(GATHER);
            waiting = shared.lock();
        }
        std::mem::swap(&mut waiting.lines, &mut batch);
        let last = waiting.closed && batch.is_empty();
        drop(waiting);
        // Nothing can be told about a standard output that is gone.
        let _ = output.write_all(&batch).and_then(|()| output.flush());
        batch.clear();
        batch.shrink_to(CAPACITY / 8);
        if last {
            shared.lock().finished = true;
            shared.changed.notify_all();
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    struct Gate(mpsc::Receiver<()>, mpsc::Sender<Vec<u8>>);

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if !bytes.is_empty() {
                let _ = self.0.recv();
                let _ = self.1.send(bytes.to_vec());
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stalled_reader_costs_lines_and_not_time() {
        let (open, gate) = mpsc::channel();
        let (written, seen) = mpsc::channel();
        let writer = LineWriter::start(Gate(gate, written)).expect("a thread");
        let line = vec![b'x'; 64 << 10];
        for _ in 0..64 {
            writer.put(&line);
        }
        assert!(writer.dropped() > 0);
        drop(open);
        writer.close();
        let total: usize = seen.iter().map(|bytes| bytes.len()).sum();
        assert_eq!(total as u64 / line.len() as u64 + writer.dropped(), 64);
    }

    #[test]
    fn closing_writes_all_that_was_put() {
        let (written, seen) = mpsc::channel();
        let (open, gate) = mpsc::channel();
        drop(open);
        let writer = LineWriter::start(Gate(gate, written)).expect("a thread");
        for number in 0..1000 {
            writer.put(format!("{number}\n").as_bytes());
        }
        writer.close();
        let text: Vec<u8> = seen.try_iter().flatten().collect();
        let expected: String = (0..1000).map(|number| format!("{number}\n")).collect();
        assert_eq!(String::from_utf8(text).expect("UTF-8"), expected);
    }
}
