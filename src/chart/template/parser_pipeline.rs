//! Pipelines, commands and operands.

use std::rc::Rc;

use super::code::Run;
use super::error::Error;
use super::lexer::{Keyword, Kind, Token};
use super::node::{Command, Operand, OperandKind, Pipe};
use super::number;
use super::parser::{Parser, span};
use super::text::Text;
use super::unquote;
use crate::chart::functions;

type Outcome<T> = Result<T, Box<Error>>;

impl<'a> Parser<'a> {
    /// Reads a pipeline up to and including the token `end`.
    pub(super) fn pipeline(&mut self, context: &str, end: Kind) -> Outcome<Pipe> {
        self.skip_space();
        let start = self.tokens[self.position].start();
        let (variables, assigns) = self.declarations(context)?;
        let mark = self.commands.len();
        loop {
            let token = self.next_after_space();
            if token.kind == end {
                break;
            }
            if !starts_operand(token.kind) {
                return self.unexpected(&token, context);
            }
            self.position -= 1;
            let command = self.command()?;
            self.commands.push(command);
        }
        let span = self.span_from(start);
        let pipe = Pipe {
            span,
            variables,
            assigns,
            commands: self.code.commands.extend(self.commands.drain(mark..)),
        };
        self.check(&pipe, context)?;
        Ok(pipe)
    }

    fn check(&self, pipe: &Pipe, context: &str) -> Outcome<()> {
        let start = pipe.span.start as usize;
        if pipe.commands.is_empty() {
            return self.fault(start, format!("missing value for {context}"));
        }
        for (at, command) in self.code.commands[pipe.commands].iter().enumerate().skip(1) {
            let literal = matches!(
                self.code.operands[command.operands][0].kind,
                OperandKind::Bool(_)
                    | OperandKind::Dot
                    | OperandKind::Nil
                    | OperandKind::Number(_)
                    | OperandKind::Text(_)
            );
            if literal {
                let message = format!("non executable command in pipeline stage {}", at + 1);
                return self.fault(command.span.start as usize, message);
            }
        }
        Ok(())
    }

    /// `$x :=`, `$x =`, and for `range` also `$i, $x :=`.
    fn declarations(&mut self, context: &str) -> Outcome<(Run<Rc<str>>, bool)> {
        let mut names = Vec::new();
        let assigns = self.declared(context, &mut names)?;
        let variables = self.code.words.extend(names);
        self.variables.extend(variables.places());
        Ok((variables, assigns))
    }

    fn declared(&mut self, context: &str, names: &mut Vec<Rc<str>>) -> Outcome<bool> {
        loop {
            let mark = self.position;
            if self.skip_space() != Kind::Variable {
                return Ok(false);
            }
            let token = self.next();
            let name: Rc<str> = self.text_of(&token).into();
            match self.skip_space() {
                assign @ (Kind::Assign | Kind::Declare) => {
                    self.next();
                    names.push(name);
                    return Ok(assign == Kind::Assign);
                }
                Kind::Character if self.text_of(&self.tokens[self.position]) == "," => {
                    self.next();
                    names.push(name);
                    if context != "range" || names.len() > 1 {
                        return self.fault(token.start(), format!("too many declarations in {context}"));
                    }
                    let next = self.skip_space();
                    if !matches!(next, Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis) {
                        return self.fault(token.start(), "range can only initialize variables");
                    }
                }
                _ => {
                    self.position = mark;
                    return Ok(false);
                }
            }
        }
    }

    fn command(&mut self) -> Outcome<Command> {
        self.skip_space();
        let start = self.tokens[self.position].start();
        let mut end = start;
        let mark = self.operands.len();
        loop {
            self.skip_space();
            if let Some(operand) = self.operand()? {
                end = operand.span.end as usize;
                self.operands.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => {}
                Kind::RightDelimiter | Kind::RightParenthesis => {
                    self.position -= 1;
                    break;
                }
                Kind::Pipe => break,
                _ => return self.unexpected(&token, "operand"),
            }
        }
        if self.operands.len() == mark {
            return self.fault(start, "empty command");
        }
        let operands = self.code.operands.extend(self.operands.drain(mark..));
        Ok(Command { span: span(start, end), operands })
    }

