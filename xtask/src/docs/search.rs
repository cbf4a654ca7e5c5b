//! What is searched in the browser: the text below each heading of each page.

use serde_json::{Value, json};

use super::markdown::{Outline, Rendered};
use super::source::Document;

/// Where the script of the pages finds it.
pub(super) const ADDRESS: &str = "/docs/search.json";

/// `[[address, title, [[anchor, heading, text]…]]…]`
pub(super) fn index(documents: &[Document], outlines: &[Outline], rendered: &[Rendered]) -> String {
    let pages =
        documents
            .iter()
            .zip(outlines)
            .zip(rendered)
            .map(|((document, outline), rendered)| {
                let sections = outline.headings.iter().zip(&rendered.sections);
                let sections: Vec<Value> = sections
                    .map(|(heading, text)| json!([heading.id, heading.text, squeezed(text)]))
                    .collect();
                json!([document.address, outline.title(), sections])
            });
    Value::Array(pages.collect()).to_string()
}

/// With one space where there were several, or lines.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
