//! Turns tokens into trees: the control structure. Pipelines are read in `parser_pipeline`.
//!
//! The grammar, its faults and its order of checks are those of Go's `text/template/parse`.

use std::collections::HashMap;
use std::rc::Rc;

use super::code::{At, Code, Run};
use super::error::Error;
use super::lexer::{Keyword, Kind, Token, tokens};
use super::node::{Branch, Command, Node, Operand, Source, Span, Tree, is_blank};
use super::text::{Text, lossy};
use super::unquote;

/// How deep actions and parentheses may nest.
const NESTING: usize = 1_000;

/// The trees of one source: `define`d ones, and the main one under the source's own name.
pub(super) struct Parsed {
    pub(super) main: Rc<Tree>,
    pub(super) defined: Vec<Rc<Tree>>,
}

/// Parses a whole source.
pub(super) fn parse(source: &Rc<Source>) -> Result<Parsed, Box<Error>> {
    let name = source.name.as_str();
    let (tokens, fault) = tokens(&source.text);
    let mut code = Code::default();
    let dollar = code.words.add("$".into());
    let mut parser = Parser {
        source,
        tokens: &tokens,
        fault: &fault,
        position: 0,
        code,
        dollar,
        variables: vec![dollar],
        range_depth: 0,
        nesting: 0,
        defined: Vec::new(),
        index: HashMap::new(),
        names: [const { None }; NAMES],
        nodes: Vec::new(),
        commands: Vec::new(),
        operands: Vec::new(),
        path: Vec::new(),
    };
    let nodes = parser.file()?;
    let code = Rc::new(parser.code);
    let tree = |name: Rc<str>, nodes: Run<Node>| {
        Rc::new(Tree { name, source: Rc::clone(source), code: Rc::clone(&code), nodes })
    };
    let main = tree(name.into(), nodes);
    let mut defined: Vec<_> = parser.defined.into_iter().map(|(name, nodes)| tree(name, nodes)).collect();
    // A `define` under the file's own name competes with the file like any other.
    if let Some(at) = defined.iter().position(|tree| tree.name == main.name) {
        if main.is_empty() {
            let main = defined.remove(at);
            return Ok(Parsed { main, defined });
        }
        if !defined[at].is_empty() {
            let message = format!("template: multiple definition of template {name:?}");
            return Err(Error::parse(source, source.text.len() as u32, message));
        }
        defined.remove(at);
    }
    Ok(Parsed { main, defined })
}

