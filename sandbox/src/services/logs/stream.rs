//! Log streams.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::group::{self, PAGES};
use crate::clock::Time;
use crate::services::Outcome;
use crate::wire::codec::Answer;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::Call;

/// A log stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// When it was made.
    pub created: Time,
    /// Its events in the order of their times.
    pub events: Vec<Event>,
}

/// A log event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened, in milliseconds since 1970.
    pub time: i64,
    /// When it came in.
    pub ingested: i64,
    /// What it says.
    pub message: String,
}

impl Stream {
    /// An empty stream.
    pub fn new(created: Time) -> Self {
        Self { created, events: Vec::new() }
    }

    /// The size by which it is paid: 26 bytes an event besides the message.
    pub fn bytes(&self) -> usize {
        self.events.iter().map(|event| event.message.len() + 26).sum()
    }
}

/// The key of a stream, refusing one that is not there.
pub(super) fn key(call: &Call<'_>, group: &str, stream: &str) -> Result<String, Failure> {
    let state = &call.home().logs;
    if !state.groups.contains(group) {
        return Err(group::missing());
    }
    let key = format!("{group}:{stream}");
    if state.streams.contains(&key) {
        return Ok(key);
    }
    Err(Failure::new("ResourceNotFoundException", "The specified log stream does not exist."))
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>
pub(super) fn create_log_stream(call: &mut Call<'_>, input: &Input) -> Outcome {
    let (group, name) = (input.str("logGroupName"), input.str("logStreamName"));
    if !call.home().logs.groups.contains(group) {
        return Err(group::missing());
    }
    let key = format!("{group}:{name}");
    if call.home().logs.streams.contains(&key) {
        let text = "The specified log stream already exists";
        return Err(Failure::new("ResourceAlreadyExistsException", text));
    }
    let stream = Stream::new(call.now);
    call.home_mut().logs.streams.insert(key, stream);
    Ok(Answer::empty())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>
pub(super) fn delete_log_stream(call: &mut Call<'_>, input: &Input) -> Outcome {
    let key = key(call, input.str("logGroupName"), input.str("logStreamName"))?;
    call.home_mut().logs.streams.remove(&key);
    Ok(Answer::empty())
}

fn show(call: &Call<'_>, group: &str, name: &str, stream: &Stream) -> Value {
    let arn = call.arn("logs", &format!("log-group:{group}:log-stream:{name}"));
    json!({
        "logStreamName": name, "creationTime": stream.created.0, "arn": arn, "storedBytes": 0,
        "firstEventTimestamp": stream.events.first().map(|event| event.time),
        "lastEventTimestamp": stream.events.last().map(|event| event.time),
        "lastIngestionTime": stream.events.iter().map(|event| event.ingested).max(),
        "uploadSequenceToken": format!("{:056}", stream.events.len()),
    })
}

/// By name, or by the time of the last event; then no prefix may be given.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
pub(super) fn describe_log_streams(call: &mut Call<'_>, input: &Input) -> Outcome {
    let group = group::named(call, input)?;
    if !call.home().logs.groups.contains(&group) {
        return Err(group::missing());
    }
    let prefix = input.text("logStreamNamePrefix");
    let by_time = input.text("orderBy") == Some("LastEventTime");
    if by_time && prefix.is_some() {
        let text = "Cannot order by LastEventTime with a logStreamNamePrefix.";
        return Err(Failure::new("InvalidParameterException", text));
    }
    let state = &call.home().logs;
    let wanted =
        state.streams_of(&group).filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix)));
    let sort_key = |name: &str, stream: &Stream| {
        let last = stream.events.last().map_or(0, |event| event.time);
        if by_time { format!("{last:016}{name}") } else { name.to_owned() }
    };
    let mut rows: Vec<(String, Value)> =
        wanted.map(|(name, stream)| (sort_key(name, stream), show(call, &group, name, stream))).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    if input.flag("descending").unwrap_or(false) {
        // Pages go by rising keys, so the place in the list becomes the key.
        rows.reverse();
        rows.iter_mut().enumerate().for_each(|(place, row)| row.0 = format!("{place:09}"));
    }
    Ok(call.page(input, PAGES, rows)?.into())
}
