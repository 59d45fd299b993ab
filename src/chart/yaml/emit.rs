//! The writing of scalars: which style a text can have, and its bytes in that style.
//!
//! These are libyaml's rules as go-yaml keeps them. Lines are folded at 80 columns in `toYaml` and never in
//! `toYamlPretty`.

use super::key_order::Generation;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// Where a scalar stands, as far as its style depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Value,
    /// A key that fits before its colon on one line.
    SimpleKey,
}

/// What a text allows.
#[derive(Debug, Default)]
struct Allowed {
    plain: bool,
    single_quoted: bool,
    block: bool,
    multiline: bool,
}

/// Whether `text` spans lines as libyaml counts them; such a key needs the `? ` form.
pub(crate) fn is_multiline(text: &str) -> bool {
    text.contains(is_break)
}

/// The style `wanted` turns into, given what `text` holds and where it stands.
pub(crate) fn select_style(text: &str, wanted: Style, place: Place, generation: Generation) -> Style {
    let allowed = analyze(text, generation);
    let key = place == Place::SimpleKey;
    let mut style = if key && allowed.multiline { Style::DoubleQuoted } else { wanted };
    if style == Style::Plain && (!allowed.plain || text.is_empty() && key) {
        style = Style::SingleQuoted;
    }
    if style == Style::SingleQuoted && !allowed.single_quoted {
        style = Style::DoubleQuoted;
    }
    if style == Style::Literal && (!allowed.block || key) {
        style = Style::DoubleQuoted;
    }
    style
}

fn analyze(text: &str, generation: Generation) -> Allowed {
    if text.is_empty() {
        return Allowed { plain: true, single_quoted: true, block: false, multiline: false };
    }
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut multiline, mut special, mut tabs) = (false, false, false);
    let (mut break_space, mut space_break) = (false, false);
    let (mut previous_space, mut previous_break) = (false, false);
    let mut preceded_by_blank = true;
    let mut characters = text.chars().peekable();
    let mut first = true;
    while let Some(character) = characters.next() {
        let followed_by_blank = characters.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
        indicators |= match character {
            '#' => first || preceded_by_blank,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => first,
            '?' | '-' => first && followed_by_blank,
            ':' => followed_by_blank,
            _ => false,
        };
        if character == '\t' && generation == Generation::Three {
            tabs = true;
        } else if !is_printable(character) {
            special = true;
        }
        if character == ' ' {
            break_space |= previous_break;
        } else if is_break(character) {
            multiline = true;
            space_break |= previous_space;
        }
        previous_space = character == ' ';
        previous_break = is_break(character);
        preceded_by_blank = matches!(character, ' ' | '\t' | '\0') || is_break(character);
        first = false;
    }
    let at_edge =
        |character: Option<char>| character.is_some_and(|character| character == ' ' || is_break(character));
    let edges = at_edge(text.chars().next()) || at_edge(text.chars().next_back());
    Allowed {
        plain: !(edges || break_space || space_break || special || tabs || multiline || indicators),
        single_quoted: !(break_space || space_break || special || tabs),
        block: !(text.ends_with(' ') || space_break || special),
        multiline,
    }
}

/// libyaml's line breaks.
pub(crate) fn is_break(character: char) -> bool {
    matches!(character, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// go-yaml's notion of a character that needs no escape; everything above U+FFFF needs one.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Where long texts are broken: behind which column, and where their next line starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folding {
    /// The column, in characters, behind which a space becomes a line break; `None` for never.
    pub width: Option<usize>,
    /// The column in which a continuation line starts.
    pub indent: usize,
}

/// Appends characters and knows the column of the next one.
struct Line<'a> {
    out: &'a mut String,
    column: usize,
    folding: Folding,
}

impl<'a> Line<'a> {
    fn new(out: &'a mut String, folding: Folding) -> Self {
        let column = out.chars().rev().take_while(|character| !is_break(*character)).count();
        Self { out, column, folding }
    }

    fn push(&mut self, character: char) {
        self.out.push(character);
        self.column = if is_break(character) { 0 } else { self.column + 1 };
    }

    fn push_text(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.len();
    }

    fn too_long(&self) -> bool {
        self.folding.width.is_some_and(|width| self.column > width)
    }

    /// Starts a continuation line.
    fn fold(&mut self) {
        self.out.push('\n');
        push_spaces(self.out, self.folding.indent);
        self.column = self.folding.indent;
    }
}

/// Appends the plain form of `text`.
pub(crate) fn write_plain(out: &mut String, text: &str, folding: Folding) {
    if folding.width.is_none() {
        out.push_str(text);
        return;
    }
    let mut line = Line::new(out, folding);
    let mut after_space = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let foldable = character == ' ' && !after_space && characters.peek() != Some(&' ');
        if foldable && line.too_long() {
            line.fold();
        } else {
            line.push(character);
        }
        after_space = character == ' ';
    }
}

/// Appends the double-quoted form of `text`.
pub(crate) fn write_double_quoted(out: &mut String, text: &str, folding: Folding) {
    // go-yaml asks whether the text, not the character, starts with a byte order mark, and then escapes all.
    let escape_all = text.starts_with('\u{feff}');
    let mut line = Line::new(out, folding);
    line.push('"');
    let mut after_space = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if escape_all || !is_printable(character) || is_break(character) || matches!(character, '"' | '\\') {
            line.push_text(&escape(character));
            after_space = false;
            continue;
        }
        let inside = at > 0 && at + 1 < text.len();
        if character == ' ' && !after_space && inside && line.too_long() {
            line.fold();
            if characters.peek().is_some_and(|(_, next)| *next == ' ') {
                line.push('\\');
            }
        } else {
            line.push(character);
        }
        after_space = character == ' ';
    }
    line.push('"');
}

fn escape(character: char) -> String {
    let short = match character {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        other => {
            let code = other as u32;
            return match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{short}")
}

/// Appends the single-quoted form of `text`.
pub(crate) fn write_single_quoted(out: &mut String, text: &str, folding: Folding) {
    let mut line = Line::new(out, folding);
    line.push('\'');
    let (mut after_space, mut after_break) = (false, false);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == ' ' {
            let alone = !after_space && characters.peek().is_none_or(|(_, next)| *next != ' ');
            if alone && at > 0 && at + 1 < text.len() && line.too_long() {
                line.fold();
            } else {
                line.push(' ');
            }
            after_space = true;
        } else if is_break(character) {
            if !after_break && character == '\n' {
                line.push('\n');
            }
            line.push(character);
            after_break = true;
        } else {
            if after_break {
                push_spaces(line.out, folding.indent);
                line.column = folding.indent;
            }
            if character == '\'' {
                line.push('\'');
            }
            line.push(character);
            (after_space, after_break) = (false, false);
        }
    }
    line.push('\'');
}

/// Appends the `|` form of `text`, each line indented to `indent`, the step of indentation being two.
pub(crate) fn write_literal(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    if text.starts_with(|first: char| first == ' ' || is_break(first)) {
        out.push('2');
    }
    let mut backwards = text.chars().rev();
    if !backwards.next().is_some_and(is_break) {
        out.push('-');
    } else if backwards.next().is_none_or(is_break) {
        out.push('+');
    }
    out.push('\n');
    let mut after_break = true;
    for character in text.chars() {
        if is_break(character) {
            after_break = true;
        } else if after_break {
            push_spaces(out, indent);
            after_break = false;
        }
        out.push(character);
    }
}

/// Appends `count` spaces.
pub(crate) fn push_spaces(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}
