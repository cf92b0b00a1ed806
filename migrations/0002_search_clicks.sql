-- Which searches led to an article: they become other ways to find it.

CREATE INDEX searches_by_click ON searches (clicked_article_id, locale, query);
