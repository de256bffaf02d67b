//! Content negotiation: which media type a client gets, from its `Accept` (RFC 9110 section 12.5.1).

use std::cmp::Reverse;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use mediatype::names::{_STAR, APPLICATION, CHARSET, EVENT_STREAM, HTML, JSON, TEXT};
use mediatype::{MediaTypeBuf, MediaTypeList, Name, ReadParams};

use crate::edge::MediaType;

/// Elements of an `Accept` that are looked at; the rest is ignored. Real clients send at most ten.
const MAX_RANGES: usize = 64;
/// The parameter of a media range that says how much it is liked.
const QUALITY: Name<'static> = Name::new_unchecked("q");

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
            let everything = mediatype::MediaType::new(_STAR, _STAR);
            return Self { ranges: vec![Range { media: everything.into(), quality: 1.0 }] };
        }
        let elements = fields.flat_map(MediaTypeList::new).take(MAX_RANGES);
        Self { ranges: elements.filter_map(|element| Range::new(&element.ok()?)).collect() }
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
            let rank = self.rank(&essence(offer));
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
        self.rank(&mediatype::MediaType::new(TEXT, HTML)).is_some_and(|html| {
            html.precision == Precision::Exact
                && ours.iter().all(|offer| self.rank(&essence(*offer)).is_none_or(|rank| html > rank))
        })
    }

    /// How much the client likes a type, by the most precise range that covers it; `None` when it does not take it.
    fn rank(&self, essence: &mediatype::MediaType<'_>) -> Option<Rank> {
        let covering = self.ranges.iter().enumerate().filter_map(|(position, range)| {
            let precision = range.covers(essence)?;
            Some(Rank { quality: range.quality, precision, position: Reverse(position) })
        });
        let closest = covering.max_by_key(|rank| (rank.precision, rank.position))?;
        (closest.quality > 0.0).then_some(closest)
    }
}

/// The media type without its parameters.
const fn essence(media_type: MediaType) -> mediatype::MediaType<'static> {
    match media_type {
        MediaType::Json => mediatype::MediaType::new(APPLICATION, JSON),
        MediaType::GraphqlResponse => {
            let subtype = Name::new_unchecked("graphql-response");
            mediatype::MediaType::from_parts(APPLICATION, subtype, Some(JSON), &[])
        }
        MediaType::EventStream => mediatype::MediaType::new(TEXT, EVENT_STREAM),
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
    media: MediaTypeBuf,
    quality: f32,
}

impl Range {
    /// `None` when the quality is no number from 0 to 1, or the range asks for a charset that is not UTF-8. Other
    /// parameters are ignored: none of our types has any.
    fn new(media: &mediatype::MediaType<'_>) -> Option<Self> {
        let charset = media.get_param(CHARSET).map(|charset| charset.unquoted_str().to_ascii_lowercase());
        if charset.is_some_and(|charset| charset != "utf-8" && charset != "utf8") {
            return None;
        }
        let quality = media.get_param(QUALITY).map_or(Some(1.0), |quality| quality.as_str().parse().ok())?;
        (0.0..=1.0).contains(&quality).then(|| Self { media: media.essence().into(), quality })
    }

