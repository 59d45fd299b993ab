//! From tokens to values: anchors, aliases, merges and tags as go-yaml 2 treats them, then what
//! `sigs.k8s.io/yaml` makes of the result on its way through JSON.

use std::collections::HashMap;

use super::error::YamlError;
use super::resolve::{Scalar, resolve};
use super::scan::{Kind, MAX_DEPTH, Mark, Scanner, SyntaxError, Token};
use super::source::decode;
use super::tagged::{decode_base64, resolve_tagged};
use crate::chart::number::format_general_32;
use crate::chart::value::{Object, Value};

type Parsed<T> = Result<T, YamlError>;

/// Whether integers keep their type or become floats, as they do on Helm's way through JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbers {
    Floats,
    Typed,
}

/// Reads the first document of `text`; every number becomes a float, as in Helm's values.
pub fn read(text: &[u8]) -> Parsed<Value> {
    document(text, Numbers::Floats)
}

/// As [`read`], with integers kept apart from floats.
pub fn read_typed(text: &[u8]) -> Parsed<Value> {
    document(text, Numbers::Typed)
}

/// As [`read`], for a text that must hold a map; an empty text gives an empty one.
pub fn read_map(text: &[u8]) -> Parsed<Object> {
    match read(text)? {
        Value::Map(members) => Ok(members),
        Value::Null => Ok(Object::new()),
        other => Err(YamlError::wrong_kind(&other, "map[string]interface {}")),
    }
}

