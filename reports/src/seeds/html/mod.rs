//! Several seeds as one offline HTML file, in the clothes of the page on one run.
//!
//! How often each check held is a bar, how far chance moves a measure a strip with a dot for each seed, and all seeds
//! stand as squares. The template in `templates/` lays out; what it prints is prepared here as text or as a picture.

mod bar;
mod measure;
mod page;
mod squares;
mod strip;

pub use page::render;
