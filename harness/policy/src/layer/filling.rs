//! Filling: an answer that is being kept while it passes to its caller.
//!
//! One that breaks, is dropped, or turns out too large is not kept: half an answer is none (RFC 9111 section 3.3).

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, HeaderMap, TRANSFER_ENCODING};
use http::{Response, StatusCode};

use super::cache::{Asked, Landing};
use crate::{BodyEnd, Settle, Tap, Terms};

/// An answer that is all here.
#[derive(Debug)]
pub(super) struct Stored {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Stored {
    /// One whose body is still to come.
    pub(super) fn head(status: u16, headers: &HeaderMap) -> Self {
        let mut headers = headers.clone();
        // Of the message it came in, not of the answer.
        headers.remove(TRANSFER_ENCODING);
        headers.remove(CONNECTION);
        Self { status: StatusCode::from_u16(status).unwrap_or_default(), headers, body: Bytes::new() }
    }

    /// It, to be sent.
    pub(super) fn response(&self) -> Response<Bytes> {
        let mut response = Response::new(self.body.clone());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// An answer on its way, none once it is known not to be kept.
#[derive(Debug)]
pub(super) struct Filling(Option<Filled>);

#[derive(Debug)]
struct Filled {
    asked: Asked,
    /// None for one that is only for those who wait.
    terms: Option<Terms>,
    stored: Stored,
    body: BytesMut,
    most: u64,
}

impl Filling {
    pub(super) fn new(asked: Asked, terms: Option<Terms>, stored: Stored, most: u64) -> Self {
        Self(Some(Filled { asked, terms, stored, body: BytesMut::new(), most }))
    }
}

impl Tap for Filling {
    fn passes(&mut self, bytes: &Bytes) {
        let Some(filled) = &mut self.0 else { return };
        if (filled.body.len() + bytes.len()) as u64 <= filled.most {
            filled.body.extend_from_slice(bytes);
        } else if let Some(filled) = self.0.take() {
            filled.asked.tell(|| Landing::Alone);
        }
    }
}

impl Settle for Filling {
    fn settled(self: Box<Self>, end: BodyEnd) {
        let Some(filled) = self.0 else { return };
        match end {
            BodyEnd::Complete => filled.complete(),
            BodyEnd::Broke(failure) => filled.asked.tell(|| Landing::Failed(failure)),
            // Its caller has gone, and whoever waits for it asks anew.
            BodyEnd::Dropped => {}
        }
    }
}

impl Filled {
    fn complete(self) {
        let Self { asked, terms, stored, body, .. } = self;
        let stored = Arc::new(Stored { body: body.freeze(), ..stored });
        let Some(terms) = terms else { return asked.tell(|| Landing::Refused(Arc::clone(&stored))) };
        let Some(kept) = asked.shelf.dated(asked.at, &terms, stored) else {
            return asked.tell(|| Landing::Alone);
        };
        asked.shelf.keep(&asked.key, kept.clone());
        asked.tell(|| Landing::Served(kept.clone()));
    }
}