/// As [`read`], for a text that must hold a list; an empty text gives an empty one.
pub fn read_list(text: &[u8]) -> Parsed<Vec<Value>> {
    match read(text)? {
        Value::List(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        other => Err(YamlError::wrong_kind(&other, "[]interface {}")),
    }
}

fn document(text: &[u8], numbers: Numbers) -> Parsed<Value> {
    let text = decode(text)?;
    let mut parser = Parser {
        scanner: Scanner::new(&text),
        numbers,
        anchors: HashMap::new(),
        tags: HashMap::new(),
        depth: 0,
        decoded: 0,
        aliased: 0,
        deferred: None,
    };
    let value = parser.document()?.value;
    match parser.deferred {
        Some((_, error)) => Err(error),
        None => Ok(value),
    }
}

/// A value that was read, with what merging and aliasing need to know of it.
#[derive(Debug, Clone)]
struct Node {
    value: Value,
    /// How many values and keys it holds, itself included, as go-yaml counts them.
    size: usize,
    /// An untagged plain `<<`, or one tagged as a merge.
    merge: bool,
    /// Written as `*name`.
    alias: bool,
}

impl Node {
    fn new(value: Value, size: usize) -> Self {
        Self { value, size, merge: false, alias: false }
    }
}

/// What is known of an anchor: the node, or that the node is still being read.
enum Anchor {
    Open,
    Done(Node),
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    numbers: Numbers,
    anchors: HashMap<&'a str, Anchor>,
    tags: HashMap<&'a str, String>,
    depth: usize,
    /// Values and keys so far, and how many of them through aliases (go-yaml's guard against bombs).
    decoded: usize,
    aliased: usize,
    /// The first thing that is YAML but not what Helm can use: go-yaml finds those after the syntax errors.
    deferred: Option<(Stage, YamlError)>,
}

/// When go-yaml and what follows it find an error that is none of syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Decode,
    Keys,
    Json,
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Parsed<Node> {
        while self.next_is(&[Kind::DocumentEnd])? {
            self.scanner.take()?;
        }
        let explicit = matches!(
            self.scanner.peek()?.kind,
            Kind::VersionDirective | Kind::TagDirective | Kind::DocumentStart
        );
        if explicit {
            self.directives()?;
        }
        let node = match self.scanner.peek()?.kind {
            Kind::StreamEnd
            | Kind::DocumentStart
            | Kind::DocumentEnd
            | Kind::VersionDirective
            | Kind::TagDirective => Node::new(Value::Null, 1),
            _ => self.node(Context::Block)?,
        };
        // What cannot be cut into tokens is an error even right behind the document.
        self.scanner.peek()?;
        Ok(node)
    }

    fn directives(&mut self) -> Parsed<()> {
        let mut version = false;
        loop {
            let token = self.scanner.take()?;
            match token.kind {
                Kind::VersionDirective if version => {
                    return Err(parse_error(&token, token.start, "found duplicate %YAML directive"));
                }
                Kind::VersionDirective => version = true,
                Kind::TagDirective => {
                    if self.tags.insert(token.name, token.text.to_string()).is_some() {
                        return Err(parse_error(&token, token.start, "found duplicate %TAG directive"));
                    }
                }
                Kind::DocumentStart => return Ok(()),
                _ => return Err(parse_error(&token, token.start, "did not find expected <document start>")),
            }
        }
    }

    fn next_is(&mut self, kinds: &[Kind]) -> Parsed<bool> {
        let token = self.scanner.peek()?;
        Ok(kinds.contains(&token.kind))
    }

    /// Counts decoded values, `aliased` of them through an alias, and stops what expands too much.
    fn count(&mut self, decoded: usize, aliased: usize) -> Parsed<()> {
        self.decoded += decoded;
        self.aliased += aliased;
        let allowed = match self.decoded {
            0..=400_000 => 0.99,
            4_000_000.. => 0.10,
            count => 0.99 - 0.89 * ((count - 400_000) as f64 / 3_600_000.0),
        };
        if self.aliased > 100 && self.decoded > 1_000 && self.aliased as f64 / self.decoded as f64 > allowed {
            return Err(YamlError::decode("document contains excessive aliasing"));
        }
        Ok(())
    }

    /// Keeps `error` unless one that is found earlier is kept already.
    fn defer(&mut self, stage: Stage, error: YamlError) {
        if self.deferred.as_ref().is_none_or(|(kept, _)| stage < *kept) {
            self.deferred = Some((stage, error));
        }
    }

    fn empty(&mut self) -> Parsed<Node> {
        self.count(1, 0)?;
        Ok(Node::new(Value::Null, 1))
    }

    fn node(&mut self, context: Context) -> Parsed<Node> {
        let first = self.scanner.peek()?;
        let start = first.start;
        if first.kind == Kind::Alias {
            let name = first.name;
            self.scanner.take()?;
            return self.alias(name);
        }
        let (anchor, tag) = self.properties()?;
        if let Some(name) = anchor {
            self.anchors.insert(name, Anchor::Open);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(YamlError::decode(format!("exceeded max depth of {MAX_DEPTH}")));
        }
        let node = self.content(context, start, tag, anchor.is_some())?;
        self.depth -= 1;
        if let Some(name) = anchor {
            self.anchors.insert(name, Anchor::Done(node.clone()));
        }
        Ok(node)
    }

    fn alias(&mut self, name: &str) -> Parsed<Node> {
        self.count(1, 0)?;
        let node = match self.anchors.get(name) {
            None => return Err(YamlError::decode(format!("unknown anchor '{name}' referenced"))),
            Some(Anchor::Open) => {
                self.defer(
                    Stage::Decode,
                    YamlError::decode(format!("anchor '{name}' value contains itself")),
                );
                return Ok(Node::new(Value::Null, 1));
            }
            Some(Anchor::Done(node)) => node,
        };
        let size = node.size;
        self.count(size, size)?;
        match self.anchors.get(name) {
            Some(Anchor::Done(node)) => {
                Ok(Node { size: size + 1, alias: true, merge: false, value: node.value.clone() })
            }
            _ => Ok(Node::new(Value::Null, 1)),
        }
    }

    /// The anchor and the tag before a node, in either order.
    fn properties(&mut self) -> Parsed<(Option<&'a str>, Option<String>)> {
        let (mut anchor, mut tag) = (None, None);
        loop {
            match self.scanner.peek()?.kind {
                Kind::Anchor if anchor.is_none() => anchor = Some(self.scanner.take()?.name),
                Kind::Tag if tag.is_none() => {
                    let token = self.scanner.take()?;
                    tag = Some(self.full_tag(token)?);
                }
                _ => return Ok((anchor, tag)),
            }
        }
    }

    fn full_tag(&self, token: Token<'a>) -> Parsed<String> {
        let suffix = &token.text;
        match (token.name, self.tags.get(token.name)) {
            ("", _) => Ok(suffix.to_string()),
            (_, Some(prefix)) => Ok(format!("{prefix}{suffix}")),
            ("!", None) => Ok(format!("!{suffix}")),
            ("!!", None) => Ok(format!("tag:yaml.org,2002:{suffix}")),
            _ => Err(parse_error(&token, token.start, "found undefined tag handle")),
        }
    }

    fn content(
        &mut self,
        context: Context,
        start: Mark,
        tag: Option<String>,
        anchored: bool,
    ) -> Parsed<Node> {
        match self.scanner.peek()?.kind {
            Kind::BlockEntry if context == Context::BlockValue => self.sequence(Sequence::Indentless),
            kind @ (Kind::Plain | Kind::Quoted) => {
                let token = self.scanner.take()?;
                self.scalar(&token.text, kind == Kind::Plain, tag.as_deref())
            }
            Kind::FlowSequenceStart => self.flow_sequence(),
            Kind::FlowMappingStart => self.flow_mapping(),
            Kind::BlockSequenceStart if context != Context::Flow => self.sequence(Sequence::Block),
            Kind::BlockMappingStart if context != Context::Flow => self.block_mapping(),
            _ if tag.as_deref() == Some("!") => self.scalar("", false, None),
            _ if anchored || tag.is_some() => self.scalar("", tag.is_none(), tag.as_deref()),
            _ => {
                let token = self.scanner.take()?;
                Err(parse_error(&token, start, "did not find expected node content"))
            }
        }
    }

    fn scalar(&mut self, text: &str, plain: bool, tag: Option<&str>) -> Parsed<Node> {
        self.count(1, 0)?;
        let scalar = match tag {
            Some("!") => resolve(text),
            None if plain => resolve(text),
            None => Scalar::Text,
            Some("tag:yaml.org,2002:binary") => {
                let bytes = decode_base64(text);
                if bytes.is_none() {
                    let problem = "!!binary value contains invalid base64 data";
                    self.defer(Stage::Decode, YamlError::decode(problem));
                }
                let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
                return Ok(Node::new(Value::String(text), 1));
            }
            Some(tag) => resolve_tagged(tag, text).unwrap_or_else(|problem| {
                self.defer(Stage::Decode, YamlError::decode(problem));
                Scalar::Null
            }),
        };
        let merge =
            text == "<<" && (tag.is_none() && plain || matches!(tag, Some("!" | "tag:yaml.org,2002:merge")));
        let value = match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(truth) => Value::Bool(truth),
            Scalar::Int(number) if self.numbers == Numbers::Typed => Value::Int(number),
            Scalar::Int(number) => Value::Float(number as f64),
            Scalar::Uint(number) if self.numbers == Numbers::Typed => Value::Uint(number),
            Scalar::Uint(number) => Value::Float(number as f64),
            Scalar::Float(number) => Value::Float(number),
            Scalar::Timestamp | Scalar::Text => Value::String(text.to_owned()),
        };
        Ok(Node { merge, ..Node::new(value, 1) })
    }

    /// A block sequence, with its own indentation or with that of the map it is a value of.
    fn sequence(&mut self, kind: Sequence) -> Parsed<Node> {
        self.count(1, 0)?;
        let start = self.scanner.peek()?.start;
        if kind == Sequence::Block {
            self.scanner.take()?;
        }
        let (mut items, mut size) = (Vec::new(), 1);
        loop {
            if !self.next_is(&[Kind::BlockEntry])? {
                if kind == Sequence::Indentless {
                    break;
                }
                let token = self.scanner.take()?;
                if token.kind == Kind::BlockEnd {
                    break;
                }
                return Err(parse_error(&token, start, "did not find expected '-' indicator"));
            }
            self.scanner.take()?;
            let ends: &[Kind] = match kind {
                Sequence::Block => &[Kind::BlockEntry, Kind::BlockEnd],
                Sequence::Indentless => &[Kind::BlockEntry, Kind::Key, Kind::Value, Kind::BlockEnd],
            };
            let item = if self.next_is(ends)? { self.empty()? } else { self.node(Context::Block)? };
            size += item.size;
            self.check_number(&item.value);
            items.push(item.value);
        }
        Ok(Node::new(Value::List(items), size))
    }

    fn block_mapping(&mut self) -> Parsed<Node> {
        self.count(1, 0)?;
        let start = self.scanner.take()?.start;
        const ENDS: &[Kind] = &[Kind::Key, Kind::Value, Kind::BlockEnd];
        let mut map = MapBuilder::default();
        loop {
            let token = self.scanner.take()?;
            match token.kind {
                Kind::BlockEnd => return Ok(map.finish()),
                Kind::Key => {}
                _ => return Err(parse_error(&token, start, "did not find expected key")),
            }
            let key = if self.next_is(ENDS)? { self.empty()? } else { self.node(Context::BlockValue)? };
            let value = if self.next_is(&[Kind::Value])? {
                self.scanner.take()?;
                if self.next_is(ENDS)? { self.empty()? } else { self.node(Context::BlockValue)? }
            } else {
                self.empty()?
            };
            self.insert(&mut map, key, value);
        }
    }

    fn flow_sequence(&mut self) -> Parsed<Node> {
        self.count(1, 0)?;
        let start = self.scanner.take()?.start;
        let (mut items, mut size) = (Vec::new(), 1);
        loop {
            if !items.is_empty() && !self.next_is(&[Kind::FlowSequenceEnd])? {
                let token = self.scanner.take()?;
                if token.kind != Kind::FlowEntry {
                    return Err(parse_error(&token, start, "did not find expected ',' or ']'"));
                }
            }
            let item = if self.next_is(&[Kind::FlowSequenceEnd])? {
                self.scanner.take()?;
                return Ok(Node::new(Value::List(items), size));
            } else if self.next_is(&[Kind::Key])? {
                self.flow_pair()?
            } else {
                self.node(Context::Flow)?
            };
            size += item.size;
            self.check_number(&item.value);
            items.push(item.value);
        }
    }

    /// `key: value` inside `[]`: a map of one entry.
    fn flow_pair(&mut self) -> Parsed<Node> {
        self.count(1, 0)?;
        self.scanner.take()?;
        let mut map = MapBuilder::default();
        let key_ends = [Kind::Value, Kind::FlowEntry, Kind::FlowSequenceEnd];
        let key = if self.next_is(&key_ends)? { self.empty()? } else { self.node(Context::Flow)? };
        let value = self.flow_value(Kind::FlowSequenceEnd)?;
        self.insert(&mut map, key, value);
        Ok(map.finish())
    }

    fn flow_value(&mut self, end: Kind) -> Parsed<Node> {
        if !self.next_is(&[Kind::Value])? {
            return self.empty();
        }
        self.scanner.take()?;
        if self.next_is(&[Kind::FlowEntry, end])? { self.empty() } else { self.node(Context::Flow) }
    }

    fn flow_mapping(&mut self) -> Parsed<Node> {
        self.count(1, 0)?;
        let start = self.scanner.take()?.start;
        let mut map = MapBuilder::default();
        let mut first = true;
        loop {
            if !first && !self.next_is(&[Kind::FlowMappingEnd])? {
                let token = self.scanner.take()?;
                if token.kind != Kind::FlowEntry {
                    return Err(parse_error(&token, start, "did not find expected ',' or '}'"));
                }
            }
            first = false;
            if self.next_is(&[Kind::FlowMappingEnd])? {
                self.scanner.take()?;
                return Ok(map.finish());
            }
            let (key, value) = if self.next_is(&[Kind::Key])? {
                self.scanner.take()?;
                let key_ends = [Kind::Value, Kind::FlowEntry, Kind::FlowMappingEnd];
                let key = if self.next_is(&key_ends)? { self.empty()? } else { self.node(Context::Flow)? };
                (key, self.flow_value(Kind::FlowMappingEnd)?)
            } else {
                (self.node(Context::Flow)?, self.empty()?)
            };
            self.insert(&mut map, key, value);
        }
    }

    /// Adds an entry; a merge adds the entries of its maps, over those that came before it.
    fn insert(&mut self, map: &mut MapBuilder, key: Node, value: Node) {
        map.size += key.size + value.size;
        if !key.merge {
            match key_text(key.value) {
                Ok(key) => {
                    self.check_number(&value.value);
                    map.members.insert(key, value.value);
                }
                Err((stage, error)) => self.defer(stage, error),
            }
            return;
        }
        let merged = match value.value {
            Value::Map(members) => vec![Value::Map(members)],
            Value::List(items) if !value.alias => items,
            _ => vec![Value::Null],
        };
        for item in merged.into_iter().rev() {
            match item {
                Value::Map(members) => map.members.extend(members),
                _ => self.defer(Stage::Decode, cannot_merge()),
            }
        }
    }

    /// Refuses the numbers JSON has no form for.
    fn check_number(&mut self, value: &Value) {
        if let Value::Float(number) = value
            && !number.is_finite()
        {
            let name = crate::chart::number::format_general(*number);
            let error = YamlError::convert(format!("json: unsupported value: {name}"));
            self.defer(Stage::Json, error);
        }
    }
}

