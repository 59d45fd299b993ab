//! Metrics of the process, by the names of Prometheus' client library
//! guidelines. Read from `/proc` at each scrape; elsewhere than on Linux they
//! are left out.

use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::log::Installed;

/// Reads the process' metrics when asked.
pub(crate) struct ProcessMetrics {
    started: f64,
    log: Option<Installed>,
}

impl std::fmt::Debug for ProcessMetrics {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ProcessMetrics").field("started", &self.started).finish()
    }
}

impl ProcessMetrics {
    /// For a process that starts now.
    pub(crate) fn new(log: Option<Installed>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: now.as_secs_f64(), log }
    }
}

impl Collector for ProcessMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let mut gauge = |name: &str, help: &str, value: f64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge(
            "process_start_time_seconds",
            "Start time of the process since unix epoch in seconds",
            self.started,
        )?;
        let usage = Usage::read();
        if let Some(usage) = &usage {
            gauge("process_resident_memory_bytes", "Resident memory size", usage.resident)?;
            gauge("process_virtual_memory_bytes", "Virtual memory size", usage.virtual_size)?;
            gauge("process_open_fds", "Open file descriptors", usage.open_files)?;
            gauge("process_max_fds", "Limit of open file descriptors", usage.most_files)?;
            gauge("process_threads", "Threads", usage.threads)?;
        }
        let mut counter = |name: &str, help: &str, value: f64| {
            let counter = ConstCounter::new(value);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)
        };
        if let Some(usage) = usage {
            counter("process_cpu_seconds", "User and system CPU time", usage.cpu_seconds)?;
        }
        if let Some(log) = &self.log {
            let dropped = log.dropped_lines() as f64;
            counter("log_lines_dropped", "Log lines lost to a slow reader", dropped)?;
        }
        Ok(())
    }
}

struct Usage {
    cpu_seconds: f64,
    resident: f64,
    virtual_size: f64,
    threads: f64,
    open_files: f64,
    most_files: f64,
}

impl Usage {
    /// From `/proc/self`, as documented in proc(5).
    #[cfg(target_os = "linux")]
    fn read() -> Option<Self> {
        use rustix::process::{Resource, getrlimit};
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // The command's name stands in parentheses and may hold anything, also parentheses.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        // Fields are numbered from 1 in proc(5); the first after the name is number 3.
        let field = |number: usize| fields.get(number - 3)?.parse::<f64>().ok();
        Some(Self {
            cpu_seconds: (field(14)? + field(15)?) / rustix::param::clock_ticks_per_second() as f64,
            threads: field(20)?,
            virtual_size: field(23)?,
            resident: field(24)? * rustix::param::page_size() as f64,
            // One of them is the folder that is read.
            open_files: std::fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as f64,
            most_files: getrlimit(Resource::Nofile).current.map_or(f64::INFINITY, |limit| limit as f64),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn read() -> Option<Self> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_something() {
        let usage = Usage::read().expect("/proc is there");
        assert!(usage.resident > 100_000.0 && usage.resident < usage.virtual_size);
        assert!(usage.threads >= 1.0 && usage.open_files >= 3.0);
        assert!(usage.open_files <= usage.most_files);
    }
}
