//! Content negotiation: which media type a client gets, from its `Accept` (RFC 9110 section 12.5.1).

use std::cmp::Reverse;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use mime::Mime;

/// Elements of an `Accept` that are looked at; the rest is ignored. Real clients send at most ten.
const MAX_RANGES: usize = 64;

/// A media type that the server can answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`: 200 for every answer to a well-formed request.
    Json,
    /// `application/graphql-response+json`: the status tells whether the request failed.
    GraphqlResponse,
    /// `text/event-stream`: results as server-sent events.
    EventStream,
}

impl MediaType {
    /// The value of `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        }
    }

    const fn essence(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GraphqlResponse => "application/graphql-response+json",
            Self::EventStream => "text/event-stream",
        }
    }
}

/// What a client takes. Ranges that make no sense are left out, as if they had not been sent.
#[derive(Debug)]
pub struct Accept {
    /// In the order of the header; `*/*` alone when it says nothing.
    ranges: Vec<Range>,
}

impl Accept {
    /// What the `Accept` fields of a request say; everything, when there is none or they are empty.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let fields = headers.get_all(ACCEPT).iter().filter(|field| !field.is_empty());
        let mut fields = fields.map(|field| field.to_str().unwrap_or_default()).peekable();
        if fields.peek().is_none() {
            return Self { ranges: vec![Range { media: mime::STAR_STAR, quality: 1.0 }] };
        }
        Self { ranges: fields.flat_map(elements).take(MAX_RANGES).filter_map(Range::parse).collect() }
    }

    /// The one of `offers` that the client likes best, `None` when it takes none (406).
    ///
    /// The higher quality wins; then the more precise range (so that `*/*` never beats a type that is spelled out); then
    /// the one that is named first, as clients write their favourite first; then the first of `offers`. Server-sent
    /// events have to be spelled out: no client means them by `*/*`.
    #[must_use]
    pub fn negotiate(&self, offers: &[MediaType]) -> Option<MediaType> {
        let mut best: Option<(Rank, MediaType)> = None;
        for &offer in offers {
            let rank = self.rank(offer.essence());
            let rank = rank.filter(|rank| offer != MediaType::EventStream || rank.precision == Precision::Exact);
            if let Some(rank) = rank
                && best.is_none_or(|(highest, _)| rank > highest)
            {
                best = Some((rank, offer));
            }
        }
        best.map(|(_, offer)| offer)
    }

    /// Whether the client would rather have a page than an answer: it names `text/html`, as browsers do when a person
    /// opens the address, and no type of ours ranks as high.
    #[must_use]
    pub fn prefers_html(&self) -> bool {
        let ours = [MediaType::Json, MediaType::GraphqlResponse, MediaType::EventStream];
        self.rank("text/html").is_some_and(|html| {
            html.precision == Precision::Exact
                && ours.iter().all(|offer| self.rank(offer.essence()).is_none_or(|rank| html > rank))
        })
    }

    /// How much the client likes a type, by the most precise range that covers it; `None` when it does not take it.
    fn rank(&self, essence: &str) -> Option<Rank> {
        let covering = self.ranges.iter().enumerate().filter_map(|(position, range)| {
            let precision = range.covers(essence)?;
            Some(Rank { quality: range.quality, precision, position: Reverse(position) })
        });
        let closest = covering.max_by_key(|rank| (rank.precision, rank.position))?;
        (closest.quality > 0.0).then_some(closest)
    }
}

/// How much a client likes a type; the fields compare in this order.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Rank {
    quality: f32,
    precision: Precision,
    position: Reverse<usize>,
}

/// How closely a range describes a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Everything,
    Type,
    Exact,
}

/// One element of `Accept`: a media range with its quality, from 0 to 1.
#[derive(Debug)]
struct Range {
    media: Mime,
    quality: f32,
}

impl Range {
    /// `None` when the element is not a media range, its quality is no number from 0 to 1, or it asks for a charset that
    /// is not UTF-8. Other parameters are ignored: none of our types has any.
    fn parse(element: &str) -> Option<Self> {
        let media: Mime = element.parse().ok()?;
        let charset = media.get_param(mime::CHARSET);
        if charset.is_some_and(|charset| charset != "utf-8" && charset != "utf8") {
            return None;
        }
        let quality = media.get_param("q").map_or(Some(1.0), |quality| quality.as_str().parse().ok())?;
        (0.0..=1.0).contains(&quality).then_some(Self { media, quality })
    }

    fn covers(&self, essence: &str) -> Option<Precision> {
        if self.media.essence_str() == essence {
            return Some(Precision::Exact);
        }
        let (main_type, _) = essence.split_once('/')?;
        match (self.media.type_(), self.media.subtype()) {
            (mime::STAR, mime::STAR) => Some(Precision::Everything),
            (named, mime::STAR) if named == main_type => Some(Precision::Type),
            _ => None,
        }
    }
}

/// The elements of a comma-separated field, trimmed; a comma inside a quoted string separates nothing.
fn elements(field: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    field
        .split(move |character| {
            let separates = character == ',' && !quoted;
            if character == '"' && !escaped {
                quoted = !quoted;
            }
            escaped = character == '\\' && quoted && !escaped;
            separates
        })
        .map(str::trim)
        .filter(|element| !element.is_empty())
}
