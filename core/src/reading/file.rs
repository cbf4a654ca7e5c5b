//! The session list as a file, piece by piece: never more than some rows in memory, however
//! many sessions there are.

use super::{Result, list};
use crate::id::SiteKey;
use crate::listing::Search;
use crate::listing::file::{Export, Form};
use crate::store::{Index, Span, StoreError};
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

/// Walks the sessions of a file.
///
/// It goes on behind the last row that was read: sessions that come or go meanwhile neither
/// repeat nor hide another, and what is erased before its turn is not in it.
#[derive(Debug)]
pub struct File<I> {
    index: I,
    site: SiteKey,
    span: Span,
    form: Form,
    /// What is to be written before the next row.
    head: String,
    /// The next page; none behind the last.
    next: Option<Search>,
}

impl<I: Index> File<I> {
    /// The file of the sessions of `site` that started in `span`.
    pub fn new(index: I, site: SiteKey, span: Span, export: &Export) -> Self {
        Self {
            index,
            site,
            span,
            form: export.form,
            head: export.form.head(),
            next: Some(export.search()),
        }
    }

    /// The next bytes to send; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        while let Some(search) = &self.next {
            let page = list(&self.index, &self.site, self.span, search).await?;
            let mut out = mem::take(&mut self.head);
            for row in &page.sessions {
                let written = self.form.write(row, &mut out);
                written.map_err(|error| StoreError(alloc::format!("a row: {error}")))?;
            }
            self.next = page.next.map(|cursor| Search {
                cursor: Some(cursor),
                ..search.clone()
            });
            if !out.is_empty() {
                return Ok(Some(out.into_bytes()));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
