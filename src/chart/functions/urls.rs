//! `urlParse`, `urlJoin` and `urlquery`: Go's `net/url`.

use std::net::Ipv6Addr;

use super::signature::{Arguments, Function, Outcome, Type};
use crate::chart::template::{Map, Members, Object, Text};

pub(super) const FUNCTIONS: &[Function] =
    &[Function::pure("urlParse", &[Type::Text], parsed), Function::pure("urlJoin", &[Type::Map], joined)];

/// Where in a URL a text stands; it decides what is escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    Host,
    UserPassword,
    QueryComponent,
    Fragment,
}

#[derive(Default)]
struct Url {
    scheme: String,
    opaque: Vec<u8>,
    user: Option<(Vec<u8>, Option<Vec<u8>>)>,
    host: Vec<u8>,
    path: Vec<u8>,
    force_query: bool,
    query: Vec<u8>,
    fragment: Vec<u8>,
}

fn parsed(a: &[Object]) -> Outcome {
    let text = a.text(0);
    let url = parse(text.as_bytes()).map_err(|why| {
        format!("unable to parse url: parse {}: {why}", crate::chart::template::quote(text.as_bytes(), false))
    })?;
    let user = url.user.as_ref().map(user_text).unwrap_or_default();
    let host_name = hostname(&url.host).to_vec();
    let fields: [(&str, Object); 8] = [
        ("scheme", url.scheme.into()),
        ("host", url.host.into()),
        ("hostname", host_name.into()),
        ("path", url.path.into()),
        ("query", url.query.into()),
        ("opaque", url.opaque.into()),
        ("fragment", url.fragment.into()),
        ("userinfo", user.into()),
    ];
    Ok(Map::any(fields.into_iter().map(|(key, value)| (key.into(), value)).collect::<Members>()).into())
}

fn joined(a: &[Object]) -> Outcome {
    let map = a.map(0);
    let field = |name: &str| match map.get(name) {
        None => Ok(Vec::new()),
        Some(Object::Text(text)) => Ok(text.as_bytes().to_vec()),
        Some(other) => {
            Err(format!("unable to parse {name} key, must be of type string, but {} found", other.kind()))
        }
    };
    let mut url = Url {
        scheme: Text::from(field("scheme")?).lossy().into_owned(),
        host: field("host")?,
        path: field("path")?,
        query: field("query")?,
        opaque: field("opaque")?,
        fragment: field("fragment")?,
        ..Url::default()
    };
    let user = field("userinfo")?;
    if !user.is_empty() {
        let text = [b"proto://", user.as_slice(), b"@host"].concat();
        url.user = parse(&text).map_err(|why| format!("unable to parse userinfo in dict: {why}"))?.user;
    }
    Ok(url.text().into())
}

fn hostname(host: &[u8]) -> &[u8] {
    let (bare, _) = split_port(host);
    bare.strip_prefix(b"[").and_then(|inner| inner.strip_suffix(b"]")).unwrap_or(bare)
}

fn split_port(host: &[u8]) -> (&[u8], &[u8]) {
    match host.iter().rposition(|byte| *byte == b':') {
        Some(at) if valid_port(&host[at..]) => (&host[..at], &host[at + 1..]),
        _ => (host, &[]),
    }
}

fn valid_port(port: &[u8]) -> bool {
    port.is_empty() || (port[0] == b':' && port[1..].iter().all(u8::is_ascii_digit))
}

fn cut(bytes: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match bytes.iter().position(|byte| *byte == at) {
        Some(place) => (&bytes[..place], Some(&bytes[place + 1..])),
        None => (bytes, None),
    }
}

fn parse(text: &[u8]) -> Result<Url, String> {
    let (before, fragment) = cut(text, b'#');
    if before.iter().any(|byte| *byte < b' ' || *byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let mut url = Url::default();
    if before == b"*" {
        url.path = b"*".to_vec();
    } else {
        url.parse_rest(before)?;
    }
    url.fragment = unescape(fragment.unwrap_or_default(), Part::Fragment)?;
    Ok(url)
}

fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok((&[], text))
}

