//! Lists that come in pages.

use std::future::Future;

use crate::provider::Error;

/// Collects the pages of a list: `page` fetches the one behind a token, and gives its items and the next token.
pub(super) async fn pages<T, Fut>(mut page: impl FnMut(Option<String>) -> Fut) -> Result<Vec<T>, Error>
where
    Fut: Future<Output = Result<(Option<Vec<T>>, Option<String>), Error>>,
{
    let mut items = Vec::new();
    let mut next = None;
    loop {
        let (more, token) = page(next).await?;
        items.extend(more.unwrap_or_default());
        next = token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(items);
        }
    }
}
