//! Filling the pages in.

use service_runtime::{Context, Identity};

/// The page at `/`.
pub(super) fn home(identity: &Identity) -> String {
    place(include_str!("home.html"), identity)
}

/// The page at `/info`.
pub(super) fn info(context: &Context) -> String {
    let rows: String = context
        .routes()
        .endpoints()
        .iter()
        .map(|endpoint| {
            let (method, path) = (endpoint.method, escaped(&endpoint.path));
            let summary = escaped(&endpoint.summary);
            let path = match method {
                "GET" => format!("<a href=\"{path}\">{path}</a>"),
                _ => path,
            };
            format!("<tr><td><code>{method}</code></td><td>{path}</td><td>{summary}</td></tr>\n")
        })
        .collect();
    let seconds = context.uptime().as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let uptime = format!("{hours} h {minutes} min {} s", seconds % 60);
    place(include_str!("info.html"), context.identity())
        .replace("{{uptime}}", &uptime)
        .replace("{{endpoints}}", &rows)
}

fn place(page: &str, identity: &Identity) -> String {
    page.replace("{{service}}", identity.service)
        .replace("{{version}}", identity.version)
        .replace("{{pod}}", &escaped(&identity.pod))
        .replace("{{node}}", &escaped(&identity.node))
        .replace("{{namespace}}", &escaped(&identity.namespace))
        .replace("{{cluster}}", &escaped(&identity.cluster))
}

/// Text fit for HTML, also within attributes. Braces are escaped too, so that no value can be taken
/// for another placeholder.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '{' => safe.push_str("&#123;"),
            '}' => safe.push_str("&#125;"),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        let identity = Identity {
            service: "frontend-app",
            version: "1",
            pod: "<script>".to_owned(),
            node: "{{cluster}}".to_owned(),
            namespace: "\" onload=\"".to_owned(),
            cluster: "c".to_owned(),
        };
        let page = home(&identity);
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>\n"));
        assert!(page.contains("&#123;&#123;cluster&#125;&#125;"));
        assert!(!page.contains("{{"), "a placeholder is left");
    }
}