impl Url {
    fn parse_rest(&mut self, text: &[u8]) -> Result<(), String> {
        let (scheme, mut rest) = scheme(text)?;
        self.scheme = String::from_utf8_lossy(scheme).to_ascii_lowercase();
        let questions = rest.iter().filter(|byte| **byte == b'?').count();
        if questions == 1 && rest.ends_with(b"?") {
            self.force_query = true;
            rest = &rest[..rest.len() - 1];
        } else {
            let (before, query) = cut(rest, b'?');
            rest = before;
            self.query = query.unwrap_or_default().to_vec();
        }
        if !rest.starts_with(b"/") {
            if !self.scheme.is_empty() {
                self.opaque = rest.to_vec();
                return Ok(());
            }
            if cut(rest, b'/').0.contains(&b':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        if rest.starts_with(b"//") && (!self.scheme.is_empty() || !rest.starts_with(b"///")) {
            let authority = &rest[2..];
            let end = authority.iter().position(|byte| *byte == b'/').unwrap_or(authority.len());
            rest = &authority[end..];
            self.parse_authority(&authority[..end])?;
        }
        self.path = unescape(rest, Part::Path)?;
        Ok(())
    }

    fn parse_authority(&mut self, authority: &[u8]) -> Result<(), String> {
        let at = authority.iter().rposition(|byte| *byte == b'@');
        self.host = parse_host(&authority[at.map_or(0, |at| at + 1)..])?;
        let Some(at) = at else { return Ok(()) };
        let user = &authority[..at];
        let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
        if !user.iter().all(valid) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let (name, password) = cut(user, b':');
        let password = password.map(|password| unescape(password, Part::UserPassword)).transpose()?;
        self.user = Some((unescape(name, Part::UserPassword)?, password));
        Ok(())
    }

    fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(self.scheme.as_bytes());
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut out);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if self.force_query || !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend_from_slice(&escape(&self.fragment, Part::Fragment));
        }
        out
    }

    fn write_hierarchy(&self, out: &mut Vec<u8>) {
        let has_authority = !self.host.is_empty() || self.user.is_some();
        if has_authority || (!self.scheme.is_empty() && !self.path.is_empty()) {
            out.extend_from_slice(b"//");
            if let Some(user) = &self.user {
                out.extend_from_slice(&user_text(user));
                out.push(b'@');
            }
            out.extend_from_slice(&escape(&self.host, Part::Host));
        }
        let path = if self.path == b"*" { self.path.clone() } else { escape(&self.path, Part::Path) };
        if !path.is_empty() && path[0] != b'/' && !self.host.is_empty() {
            out.push(b'/');
        }
        if out.is_empty() && cut(&path, b'/').0.contains(&b':') {
            out.extend_from_slice(b"./");
        }
        out.extend_from_slice(&path);
    }
}

fn user_text((name, password): &(Vec<u8>, Option<Vec<u8>>)) -> Vec<u8> {
    let mut out = escape(name, Part::UserPassword);
    if let Some(password) = password {
        out.push(b':');
        out.extend_from_slice(&escape(password, Part::UserPassword));
    }
    out
}

fn parse_host(host: &[u8]) -> Result<Vec<u8>, String> {
    let shown = |port: &[u8]| crate::chart::template::quote(port, false);
    if let Some(inner) = host.strip_prefix(b"[") {
        let close = inner.iter().rposition(|byte| *byte == b']').ok_or("missing ']' in host")?;
        let port = &inner[close + 1..];
        if !valid_port(port) {
            return Err(format!("invalid port {} after host", shown(port)));
        }
        let address = String::from_utf8_lossy(&inner[..close]).into_owned();
        let bare = address.split("%25").next().unwrap_or_default();
        if bare.parse::<Ipv6Addr>().is_err() {
            return Err("invalid IPv6 literal in host".to_owned());
        }
    } else if let Some(at) = host.iter().rposition(|byte| *byte == b':')
        && (!valid_port(&host[at..]) || host[..at].contains(&b':'))
    {
        return Err(format!("invalid port {} after host", shown(&host[at..])));
    }
    unescape(host, Part::Host)
}

fn should_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    if part == Part::Host && b"!$&'()*+,;=:[]<>\"".contains(&byte) {
        return false;
    }
    if b"$&+,/:;=?@".contains(&byte) {
        return match part {
            Part::Path => byte == b'?',
            Part::UserPassword => b"@/?:".contains(&byte),
            Part::QueryComponent => true,
            Part::Fragment => false,
            Part::Host => true,
        };
    }
    !(part == Part::Fragment && b"!()*".contains(&byte))
}

fn escape(bytes: &[u8], part: Part) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if *byte == b' ' && part == Part::QueryComponent {
            out.push(b'+');
        } else if should_escape(*byte, part) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(*byte);
        }
    }
    out
}

/// `url.QueryEscape`
pub(super) fn query_escape(bytes: &[u8]) -> Vec<u8> {
    escape(bytes, Part::QueryComponent)
}

fn unescape(bytes: &[u8], part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
            let valid = code.filter(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
            let value = valid.and_then(|code| u8::from_str_radix(code, 16).ok());
            let shown = crate::chart::template::quote(&rest[..rest.len().min(3)], false);
            let value = value.ok_or_else(|| format!("invalid URL escape {shown}"))?;
            // In a host only bytes beyond ASCII, and the percent sign itself, may be escaped.
            if part == Part::Host && value < 0x80 && value != b'%' {
                return Err(format!("invalid URL escape {shown}"));
            }
            out.push(value);
            rest = &after[2..];
            continue;
        }
        if part == Part::Host && byte < 0x80 && should_escape(byte, part) {
            let shown = crate::chart::template::quote(&[byte], false);
            return Err(format!("invalid character {shown} in host name"));
        }
        out.push(byte);
        rest = after;
    }
    Ok(out)
}
