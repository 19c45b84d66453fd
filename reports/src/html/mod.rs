//! `report.html`: the whole storyline in one offline file, without a script or a network reference.
//!
//! The template in `templates/` lays out; everything it prints is prepared here as text or as a picture. askama escapes
//! all text; pictures are escaped where they are drawn.

mod bands;
mod breaker;
mod card;
mod gauge;
mod moment;
mod page;
mod panel;
mod spectrum;
mod table;
mod timeline;

pub(crate) use card::tied;
pub use page::render;
pub(crate) use page::{STYLE, tone, tone_of};
