//! The HTTP side: connections, requests and media types.

pub mod json;
pub mod media_type;
pub mod request;
pub mod server;
pub mod tls;
