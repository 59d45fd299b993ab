//! Pipelines, commands and operands.

use std::rc::Rc;

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
            variables: variables.into(),
            assigns,
            commands: self.commands.drain(mark..).collect(),
        };
        self.check(&pipe, context)?;
        Ok(pipe)
    }

    fn check(&self, pipe: &Pipe, context: &str) -> Outcome<()> {
        let start = pipe.span.start as usize;
        if pipe.commands.is_empty() {
            return self.fault(start, format!("missing value for {context}"));
        }
        for (at, command) in pipe.commands.iter().enumerate().skip(1) {
            let literal = matches!(
                command.operands[0].kind,
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
    fn declarations(&mut self, context: &str) -> Outcome<(Vec<Rc<str>>, bool)> {
        let mut variables: Vec<Rc<str>> = Vec::new();
        loop {
            let mark = self.position;
            if self.skip_space() != Kind::Variable {
                return Ok((variables, false));
            }
            let token = self.next();
            let name: Rc<str> = self.text_of(&token).into();
            match self.skip_space() {
                assign @ (Kind::Assign | Kind::Declare) => {
                    let assigns = assign == Kind::Assign;
                    self.next();
                    self.variables.push(Rc::clone(&name));
                    variables.push(name);
                    return Ok((variables, assigns));
                }
                Kind::Character if self.text_of(&self.tokens[self.position]) == "," => {
                    self.next();
                    self.variables.push(Rc::clone(&name));
                    variables.push(name);
                    if context != "range" || variables.len() > 1 {
                        return self.fault(token.start(), format!("too many declarations in {context}"));
                    }
                    let next = self.skip_space();
                    if !matches!(next, Kind::Variable | Kind::RightDelimiter | Kind::RightParenthesis) {
                        return self.fault(token.start(), "range can only initialize variables");
                    }
                }
                _ => {
                    self.position = mark;
                    return Ok((variables, false));
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
        Ok(Command { span: span(start, end), operands: self.operands.drain(mark..).collect() })
    }

    /// A term, possibly followed by fields.
    fn operand(&mut self) -> Outcome<Option<Operand>> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        if self.peek() != Kind::Field {
            return Ok(Some(operand));
        }
        let dot = self.tokens[self.position].start();
        let mut fields = Vec::new();
        while self.peek() == Kind::Field {
            let token = self.next();
            operand.span.end = token.end() as u32;
            fields.push(self.field(token));
        }
        operand.kind = match operand.kind {
            OperandKind::Field(names) => OperandKind::Field(names.into_iter().chain(fields).collect()),
            OperandKind::Variable(name, _) => OperandKind::Variable(name, fields.into()),
            kind @ (OperandKind::Chain(..) | OperandKind::Function(_) | OperandKind::Pipe(_)) => {
                OperandKind::Chain(Box::new(Operand { span: operand.span, kind }), fields.into())
            }
            _ => return self.fault(dot, "unexpected . after a literal"),
        };
        Ok(Some(operand))
    }

    fn field(&mut self, token: Token) -> Text {
        self.field_name(&self.text_of(&token)[1..])
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
            Kind::Variable => match self.variables.iter().rev().find(|name| ***name == *text) {
                Some(name) => OperandKind::Variable(Rc::clone(name), [].into()),
                None => return self.fault(token.start(), format!("undefined variable {text:?}")),
            },
            Kind::Field => OperandKind::Field([self.field(token)].into()),
            Kind::CharacterConstant => self.literal(&token, number::character(text))?,
            Kind::Number => self.literal(&token, number::number(text))?,
            Kind::Quoted | Kind::Raw => {
                let bytes = if token.kind == Kind::Raw { unquote::raw(text) } else { unquote::quoted(text) };
                match bytes {
                    Some(bytes) => OperandKind::Text(bytes.into()),
                    None => return self.fault(token.start(), format!("invalid string literal {text}")),
                }
            }
            Kind::LeftParenthesis => {
                let pipe = self.nested(|p| p.pipeline("parenthesized pipeline", Kind::RightParenthesis))?;
                OperandKind::Pipe(Box::new(pipe))
            }
            _ => {
                self.position = mark;
                return Ok(None);
            }
        };
        let end = self.tokens[self.position.saturating_sub(1)].end();
        Ok(Some(Operand { span: span(token.start(), end), kind }))
    }

    fn literal(&self, token: &Token, number: Result<number::Number, String>) -> Outcome<OperandKind> {
        match number {
            Ok(number) => Ok(OperandKind::Number(Box::new(number))),
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
