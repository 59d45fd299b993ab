//! `tracing` events as JSON lines.

use std::cell::RefCell;
use std::fmt::Write;
use std::time::SystemTime;

use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Interest, Level, LevelFilter, Metadata, Subscriber};

use super::json::push_json_string;
use super::writer::LineWriter;
use crate::identity::Identity;
use crate::trace::current;

/// Logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// The writing thread could not be started.
    #[error("the log writer's thread cannot be started")]
    Thread(#[source] std::io::Error),
    /// Logging was set up before.
    #[error("logging is set up twice")]
    Twice,
}

/// Logging that is set up: its count of lost lines, and its end.
#[derive(Clone)]
pub(crate) struct Installed(LineWriter);

impl Installed {
    /// Lines dropped because standard output was not read fast enough.
    #[must_use]
    pub(crate) fn dropped_lines(&self) -> u64 {
        self.0.dropped()
    }

    /// Writes what waits (bounded by a second); later lines are lost.
    pub(crate) fn close(&self) {
        self.0.close();
    }
}

/// Logs events of at least `level` to standard output from now on.
pub(crate) fn install(level: Level, identity: &Identity) -> Result<Installed, InstallError> {
    let writer = LineWriter::start(std::io::stdout()).map_err(InstallError::Thread)?;
    let lines = JsonLines { level, place: place(identity), writer: writer.clone() };
    tracing::subscriber::set_global_default(lines).map_err(|_| InstallError::Twice)?;
    Ok(Installed(writer))
}

/// The fields that never change, as JSON between braces.
fn place(identity: &Identity) -> String {
    let mut text = String::new();
    for (name, value) in [
        ("service", identity.service),
        ("version", identity.version),
        ("pod", &identity.pod),
        ("node", &identity.node),
        ("namespace", &identity.namespace),
        ("cluster", &identity.cluster),
    ] {
        text.push(',');
        push_json_string(&mut text, name);
        text.push(':');
        push_json_string(&mut text, value);
    }
    text
}

struct JsonLines {
    level: Level,
    place: String,
    writer: LineWriter,
}

impl JsonLines {
    /// Libraries are heard from `warn` on, whatever our own level.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let ours = ["service_runtime", "backend_", "frontend_", "access"]
            .iter()
            .any(|prefix| target.starts_with(prefix));
        let level = if ours { self.level } else { self.level.min(Level::WARN) };
        metadata.is_event() && *metadata.level() <= level
    }
}

impl Subscriber for JsonLines {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.level))
    }

    // Spans are ours (`crate::trace`), those of libraries are not used.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        thread_local! {
            static LINE: RefCell<String> = const { RefCell::new(String::new()) };
        }
        LINE.with(|line| {
            // A `Debug` implementation that logs while it is logged gets no line.
            let Ok(mut line) = line.try_borrow_mut() else { return };
            line.clear();
            self.render(event, &mut line);
            self.writer.put(line.as_bytes());
        });
    }
}

impl JsonLines {
    fn render(&self, event: &Event<'_>, line: &mut String) {
        let metadata = event.metadata();
        let now = humantime::format_rfc3339_micros(SystemTime::now());
        let level = match *metadata.level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        };
        // Writing to a String does not fail.
        let _ = write!(line, "{{\"timestamp\":\"{now}\",\"level\":\"{level}\",\"target\":");
        push_json_string(line, metadata.target());
        line.push_str(&self.place);
        current::with(|request| {
            let _ = write!(line, ",\"request_id\":");
            push_json_string(line, request.id.as_str());
            let _ = write!(
                line,
                ",\"trace_id\":\"{}\",\"span_id\":\"{}\"",
                request.span.trace_id, request.span.span_id
            );
        });
        event.record(&mut Fields(line));
        line.push_str("}\n");
    }
}

/// Appends an event's fields to the object that is open.
struct Fields<'a>(&'a mut String);

impl Fields<'_> {
    fn name(&mut self, field: &Field) {
        self.0.push(',');
        push_json_string(self.0, field.name());
        self.0.push(':');
    }

    fn bare(&mut self, field: &Field, value: impl std::fmt::Display) {
        self.name(field);
        let _ = write!(self.0, "{value}");
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.bare(field, value);
        } else {
            self.record_str(field, &value.to_string());
        }
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field, value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field, value);
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field, value);
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.name(field);
        push_json_string(self.0, value);
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("not poisoned").extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: Level, what: impl FnOnce()) -> Vec<serde_json::Value> {
        let kept = Kept::default();
        let writer = LineWriter::start(kept.clone()).expect("a thread");
        let identity = Identity {
            service: "frontend-app",
            version: "1.2.3",
            pod: "pod \"one\"".to_owned(),
            node: "n".to_owned(),
            namespace: "d".to_owned(),
            cluster: "c".to_owned(),
        };
        let lines = JsonLines { level, place: place(&identity), writer: writer.clone() };
        tracing::subscriber::with_default(lines, what);
        writer.close();
        let bytes = kept.0.lock().expect("not poisoned").clone();
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }

    #[test]
    fn an_event_is_one_object_with_its_place() {
        let lines = logged(Level::INFO, || {
            tracing::info!(count = 3, share = f64::NAN, ok = true, text = "a\nb", "two\nlines");
            tracing::debug!("unseen");
            tracing::info!(target: "hyper", "unseen");
            tracing::warn!(target: "hyper", "seen");
        });
        assert_eq!(lines.len(), 2, "{lines:?}");
        let line = &lines[0];
        assert_eq!(line["message"], "two\nlines");
        assert_eq!(line["level"], "info");
        assert_eq!(line["pod"], "pod \"one\"");
        assert_eq!(line["count"], 3);
        assert_eq!(line["share"], "NaN");
        assert_eq!(line["text"], "a\nb");
        assert_eq!(line.get("request_id"), None);
        assert_eq!(lines[1]["target"], "hyper");
    }
}
