//! What containers write, line by line.

use futures_util::{AsyncBufReadExt, Stream, StreamExt};
use http::Method;
use jiff::Timestamp;

use super::failure::{failed, local};
use super::reader::ClusterReader;
use crate::provider::{Class, Error};

/// Which lines.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// The container in it.
    pub container: String,
    /// Whether further lines are waited for.
    pub follow: bool,
    /// The lines of the container's former life.
    pub previous: bool,
    /// Only lines from then on.
    pub since: Option<Timestamp>,
    /// At most so many of the last lines.
    pub tail: Option<u32>,
}

/// A line, and when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When; nothing where the API server did not say.
    pub at: Option<Timestamp>,
    /// The line, without its end.
    pub text: String,
}

impl ClusterReader {
    /// The lines of a container, as they come.
    ///
    /// # Errors
    /// The classified error; [`Class::NotFound`] for a pod that is gone, [`Class::Invalid`] for a container that has not
    /// run (or, with `previous`, not before). A line may be an error too: the connection was lost.
    pub async fn log(
        &self,
        query: &LogQuery,
    ) -> Result<impl Stream<Item = Result<LogLine, Error>> + Send + use<>, Error> {
        const NAME: &str = "read logs";
        let request = self.inner().request(NAME, Method::GET, &path(query), None)?;
        let bytes = self.inner().with_client(|client| {
            let request = request.clone();
            async move { client.request_stream(request).await }
        });
        let bytes = bytes.await?.map_err(|error| failed(NAME, error))?;
        let lines = bytes.lines().map(|line| match line {
            Ok(line) => Ok(stamped(&line)),
            Err(error) => Err(Error { class: Class::Unavailable, ..local(NAME, error.to_string()) }),
        });
        Ok(lines)
    }
}

fn path(query: &LogQuery) -> String {
    let LogQuery { namespace, pod, container, follow, previous, since, tail } = query;
    let mut path = format!(
        "/api/v1/namespaces/{namespace}/pods/{pod}/log?container={container}&follow={follow}&previous={previous}\
         &timestamps=true"
    );
    if let Some(since) = since {
        // Whole seconds, the earlier one: the API server takes no others (`metav1.Time`).
        path.push_str(&format!("&sinceTime={}", format!("{since:.0}").replace(':', "%3A")));
    }
    if let Some(tail) = tail {
        path.push_str(&format!("&tailLines={tail}"));
    }
    path
}

/// Takes the time from a line that was asked for with it.
fn stamped(line: &str) -> LogLine {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let (time, text) = line.split_once(' ').unwrap_or((line, ""));
    match time.parse() {
        Ok(at) => LogLine { at: Some(at), text: text.to_owned() },
        Err(_) => LogLine { at: None, text: line.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_time_taken_off() {
        let line = stamped("2026-01-02T03:04:05.678901234Z {\"a\": 1}");
        assert_eq!(line.text, "{\"a\": 1}");
        assert_eq!(line.at.unwrap().subsec_nanosecond(), 678_901_234);
        assert_eq!(stamped("2026-01-02T03:04:05Z").text, "", "an empty line");
        assert_eq!(stamped("unable to say"), LogLine { at: None, text: "unable to say".to_owned() });
    }

    #[test]
    fn what_is_asked_for_stands_in_the_path() {
        let since = Some("2026-01-02T03:04:05.6Z".parse().unwrap());
        let [namespace, pod, container] = ["shop", "web-1", "web"].map(str::to_owned);
        let query = LogQuery { namespace, pod, container, follow: true, since, ..LogQuery::default() };
        assert_eq!(
            path(&query),
            "/api/v1/namespaces/shop/pods/web-1/log?container=web&follow=true&previous=false&timestamps=true\
             &sinceTime=2026-01-02T03%3A04%3A05Z"
        );
    }
}