    fn covers(&self, essence: &mediatype::MediaType<'_>) -> Option<Precision> {
        if self.media == *essence {
            return Some(Precision::Exact);
        }
        if self.media.subty() != _STAR {
            return None;
        }
        if self.media.ty() == _STAR {
            return Some(Precision::Everything);
        }
        (self.media.ty() == essence.ty).then_some(Precision::Type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    const ALL: &[MediaType] = &[MediaType::Json, MediaType::GraphqlResponse, MediaType::EventStream];

    fn accept(fields: &[&str]) -> Accept {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(ACCEPT, HeaderValue::from_str(field).unwrap());
        }
        Accept::from_headers(&headers)
    }

    #[test]
    fn clients_get_what_they_like_best() {
        use MediaType::{EventStream, GraphqlResponse, Json};
        let cases = [
            // Apollo Client, the draft's recommendation
            ("application/graphql-response+json,application/json;q=0.9", Some(GraphqlResponse)),
            // urql: operations, then subscriptions
            (
                "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
                Some(GraphqlResponse),
            ),
            ("text/event-stream, multipart/mixed", Some(EventStream)),
            // GraphiQL
            ("application/json, multipart/mixed", Some(Json)),
            // graphql-http's audits
            ("application/json", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            ("application/json; charset=utf-8", Some(Json)),
            ("application/graphql-response+json; charset=utf-8", Some(GraphqlResponse)),
            ("application/graphql-response+json; charset=UTF-8; q=0.1", Some(GraphqlResponse)),
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("", Some(Json)),
            // a browser
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", Some(Json)),
            // quality first
            ("application/json;q=0.5, application/graphql-response+json;q=0.6", Some(GraphqlResponse)),
            ("application/graphql-response+json;q=0.5, */*", Some(Json)),
            ("application/json;q=0, */*", Some(GraphqlResponse)),
            ("application/json;q=0.000", None),
            ("*/*;q=0", None),
            // then precision
            ("*/*, application/graphql-response+json", Some(GraphqlResponse)),
            ("application/*, application/graphql-response+json", Some(GraphqlResponse)),
            // then order
            ("application/json, application/graphql-response+json", Some(Json)),
            ("application/graphql-response+json, application/json", Some(GraphqlResponse)),
            // case, spaces, quotes, other parameters
            ("APPLICATION/JSON", Some(Json)),
            (" , application/json ;q=1.0 ,", Some(Json)),
            (r#"text/plain; x="\", application/json""#, None),
            ("application/json; profile=x", Some(Json)),
            // nothing of ours
            ("text/html", None),
            ("text/*", None),
            ("application/xml", None),
            ("application/json; charset=iso-8859-1", None),
            ("application/json; q=2", None),
            ("application/json; q=-1", None),
            ("application/json; q=nan", None),
            ("application/json; q=", None),
            ("application/jsonp", None),
            ("garbage", None),
            (";;;", None),
            ("é", None),
        ];
        for (field, expected) in cases {
            assert_eq!(accept(&[field]).negotiate(ALL), expected, "{field:?}");
        }
        assert_eq!(accept(&[]).negotiate(ALL), Some(Json));
        assert_eq!(accept(&["text/html", "application/graphql-response+json"]).negotiate(ALL), Some(GraphqlResponse));
    }

    #[test]
    fn only_what_is_offered_is_chosen() {
        let accept = accept(&["text/event-stream, application/json;q=0.5"]);
        assert_eq!(accept.negotiate(ALL), Some(MediaType::EventStream));
        assert_eq!(accept.negotiate(&[MediaType::Json]), Some(MediaType::Json));
        assert_eq!(accept.negotiate(&[MediaType::GraphqlResponse]), None);
        assert_eq!(accept.negotiate(&[]), None);
    }

    #[test]
    fn browsers_prefer_a_page() {
        for (field, page) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8", true),
            ("text/html", true),
            ("text/html;q=0.5, */*;q=0.5", true),
            ("text/html, application/json", true),
            ("application/json, text/html", false),
            ("text/html;q=0.5, application/json", false),
            ("text/html;q=0", false),
            ("application/json", false),
            ("text/event-stream", false),
            ("text/*", false),
            ("*/*", false),
            ("", false),
        ] {
            assert_eq!(accept(&[field]).prefers_html(), page, "{field:?}");
        }
    }

    #[test]
    fn only_the_first_elements_are_looked_at() {
        let filler = "a/b,".repeat(MAX_RANGES - 1);
        assert_eq!(accept(&[&format!("{filler}application/json")]).negotiate(ALL), Some(MediaType::Json));
        assert_eq!(accept(&[&format!("{filler}a/b,application/json")]).negotiate(ALL), None);
    }

    proptest! {
        #[test]
        fn any_field_has_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut headers = HeaderMap::new();
            if let Ok(field) = HeaderValue::from_bytes(&bytes) {
                headers.insert(ACCEPT, field);
            }
            let accept = Accept::from_headers(&headers);
            prop_assert!(!(accept.negotiate(ALL).is_some() && accept.ranges.is_empty()));
            let _ = accept.prefers_html();
        }
    }
}
