//! Random templates: mostly well-typed, so that they get far, and sometimes not.

use std::collections::BTreeMap;

use super::arguments::{SIGNATURES, Signature};

/// A small generator of numbers (xorshift), so that a seed gives the same templates everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// True in so many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Writes templates and counts which functions they use.
pub(crate) struct Generator {
    pub(crate) random: Random,
    pub(crate) uses: BTreeMap<&'static str, usize>,
    variables: Vec<String>,
    loops: usize,
}

const STRINGS: &[&str] = &[
    "",
    "a",
    "abc",
    "Hello World",
    "a,b,c",
    "x=1",
    "  pad  ",
    "línea",
    "日本",
    "foo_bar-baz",
    "CamelCase",
    "HTTPServer2x",
    "1",
    "42",
    "-7",
    "3.5",
    "0x1f",
    "010",
    "true",
    "null",
    "a\\nb\\n",
    "tab\\there",
    "quo\\\"te",
    "it's",
    "$1",
    "%d %s",
    "{{",
    "a: b",
    "- x",
    "#c",
    "yes",
    "1e3",
    "~",
    "aaa",
    "banana",
    "a.b.c",
    "/a/b/../c.txt",
    "😀",
    "\\x00",
    "\\u00a0",
    "Z",
    "zz top",
];
const PATHS: &[&str] = &[
    ".Values.name",
    ".Values.one",
    ".Values.two",
    ".Values.neg",
    ".Values.pi",
    ".Values.big",
    ".Values.huge",
    ".Values.zero",
    ".Values.yes",
    ".Values.no",
    ".Values.nothing",
    ".Values.missing",
    ".Values.words",
    ".Values.numbers",
    ".Values.mixed",
    ".Values.none",
    ".Values.map",
    ".Values.emptymap",
    ".Values.other",
    ".Values.text",
    ".Values.unicode",
    ".Values.people",
    ".Values.map.c",
    ".Values.map.c.d.e",
    ".Values.map.zz",
    ".Values.missing.x",
    ".Values.special",
    ".Values.quoted",
    ".Values.multi",
    ".Values.ctrl",
    ".Release.Name",
    ".Chart.Name",
    ".Values",
    "$.Values.name",
    ".Release",
    ".Release.Revision",
];

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        let uses = SIGNATURES.iter().map(|signature| (signature.name, 0)).collect();
        Self { random: Random::new(seed), uses, variables: Vec::new(), loops: 0 }
    }

    /// A whole template.
    pub(crate) fn template(&mut self) -> String {
        self.variables.clear();
        self.loops = 0;
        let mut out = String::new();
        if self.random.chance(15) {
            let body = self.nodes(1);
            out.push_str(&format!("{{{{ define \"t\" }}}}{body}{{{{ end }}}}"));
            self.variables.clear();
        }
        let nodes: String = (0..1 + self.random.below(2)).map(|_| self.node(2)).collect();
        out.push_str(&nodes);
        if out.contains("define \"t\"") {
            let argument = self.argument('a', 1);
            let call = *self.random.pick(&["template \"t\"", "include \"t\""]);
            out.push_str(&format!("{{{{ {call} {argument} }}}}"));
        }
        out
    }

    fn nodes(&mut self, depth: usize) -> String {
        let count = 1 + self.random.below(2);
        (0..count).map(|_| self.node(depth)).collect()
    }

    fn text(&mut self) -> &'static str {
        self.random.pick::<&'static str>(&["", " ", "\n", "x", "key: ", "  - ", "text\n", "\n\n  y ", "é"])
    }

    fn action(&mut self, inside: &str) -> String {
        let left = *self.random.pick(&["{{", "{{", "{{ ", "{{- "]);
        let right = *self.random.pick(&["}}", "}}", " }}", " -}}"]);
        format!("{left}{inside}{right}")
    }

    fn node(&mut self, depth: usize) -> String {
        let before = self.text();
        let choice = if depth == 0 { self.random.below(50) } else { self.random.below(100) };
        let node = match choice {
            0..=44 => {
                let pipeline = self.pipeline(3);
                self.action(&pipeline)
            }
            45..=57 => {
                let name = format!("$v{}", self.variables.len());
                let pipeline = self.pipeline(2);
                if !self.variables.is_empty() && self.random.chance(25) {
                    let known = self.random.pick(&self.variables.clone()).clone();
                    self.action(&format!("{known} = {pipeline}"))
                } else {
                    let action = self.action(&format!("{name} := {pipeline}"));
                    self.variables.push(name);
                    action
                }
            }
            58..=69 => self.branch("if", depth),
            70..=79 => self.branch("with", depth),
            80..=93 => self.range(depth),
            94..=96 => "{{/* note */}}".to_owned(),
            _ => self.text_template(depth),
        };
        format!("{before}{node}{}", self.text())
    }

    fn branch(&mut self, word: &str, depth: usize) -> String {
        let mark = self.variables.len();
        let mut pipeline = self.pipeline(2);
        if self.random.chance(15) {
            let name = format!("$v{}", self.variables.len());
            pipeline = format!("{name} := {pipeline}");
            self.variables.push(name);
        }
        let head = self.action(&format!("{word} {pipeline}"));
        let body = self.nodes(depth - 1);
        let mut out = format!("{head}{body}");
        if self.random.chance(20) {
            let condition = self.pipeline(1);
            let body = self.nodes(depth - 1);
            out.push_str(&format!("{{{{ else {word} {condition} }}}}{body}"));
        }
        if self.random.chance(40) {
            let body = self.nodes(depth - 1);
            out.push_str(&format!("{{{{ else }}}}{body}"));
        }
        self.variables.truncate(mark);
        out + "{{ end }}"
    }

    fn range(&mut self, depth: usize) -> String {
        let mark = self.variables.len();
        let kind = *self.random.pick(&['l', 'l', 'm', 'i', 'a']);
        let over = self.argument(kind, 1);
        let declared = self.random.below(3);
        let names: Vec<String> = (0..declared).map(|at| format!("$v{}", mark + at)).collect();
        let head = if declared == 0 { over } else { format!("{} := {over}", names.join(", ")) };
        self.variables.extend(names);
        self.loops += 1;
        let mut body = self.nodes(depth - 1);
        if self.random.chance(20) {
            let condition = self.argument('b', 1);
            let word = *self.random.pick(&["break", "continue"]);
            body.push_str(&format!("{{{{ if {condition} }}}}{{{{ {word} }}}}{{{{ end }}}}{}", self.text()));
        }
        self.loops -= 1;
        self.variables.truncate(mark);
        let mut out = self.action(&format!("range {head}"));
        out.push_str(&body);
        if self.random.chance(25) {
            out.push_str("{{ else }}");
            out.push_str(&self.nodes(depth - 1));
            self.variables.truncate(mark);
        }
        out + "{{ end }}"
    }

    /// A `tpl` of a small template.
    fn text_template(&mut self, _depth: usize) -> String {
        self.count("tpl");
        let variables = std::mem::take(&mut self.variables);
        let inner = self.pipeline(1).replace('`', "");
        self.variables = variables;
        format!("{{{{ tpl `{{{{ {inner} }}}}` . }}}}")
    }

    fn count(&mut self, name: &'static str) {
        *self.uses.entry(name).or_default() += 1;
    }

    /// A function, preferably one that has been used little; costly ones only until they have been enough.
    fn signature(&mut self, wanted: Option<char>) -> &'static Signature {
        loop {
            let least = *self.uses.values().min().unwrap_or(&0);
            let seldom = self.random.chance(40);
            let signature = self.random.pick(SIGNATURES);
            let used = self.uses[signature.name];
            if signature.costly && used >= 25 {
                continue;
            }
            if let Some(wanted) = wanted {
                let fits = signature.result == wanted || (signature.result == 'a' && self.random.chance(3));
                if !fits || (signature.costly && !seldom) {
                    continue;
                }
            } else if seldom && used > least + 20 && self.random.chance(80) {
                continue;
            }
            return signature;
        }
    }

    fn pipeline(&mut self, depth: usize) -> String {
        let signature = self.signature(None);
        let mut kind = signature.result;
        let mut out = if self.random.chance(80) {
            self.call(signature, depth, false)
        } else {
            kind = *self.random.pick(&['s', 'i', 'l', 'm', 'a', 'b', 'f']);
            super::arguments::literal(self, kind)
        };
        if signature.wrap.is_some() {
            return out;
        }
        while self.random.chance(30) {
            // Mostly a function whose last parameter is what flows in.
            let fitting = |signature: &&Signature| {
                let last = signature.parameters.trim_end_matches('*').chars().last();
                let any = matches!(last, Some('a'));
                signature.wrap.is_none()
                    && last.is_some()
                    && (any || last == Some(kind) || (kind == 'f' && last == Some('n')))
            };
            let known: Vec<&'static Signature> = SIGNATURES.iter().filter(fitting).collect();
            let next = *self.random.pick(&known);
            let call = self.call(next, depth.saturating_sub(1), true);
            out = format!("{out} | {call}");
            kind = next.result;
        }
        out
    }

    fn path(&mut self) -> String {
        (*self.random.pick(PATHS)).to_owned()
    }

    /// A call; `piped` leaves the last argument to the pipe.
    fn call(&mut self, signature: &'static Signature, depth: usize, piped: bool) -> String {
        self.count(signature.name);
        let mut kinds: Vec<char> = signature.parameters.chars().collect();
        if kinds.last() == Some(&'*') {
            kinds.pop();
            let rest = kinds.pop().unwrap_or('a');
            kinds.extend(std::iter::repeat_n(rest, self.random.below(4)));
        }
        if piped {
            kinds.pop();
        }
        if self.random.next().is_multiple_of(300) {
            kinds.push('a');
        }
        let arguments: Vec<String> =
            kinds.iter().map(|kind| self.argument(*kind, depth.saturating_sub(1))).collect();
        let call = format!("{} {}", signature.name, arguments.join(" "));
        match (signature.wrap, piped) {
            (Some(wrap), false) => wrap.replace("{}", &format!("({})", call.trim_end())),
            _ => call.trim_end().to_owned(),
        }
    }

    fn argument(&mut self, kind: char, depth: usize) -> String {
        if "dLDz".contains(kind) {
            // What is no time means the present, which no two processes share.
            return super::arguments::literal(self, kind);
        }
        if self.random.next().is_multiple_of(150) {
            return self.path();
        }
        if !self.variables.is_empty()
            && (kind == 'a' && self.random.chance(30) || self.random.next().is_multiple_of(60))
        {
            return self.random.pick(&self.variables.clone()).clone();
        }
        if depth > 0 && self.random.chance(45) {
            let mut wanted = kind;
            if matches!(kind, 'n') {
                wanted = 'i';
            }
            if matches!(wanted, 's' | 'i' | 'l' | 'm' | 'b' | 'f') {
                let signature = self.signature(Some(wanted));
                let call = self.call(signature, depth - 1, false);
                return format!("({call})");
            }
        }
        super::arguments::literal(self, kind)
    }

    pub(crate) fn string(&mut self) -> String {
        if self.random.chance(25) {
            let path = *self.random.pick(&[
                ".Values.name",
                ".Values.text",
                ".Values.unicode",
                ".Values.camel",
                ".Values.ctrl",
                ".Values.special",
            ]);
            return path.to_owned();
        }
        format!("\"{}\"", self.random.pick(STRINGS))
    }

    /// An argument of any kind.
    pub(crate) fn any(&mut self, depth: usize) -> String {
        let kind = *self.random.pick(&['s', 's', 'i', 'f', 'l', 'm', 'b', 'p', '0']);
        match kind {
            'p' => self.path(),
            '0' => "nil".to_owned(),
            _ => self.argument(kind, depth),
        }
    }
}