/// The state of reading one source.
pub(super) struct Parser<'a> {
    pub(super) source: &'a Rc<Source>,
    pub(super) tokens: &'a [Token],
    /// What is wrong where the last token is a fault.
    fault: &'a str,
    pub(super) position: usize,
    pub(super) code: Code,
    /// The name of the variable that every template has.
    dollar: At<Rc<str>>,
    /// Names of the variables that are known.
    pub(super) variables: Vec<At<Rc<str>>>,
    range_depth: usize,
    nesting: usize,
    defined: Vec<(Rc<str>, Run<Node>)>,
    index: HashMap<Rc<str>, usize>,
    /// Names of fields, so that most are kept once: the last one read of each sort of name.
    names: [Option<(&'a str, Text)>; NAMES],
    // What is being collected, at all levels; whole, it goes to the code.
    nodes: Vec<Node>,
    pub(super) commands: Vec<Command>,
    pub(super) operands: Vec<Operand>,
    pub(super) path: Vec<Text>,
}

/// Sorts of names, by their length and letters.
const NAMES: usize = 64;

/// How a list of nodes ended.
#[derive(Clone, Copy, PartialEq)]
enum Close {
    End,
    Else,
}

type Outcome<T> = Result<T, Box<Error>>;

impl<'a> Parser<'a> {
    pub(super) fn peek(&self) -> Kind {
        self.tokens[self.position].kind
    }

    pub(super) fn skip_space(&mut self) -> Kind {
        while self.tokens[self.position].kind == Kind::Space {
            self.position += 1;
        }
        self.peek()
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.tokens[self.position];
        // The last token stays, so that reading on is always possible.
        if self.position + 1 < self.tokens.len() {
            self.position += 1;
        }
        token
    }

    pub(super) fn next_after_space(&mut self) -> Token {
        self.skip_space();
        self.next()
    }

    pub(super) fn text_of(&self, token: &Token) -> &'a str {
        &self.source.text[token.start()..token.end()]
    }

    pub(super) fn fault<T>(&self, start: usize, message: impl Into<String>) -> Outcome<T> {
        Err(Error::parse(self.source, start as u32, message.into()))
    }

    /// The fault of a token that has no place here.
    pub(super) fn unexpected<T>(&self, token: &Token, context: &str) -> Outcome<T> {
        match token.kind {
            Kind::Fault => self.fault(token.start(), self.fault),
            Kind::End => self.fault(token.start(), "unexpected EOF"),
            _ => self.fault(token.start(), format!("unexpected {:?} in {context}", self.text_of(token))),
        }
    }

    pub(super) fn expect(&mut self, kind: Kind, context: &str) -> Outcome<Token> {
        let token = self.next_after_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

    /// Runs `inner` one level deeper.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.nesting >= NESTING {
            let start = self.tokens[self.position].start();
            return self.fault(start, format!("actions or parentheses nest deeper than {NESTING}"));
        }
        self.nesting += 1;
        let result = super::stack::grow(|| inner(self));
        self.nesting -= 1;
        result
    }

    fn file(&mut self) -> Outcome<Run<Node>> {
        loop {
            let start = self.tokens[self.position].start();
            match self.peek() {
                Kind::End => return Ok(self.code.nodes.extend(self.nodes.drain(..))),
                Kind::LeftDelimiter if self.define_follows() => self.definition()?,
                _ => match self.text_or_action()? {
                    Item::Node(node) => self.nodes.push(node),
                    Item::Close(Close::End) => return self.fault(start, "unexpected {{end}}"),
                    Item::Close(Close::Else) => return self.fault(start, "unexpected {{else}}"),
                },
            }
        }
    }

    fn define_follows(&mut self) -> bool {
        let start = self.position;
        self.next();
        let found = self.skip_space() == Kind::Keyword(Keyword::Define);
        if found {
            self.next();
        } else {
            self.position = start;
        }
        found
    }

    fn definition(&mut self) -> Outcome<()> {
        let token = self.next_after_space();
        let name = self.template_name(&token, "define clause")?;
        self.expect(Kind::RightDelimiter, "define clause")?;
        let nodes = self.separate(Self::list_to_end)?;
        self.define(name, nodes, token.start())
    }

    /// Runs `inner` with the variables and loops of a template of its own.
    fn separate<T>(&mut self, inner: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let variables = std::mem::replace(&mut self.variables, vec![self.dollar]);
        let range_depth = std::mem::take(&mut self.range_depth);
        let result = inner(self);
        self.variables = variables;
        self.range_depth = range_depth;
        result
    }

    fn list_to_end(&mut self) -> Outcome<Run<Node>> {
        let start = self.tokens[self.position].start();
        match self.list()? {
            (nodes, Close::End) => Ok(nodes),
            (_, Close::Else) => self.fault(start, "unexpected {{else}}, expected end"),
        }
    }

    /// Adds a template: an empty one never replaces another, two that are not empty are a fault.
    fn define(&mut self, name: Rc<str>, nodes: Run<Node>, start: usize) -> Outcome<()> {
        let is_empty = |nodes: Run<Node>| is_blank(&self.code.nodes[nodes], self.source);
        match self.index.get(&name) {
            None => {
                self.index.insert(Rc::clone(&name), self.defined.len());
                self.defined.push((name, nodes));
            }
            Some(&at) if is_empty(self.defined[at].1) => self.defined[at].1 = nodes,
            Some(_) if is_empty(nodes) => {}
            Some(_) => return self.fault(start, format!("multiple definition of template {name:?}")),
        }
        Ok(())
    }

    fn template_name(&mut self, token: &Token, context: &str) -> Outcome<Rc<str>> {
        let source = self.text_of(token);
        let bytes = match token.kind {
            Kind::Quoted => unquote::quoted(source),
            Kind::Raw => unquote::raw(source),
            _ => return self.unexpected(token, context),
        };
        match bytes {
            Some(bytes) => Ok(lossy(&bytes).into()),
            None => self.fault(token.start(), "invalid syntax"),
        }
    }

    fn list(&mut self) -> Outcome<(Run<Node>, Close)> {
        let mark = self.nodes.len();
        while self.skip_space() != Kind::End {
            match self.text_or_action()? {
                Item::Node(node) => self.nodes.push(node),
                Item::Close(close) => {
                    return Ok((self.code.nodes.extend(self.nodes.drain(mark..)), close));
                }
            }
        }
        let start = self.tokens[self.position].start();
        self.fault(start, "unexpected EOF")
    }

    fn text_or_action(&mut self) -> Outcome<Item> {
        let token = self.next_after_space();
        match token.kind {
            Kind::Text => Ok(Item::Node(Node::Text(span(token.start(), token.end())))),
            Kind::LeftDelimiter => self.nested(Self::action),
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Outcome<Item> {
        let Kind::Keyword(keyword) = self.skip_space() else {
            return Ok(Item::Node(Node::Action(self.pipeline("command", Kind::RightDelimiter)?)));
        };
        let start = self.tokens[self.position].start();
        if keyword == Keyword::Nil {
            return Ok(Item::Node(Node::Action(self.pipeline("command", Kind::RightDelimiter)?)));
        }
        self.next();
        Ok(match keyword {
            Keyword::Block => Item::Node(self.block()?),
            Keyword::Break => Item::Node(self.loop_control(Node::Break, "{{break}}", start)?),
            Keyword::Continue => Item::Node(self.loop_control(Node::Continue, "{{continue}}", start)?),
            Keyword::Else => {
                if !matches!(self.skip_space(), Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.expect(Kind::RightDelimiter, "else")?;
                }
                Item::Close(Close::Else)
            }
            Keyword::End => {
                self.expect(Kind::RightDelimiter, "end")?;
                Item::Close(Close::End)
            }
            Keyword::If | Keyword::Range | Keyword::With => Item::Node(self.control(keyword)?),
            Keyword::Template => Item::Node(self.template()?),
            Keyword::Define | Keyword::Nil => {
                self.position -= 1;
                let token = self.next();
                return self.unexpected(&token, "command");
            }
        })
    }

    fn loop_control(&mut self, node: Node, name: &str, start: usize) -> Outcome<Node> {
        self.expect(Kind::RightDelimiter, name)?;
        if self.range_depth == 0 {
            return self.fault(start, format!("{name} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    fn control(&mut self, keyword: Keyword) -> Outcome<Node> {
        let mark = self.variables.len();
        let branch = self.nested(|parser| parser.branch(keyword))?;
        let branch = self.code.branches.add(branch);
        self.variables.truncate(mark);
        Ok(match keyword {
            Keyword::If => Node::If(branch),
            Keyword::With => Node::With(branch),
            _ => Node::Range(branch),
        })
    }

    fn branch(&mut self, keyword: Keyword) -> Outcome<Branch> {
        let context = match keyword {
            Keyword::If => "if",
            Keyword::With => "with",
            _ => "range",
        };
        let pipe = self.pipeline(context, Kind::RightDelimiter)?;
        let depth = usize::from(keyword == Keyword::Range);
        self.range_depth += depth;
        let (body, close) = self.list()?;
        self.range_depth -= depth;
        let mut otherwise = Run::default();
        if close == Close::Else {
            let chained = keyword != Keyword::Range && self.peek() == Kind::Keyword(keyword);
            if chained {
                self.next();
                let chained = self.control(keyword)?;
                otherwise = self.code.nodes.extend([chained]);
            } else {
                let start = self.tokens[self.position].start();
                let (nodes, close) = self.list()?;
                if close != Close::End {
                    return self.fault(start, "expected end; found {{else}}");
                }
                otherwise = nodes;
            }
        }
        Ok(Branch { pipe, body, otherwise })
    }

    fn template(&mut self) -> Outcome<Node> {
        let token = self.next_after_space();
        let name = self.template_name(&token, "template clause")?;
        let mut pipe = None;
        if self.skip_space() == Kind::RightDelimiter {
            self.next();
        } else {
            let value = self.pipeline("template clause", Kind::RightDelimiter)?;
            pipe = Some(self.code.pipes.add(value));
        }
        let name = self.code.words.add(name);
        Ok(Node::Template { span: self.span_from(token.start()), name, pipe })
    }

    fn block(&mut self) -> Outcome<Node> {
        let token = self.next_after_space();
        let name = self.template_name(&token, "block clause")?;
        let pipe = self.pipeline("block clause", Kind::RightDelimiter)?;
        let span = self.span_from(token.start());
        let nodes = self.separate(Self::list_to_end)?;
        self.define(Rc::clone(&name), nodes, token.start())?;
        let (name, pipe) = (self.code.words.add(name), Some(self.code.pipes.add(pipe)));
        Ok(Node::Template { span, name, pipe })
    }

    /// From `start` to the end of the last token but one (the delimiter that was just read).
    pub(super) fn span_from(&self, start: usize) -> Span {
        let last = self.position.saturating_sub(2);
        let end = self.tokens.get(last).map_or(start, |token| token.end().max(start));
        span(start, end)
    }

    /// A name of a field.
    pub(super) fn field_name(&mut self, name: &'a str) -> Text {
        let letter = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
        let bytes = name.as_bytes();
        let sort = bytes.len() * 5 + letter(bytes.first()) * 3 + letter(bytes.last());
        let slot = &mut self.names[sort % NAMES];
        match slot {
            Some((known, text)) if *known == name => text.clone(),
            _ => slot.insert((name, name.into())).1.clone(),
        }
    }
}

pub(super) fn span(start: usize, end: usize) -> Span {
    Span { start: start as u32, end: end as u32 }
}

/// What [`Parser::text_or_action`] found.
enum Item {
    Node(Node),
    Close(Close),
}
