//! The tokens of a document, one after the other, each with its place.

use async_graphql::Pos;

use crate::guard::scan::{Lexeme, lexeme};

/// A token of the lexical grammar (GraphQL, September 2025, section 2.1.5).
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    /// As it is written; empty at the end of the document.
    pub(super) text: &'a str,
    /// Where it starts, in bytes.
    pub(super) start: usize,
    /// Where it starts.
    pub(super) pos: Pos,
}

/// Reads tokens from the start of a text.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
    start: usize,
    pos: Pos,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text, start: 0, pos: Pos { line: 1, column: 1 } }
    }

    /// The next token. What is none at all comes as a token of one character, which fits nowhere.
    pub(super) fn token(&mut self) -> Token<'a> {
        loop {
            // Strings are closed, because the scan has refused all others.
            let (lexeme, length) = lexeme(self.rest.as_bytes()).unwrap_or((Lexeme::Ignored, self.rest.len()));
            let length = self.rest.ceil_char_boundary(length);
            let (text, rest) = self.rest.split_at(length);
            let token = Token { text, start: self.start, pos: self.pos };
            self.rest = rest;
            self.advance(text);
            if text.is_empty() || !matches!(lexeme, Lexeme::Ignored) {
                return token;
            }
        }
    }

    fn advance(&mut self, over: &str) {
        self.start = self.start.saturating_add(over.len());
        for &byte in over.as_bytes() {
            match byte {
                b'\r' => self.pos.column = 1,
                b'\n' => self.pos = Pos { line: self.pos.line.saturating_add(1), column: 1 },
                // The first byte of a character.
                0..=0x7F | 0xC0.. => self.pos.column = self.pos.column.saturating_add(1),
                _ => {}
            }
        }
    }
}

impl Token<'_> {
    /// Whether it is a name, keywords included.
    pub(super) fn is_name(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    }

    pub(super) fn is_number(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_digit() || first == '-')
    }

    /// Whether it may not follow a number at once.
    pub(super) fn continues_number(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_alphanumeric() || matches!(first, '_' | '.'))
    }

    pub(super) fn is_string(&self) -> bool {
        self.text.starts_with('"')
    }
}
