//! What machines read: robots.txt, the sitemap, llms.txt, the icon.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::Principal;

use super::home::unshelved;
use crate::{address, assets, failure::Failure, page::base_url, state::Web};

/// `GET /robots.txt`
pub(crate) async fn robots(State(web): State<Web>, headers: HeaderMap) -> String {
    let base = base_url(&web, &headers);
    format!("User-agent: *\nDisallow: /app\nDisallow: /ask\nDisallow: /search\nSitemap: {base}/sitemap.xml\n")
}

/// `GET /sitemap.xml`
pub(crate) async fn sitemap(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Failure> {
    let base = base_url(&web, &headers);
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for link in web.desk.sitemap().await? {
        xml.push_str(&format!("<url><loc>{base}{}</loc></url>\n", address::article(&link.slug)));
    }
    xml.push_str("</urlset>\n");
    Ok(([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], xml).into_response())
}

/// `GET /llms.txt`: every public article with the address of its Markdown (llmstxt.org).
pub(crate) async fn llms(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Failure> {
    let base = base_url(&web, &headers);
    let mut text = format!("# {}\n\n> Help center. Every page is also Markdown.\n", web.desk.site().name);
    let shelves = web.desk.collections(&Principal::anonymous(), None).await?;
    let others = unshelved(&web, &shelves).await?;
    let shelves = shelves.into_iter().map(|shelf| (shelf.collection.title, shelf.articles));
    for (title, articles) in shelves.chain([("Other articles".to_owned(), others)]) {
        if articles.is_empty() {
            continue;
        }
        text.push_str(&format!("\n## {title}\n\n"));
        for link in articles {
            text.push_str(&format!("- [{}]({base}{}.md)\n", link.title, address::article(&link.slug)));
        }
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// `GET /favicon.ico`, for browsers that ask without reading the page.
pub(crate) async fn favicon() -> Redirect {
    Redirect::temporary(&format!("{}/icon.svg", assets::base()))
}
