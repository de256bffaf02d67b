//! One file a protection, named like it.

mod access_log;
mod body;
mod client_address;
mod concurrency;
mod content_type;
mod cors;
mod csrf;
mod forwarded;
mod headers;
mod host;
mod https;
mod panic;
mod refusal;
mod request_id;
mod request_rate;
mod size;
mod stack;
mod subscriptions;
mod support;