/// Which collections may start at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Flow,
    Block,
    /// Also a sequence that is not indented further than the map it is in.
    BlockValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sequence {
    Block,
    Indentless,
}

struct MapBuilder {
    members: Object,
    size: usize,
}

impl Default for MapBuilder {
    fn default() -> Self {
        Self { members: Object::new(), size: 1 }
    }
}

impl MapBuilder {
    fn finish(self) -> Node {
        Node::new(Value::Map(self.members), self.size)
    }
}

fn cannot_merge() -> YamlError {
    YamlError::decode("map merge requires map or sequence of maps as the value")
}

fn parse_error(token: &Token<'_>, context: Mark, problem: &str) -> YamlError {
    Box::new(SyntaxError { problem: problem.to_owned(), mark: token.start, context, scanning: false }).into()
}

/// A key as text: numbers and booleans are written out, null and collections refused.
fn key_text(key: Value) -> Result<String, (Stage, YamlError)> {
    match key {
        Value::String(text) => Ok(text),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Int(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(match format_general_32(number).as_str() {
            "+Inf" => ".inf".to_owned(),
            "-Inf" => "-.inf".to_owned(),
            "NaN" => ".nan".to_owned(),
            text => text.to_owned(),
        }),
        Value::Null | Value::Uint(_) => {
            Err((Stage::Keys, YamlError::convert(format!("unsupported map key of type: {}", key.kind()))))
        }
        Value::List(_) | Value::Map(_) | Value::Odd(_) => {
            Err((Stage::Decode, YamlError::decode(format!("invalid map key: a {}", key.kind()))))
        }
    }
}