    /// A term, possibly followed by fields.
    fn operand(&mut self) -> Outcome<Option<Operand>> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        if self.peek() != Kind::Field {
            return Ok(Some(operand));
        }
        let dot = self.tokens[self.position].start();
        let fields = self.path();
        operand.span.end = self.tokens[self.position - 1].end() as u32;
        operand.kind = match operand.kind {
            OperandKind::Variable(name, _) => OperandKind::Variable(name, fields),
            kind @ (OperandKind::Function(_) | OperandKind::Pipe(_)) => {
                let inner = self.code.operands.add(Operand { span: operand.span, kind });
                OperandKind::Chain(inner, fields)
            }
            _ => return self.fault(dot, "unexpected . after a literal"),
        };
        Ok(Some(operand))
    }

    /// The names of the fields from here on.
    fn path(&mut self) -> Run<Text> {
        while self.peek() == Kind::Field {
            let token = self.next();
            let name = self.field_name(&self.text_of(&token)[1..]);
            self.path.push(name);
        }
        self.code.texts.extend(self.path.drain(..))
    }

    fn term(&mut self) -> Outcome<Option<Operand>> {
        self.skip_space();
        let mark = self.position;
        let token = self.next();
        let text = self.text_of(&token);
        let kind = match token.kind {
            Kind::Identifier => match functions::find(text) {
                Some(function) => OperandKind::Function(function),
                None => return Err(self.unknown_function(&token)),
            },
            Kind::Dot => OperandKind::Dot,
            Kind::Keyword(Keyword::Nil) => OperandKind::Nil,
            Kind::Bool => OperandKind::Bool(text == "true"),
            Kind::Variable => match self.variables.iter().rev().find(|at| *self.code.words[**at] == *text) {
                Some(at) => OperandKind::Variable(*at, Run::default()),
                None => return self.fault(token.start(), format!("undefined variable {text:?}")),
            },
            Kind::Field => {
                self.position = mark;
                OperandKind::Field(self.path())
            }
            Kind::CharacterConstant => self.literal(&token, number::character(text))?,
            Kind::Number => self.literal(&token, number::number(text))?,
            Kind::Quoted | Kind::Raw => {
                let bytes = if token.kind == Kind::Raw { unquote::raw(text) } else { unquote::quoted(text) };
                match bytes {
                    Some(bytes) => OperandKind::Text(self.code.texts.add(bytes.into())),
                    None => return self.fault(token.start(), format!("invalid string literal {text}")),
                }
            }
            Kind::LeftParenthesis => {
                let pipe = self.nested(|p| p.pipeline("parenthesized pipeline", Kind::RightParenthesis))?;
                OperandKind::Pipe(self.code.pipes.add(pipe))
            }
            _ => {
                self.position = mark;
                return Ok(None);
            }
        };
        let end = self.tokens[self.position.saturating_sub(1)].end();
        Ok(Some(Operand { span: span(token.start(), end), kind }))
    }

    fn literal(&mut self, token: &Token, number: Result<number::Number, String>) -> Outcome<OperandKind> {
        match number {
            Ok(number) => Ok(OperandKind::Number(self.code.numbers.add(number))),
            Err(message) => self.fault(token.start(), message),
        }
    }

    fn unknown_function(&self, token: &Token) -> Box<Error> {
        let name = self.text_of(token);
        let mut error =
            Error::parse(self.source, token.start() as u32, format!("function {name:?} not defined"));
        error.hint = match name {
            "env" | "expandenv" => Some("Helm leaves the environment out of templates".to_owned()),
            _ => functions::nearest(name).map(|nearest| format!("did you mean {nearest:?}?")),
        };
        error
    }
}

fn starts_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Bool
            | Kind::CharacterConstant
            | Kind::Dot
            | Kind::Field
            | Kind::Identifier
            | Kind::Number
            | Kind::Keyword(Keyword::Nil)
            | Kind::Raw
            | Kind::Quoted
            | Kind::Variable
            | Kind::LeftParenthesis
    )
}
