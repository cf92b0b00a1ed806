//! What machines read: robots.txt, the sitemap, llms.txt, the icon.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::Principal;

use crate::{address, assets, failure::Failure, state::Web};

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
    for shelf in web.desk.collections(&Principal::anonymous(), None).await? {
        text.push_str(&format!("\n## {}\n\n", shelf.collection.title));
        for link in shelf.articles {
            text.push_str(&format!("- [{}]({base}{}.md)\n", link.title, address::article(&link.slug)));
        }
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// `GET /favicon.ico`, for browsers that ask without reading the page.
pub(crate) async fn favicon() -> Redirect {
    Redirect::temporary(&format!("{}/icon.svg", assets::base()))
}

/// The public address, or the one that this request was made to.
fn base_url(web: &Web, headers: &HeaderMap) -> String {
    if let Some(base) = &web.desk.site().base_url {
        return base.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let is_plain =
        host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'));
    format!("http://{}", if is_plain { host } else { "localhost" })
}
