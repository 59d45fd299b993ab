//! Log events: in, and out again.

use serde_json::{Value, json};

use super::filter::Pattern;
use super::stream::{self, Event};
use super::{group, group::PAGES};
use crate::services::Outcome;
use crate::wire::failure::Failure;
use crate::wire::input::Input;
use crate::world::{Call, PageRules};

const HOUR: i64 = 3_600_000;

/// Events of the future by more than two hours or older than fourteen days are left out, and the answer says so.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub(super) fn put_log_events(call: &mut Call<'_>, input: &Input) -> Outcome {
    let key = stream::key(call, input.str("logGroupName"), input.str("logStreamName"))?;
    // The token is not needed any more, and any value is taken.
    let _ = input.text("sequenceToken");
    let now = call.now.0;
    let events: Vec<Event> = input
        .list("logEvents")
        .iter()
        .map(|entry| Event {
            time: entry.integer("timestamp").unwrap_or(0),
            ingested: now,
            message: entry.str("message").to_owned(),
        })
        .collect();
    if events.windows(2).any(|pair| pair[0].time > pair[1].time) {
        let text = "Log events in a single PutLogEvents request must be in chronological order.";
        return Err(Failure::new("InvalidParameterException", text));
    }
    let span = events.last().map_or(0, |last| last.time) - events.first().map_or(0, |first| first.time);
    if span > 24 * HOUR {
        let text = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
        return Err(Failure::new("InvalidParameterException", text));
    }
    let old = events.iter().take_while(|event| event.time < now - 14 * 24 * HOUR).count();
    let new = events.iter().position(|event| event.time > now + 2 * HOUR);
    let kept: Vec<Event> = events[..new.unwrap_or(events.len())].iter().skip(old).cloned().collect();
    let mut count = 0;
    if let Some(stream) = call.home_mut().logs.streams.get_mut(&key) {
        stream.events.extend(kept);
        stream.events.sort_by_key(|event| event.time);
        count = stream.events.len();
    }
    let rejected = (old > 0 || new.is_some()).then(|| {
        let old = (old > 0).then_some(old);
        json!({ "tooOldLogEventEndIndex": old, "tooNewLogEventStartIndex": new })
    });
    Ok(json!({ "nextSequenceToken": format!("{count:056}"), "rejectedLogEventsInfo": rejected }).into())
}

/// The range of times that a request asks for.
fn in_range(input: &Input) -> impl Fn(&Event) -> bool {
    let (start, end) = (input.integer("startTime"), input.integer("endTime"));
    move |event| start.is_none_or(|start| event.time >= start) && end.is_none_or(|end| event.time < end)
}

/// Tokens hold the place in the list: a forward token that leads to nothing more is given again.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
pub(super) fn get_log_events(call: &mut Call<'_>, input: &Input) -> Outcome {
    let group = group::named(call, input)?;
    let key = stream::key(call, &group, input.str("logStreamName"))?;
    input.only("unmask", "false")?;
    let in_range = in_range(input);
    let stream = call.home().logs.streams.get(&key);
    let events: Vec<&Event> =
        stream.into_iter().flat_map(|stream| &stream.events).filter(|event| in_range(event)).collect();
    let limit = usize::try_from(input.integer("limit").unwrap_or(10_000)).unwrap_or(10_000);
    let from_head = input.flag("startFromHead").unwrap_or(false);
    let total = events.len();
    let bad = || Failure::new("InvalidParameterException", "The specified nextToken is invalid.");
    let place = |text: &str| text.parse::<usize>().map(|place| place.min(total)).map_err(|_| bad());
    let (from, to) = match input.text("nextToken") {
        None if from_head => (0, limit.min(total)),
        None => (total.saturating_sub(limit), total),
        Some(token) => match token.split_once('/') {
            Some(("f", at)) => (place(at)?, place(at)?.saturating_add(limit).min(total)),
            Some(("b", at)) => (place(at)?.saturating_sub(limit), place(at)?),
            _ => return Err(bad()),
        },
    };
    let shown: Vec<Value> = events[from..to]
        .iter()
        .map(|event| json!({ "timestamp": event.time, "message": event.message, "ingestionTime": event.ingested }))
        .collect();
    Ok(json!({
        "events": shown, "nextForwardToken": format!("f/{to:056}"), "nextBackwardToken": format!("b/{from:056}"),
    })
    .into())
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
pub(super) fn filter_log_events(call: &mut Call<'_>, input: &Input) -> Outcome {
    let group = group::named(call, input)?;
    if !call.home().logs.groups.contains(&group) {
        return Err(group::missing());
    }
    input.only("unmask", "false")?;
    input.only("interleaved", "true")?;
    input.only("startFromHead", "true")?;
    let (names, prefix) = (input.texts("logStreamNames"), input.text("logStreamNamePrefix"));
    if !names.is_empty() && prefix.is_some() {
        let text = "logStreamNames and logStreamNamePrefix are mutually exclusive.";
        return Err(Failure::new("InvalidParameterException", text));
    }
    let pattern = Pattern::read(input.str("filterPattern"))?;
    let in_range = in_range(input);
    let streams = call.home().logs.streams_of(&group).filter(|(name, _)| {
        (names.is_empty() || names.iter().any(|wanted| wanted == name))
            && prefix.is_none_or(|prefix| name.starts_with(prefix))
    });
    let mut rows: Vec<(String, Value)> = Vec::new();
    for (name, stream) in streams {
        for (place, event) in stream.events.iter().enumerate() {
            if in_range(event) && pattern.matches(&event.message) {
                let row = json!({
                    "logStreamName": name, "timestamp": event.time, "message": event.message,
                    "ingestionTime": event.ingested, "eventId": format!("{:016}{place:09}", event.time),
                });
                rows.push((format!("{:016}/{name}/{place:09}", event.time), row));
            }
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let rules = PageRules { default: Some(10_000), max: 10_000, ..PAGES };
    let (events, next) = call.cut(input, ("nextToken", Some("limit")), rules, rows)?;
    Ok(json!({ "events": events, "searchedLogStreams": [], "nextToken": next }).into())
}
