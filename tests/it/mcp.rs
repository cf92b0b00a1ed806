//! Language models at `/mcp`: in both ways of the protocol, under the permissions and limits of the API.

use axum::http::Method;
use domain::Scope;
use serde_json::{Value, json};
use tests::{Answer, INVOICES, PASSWORD, TestApp, settings};

const HOST: (&str, &str) = ("host", "127.0.0.1");
const STATELESS: &str = "2026-07-28";

/// Sends a message with these headers.
async fn send(app: &TestApp, key: Option<&str>, message: Value, headers: &[(&str, &str)]) -> Answer {
    let own = [HOST, ("accept", "application/json, text/event-stream")];
    let has_host = headers.iter().any(|(name, _)| *name == "host");
    let own = own.iter().filter(|(name, _)| !(has_host && *name == "host"));
    let headers: Vec<(&str, &str)> = headers.iter().chain(own).copied().collect();
    app.send(Method::POST, "/mcp", key, Some(message), &headers).await
}

/// A request of a revision from 2025.
async fn legacy(app: &TestApp, key: &str, version: &str, method: &str, params: Value) -> Answer {
    let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    send(app, Some(key), message, &[("mcp-protocol-version", version)]).await
}

/// A request of the revision without sessions.
async fn stateless(app: &TestApp, key: &str, method: &str, mut params: Value) -> Answer {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
    });
    let name = params["name"].as_str().unwrap_or_default().to_owned();
    let message = json!({ "jsonrpc": "2.0", "id": "a", "method": method, "params": params });
    let mut headers = vec![("mcp-protocol-version", STATELESS), ("mcp-method", method)];
    if method == "tools/call" {
        headers.push(("mcp-name", &name));
    }
    send(app, Some(key), message, &headers).await
}

/// Calls a tool; gives the answer's result or error.
async fn call(app: &TestApp, key: &str, tool: &str, arguments: Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    let new = stateless(app, key, "tools/call", params.clone()).await.expect(200).json();
    assert_eq!((&new["jsonrpc"], &new["id"]), (&json!("2.0"), &json!("a")));
    new
}

fn names(listed: &Value) -> Vec<&str> {
    let tools = listed["result"]["tools"].as_array().expect("tools");
    tools.iter().map(|tool| tool["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn a_client_of_2025_begins_with_initialize_and_keeps_no_session() {
    let app = TestApp::start().await;
    let key = app.key(&[Scope::KbRead, Scope::TicketsWrite]).await;
    app.publish(&app.master_key().await, PASSWORD).await;
    for (asked, spoken) in
        [("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("2024-11-05", "2025-11-25")]
    {
        let hello = json!({
            "protocolVersion": asked, "capabilities": {}, "clientInfo": { "name": "test", "version": "1" },
        });
        let message = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello });
        let welcome = send(&app, Some(&key), message, &[]).await.expect(200);
        assert_eq!(welcome.header("content-type"), "application/json");
        assert_eq!(welcome.header("mcp-session-id"), "");
        let result = &welcome.json()["result"];
        assert_eq!(result["protocolVersion"], spoken);
        assert_eq!(result["serverInfo"]["name"], "askwell");
        assert!(
            result["capabilities"]["tools"].is_object() && result.get("resultType").is_none(),
            "{result}"
        );
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let ready = send(&app, Some(&key), ready, &[("mcp-protocol-version", spoken)]).await;
        assert_eq!((ready.status.as_u16(), ready.text.as_str()), (202, ""));
        assert_eq!(
            legacy(&app, &key, spoken, "ping", json!({})).await.expect(200).json()["result"],
            json!({})
        );
        let listed = legacy(&app, &key, spoken, "tools/list", json!({})).await.expect(200).json();
        assert_eq!(names(&listed), ["search_articles", "read_article", "open_ticket"]);
        let params = json!({ "name": "search_articles", "arguments": { "query": "reset password" } });
        let found = legacy(&app, &key, spoken, "tools/call", params).await.expect(200).json();
        assert_eq!(found["result"]["structuredContent"]["hits"][0]["slug"], PASSWORD.slug);
        let unknown = legacy(&app, &key, spoken, "server/discover", json!({})).await.expect(200).json();
        assert_eq!(unknown["error"]["code"], -32_601);
    }
}

#[tokio::test]
async fn a_client_of_2026_asks_without_a_greeting() {
    let app = TestApp::start().await;
    let key = app.key(&[Scope::KbRead]).await;
    let found = stateless(&app, &key, "server/discover", json!({})).await.expect(200).json();
    let result = &found["result"];
    assert_eq!(result["supportedVersions"], json!([STATELESS, "2025-11-25", "2025-06-18"]));
    assert_eq!((&result["resultType"], &result["cacheScope"]), (&json!("complete"), &json!("public")));
    assert!(result["ttlMs"].is_u64() && result["capabilities"]["tools"].is_object(), "{result}");
    let listed = stateless(&app, &key, "tools/list", json!({})).await.expect(200).json();
    assert_eq!(
        names(&listed),
        ["search_articles", "read_article"],
        "a key that reads is offered nothing else"
    );
    assert_eq!(listed["result"]["cacheScope"], "private");
    for method in ["initialize", "ping", "resources/list"] {
        let unknown = stateless(&app, &key, method, json!({})).await.expect(404).json();
        assert_eq!(unknown["error"]["code"], -32_601, "{method}");
    }

    // What headers and body say must agree, so that whatever stands between can go by the headers.
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS, "io.modelcontextprotocol/clientCapabilities": {},
    });
    let list = |meta: Value| json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": meta } });
    let (version, method) = (("mcp-protocol-version", STATELESS), ("mcp-method", "tools/list"));
    for (message, headers, code) in [
        (list(meta.clone()), vec![method], -32_020),
        (list(meta.clone()), vec![version], -32_020),
        (list(meta.clone()), vec![version, ("mcp-method", "tools/call")], -32_020),
        (list(meta.clone()), vec![version, method, method], -32_020),
        (list(meta.clone()), vec![("mcp-protocol-version", "2031-01-01"), method], -32_022),
        (
            list(json!({ "io.modelcontextprotocol/protocolVersion": "2025-11-25" })),
            vec![version, method],
            -32_020,
        ),
        (
            list(json!({ "io.modelcontextprotocol/protocolVersion": STATELESS })),
            vec![version, method],
            -32_602,
        ),
        (list(json!({})), vec![version, method], -32_602),
        (json!([list(meta.clone())]), vec![version, method], -32_600),
        (json!({ "jsonrpc": "1.0", "id": 1, "method": "tools/list" }), vec![version, method], -32_600),
        (json!({ "jsonrpc": "2.0", "id": null, "method": "ping" }), vec![], -32_600),
    ] {
        let refused = send(&app, Some(&key), message.clone(), &headers).await.expect(400).json();
        assert_eq!(refused["error"]["code"], code, "{message} {headers:?}: {refused}");
        if code == -32_022 {
            assert_eq!(refused["error"]["data"]["requested"], "2031-01-01");
        }
    }
    assert_eq!(send(&app, Some(&key), list(meta), &[version, method]).await.expect(200).json()["id"], 1);
}

#[tokio::test]
async fn only_a_key_from_this_site_or_a_program_is_heard() {
    let app = TestApp::start_at("https://help.example").await;
    let key = app.key(&[Scope::KbRead]).await;
    let ping = || json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let own = ("host", "help.example");
    for (headers, status) in [
        (vec![own], 200),
        (vec![("host", "127.0.0.1:8080")], 200),
        (vec![own, ("origin", "https://help.example")], 200),
        (vec![own, ("origin", "https://evil.example")], 403),
        (vec![own, ("origin", "null")], 403),
        (vec![("host", "evil.example")], 403),
        (vec![("host", "evil.example"), ("origin", "http://evil.example")], 403),
        (vec![("host", "help.example.evil.example")], 403),
    ] {
        let answer = send(&app, Some(&key), ping(), &headers).await;
        assert_eq!(answer.status, status, "{headers:?}: {}", answer.text);
        if status == 403 {
            assert_eq!(answer.problem(403)["type"], "/api#problem-cross-site");
        }
    }
    // No credential, one that is none, and one that is no key.
    for bearer in [None, Some("askwell_nonsense")] {
        let refused = send(&app, bearer, ping(), &[own]).await;
        refused.problem(401);
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
    let visitor = app.conversation().await.1;
    send(&app, Some(&visitor), ping(), &[own]).await.problem(403);
    // Nothing is pushed, and there is no session to end.
    for method in [Method::GET, Method::DELETE] {
        app.send(method, "/mcp", Some(&key), None, &[own]).await.problem(405);
    }
    let not_json = [own, ("content-type", "text/plain")];
    app.send(Method::POST, "/mcp", Some(&key), None, &not_json).await.problem(415);
}

#[tokio::test]
async fn a_model_reads_what_its_key_may_read() {
    let app = TestApp::start().await;
    let master = app.master_key().await;
    app.publish(&master, PASSWORD).await;
    let inner =
        json!({ "title": INVOICES.title, "locale": "en", "body": INVOICES.body, "audience": "agents" });
    app.publish_json(&master, inner).await;
    let (staff, public) = (app.key(&[Scope::KbRead]).await, app.key(&[Scope::ConversationsWrite]).await);
    for (key, sees) in [(&staff, true), (&public, false)] {
        let found = call(&app, key, "search_articles", json!({ "query": "invoices", "limit": 20 })).await;
        let hits = found["result"]["structuredContent"]["hits"].as_array().expect("hits").clone();
        assert_eq!(hits.iter().any(|hit| hit["slug"] == INVOICES.slug), sees, "{hits:?}");
        let read = call(&app, key, "read_article", json!({ "slug": INVOICES.slug })).await;
        assert_eq!(read["result"]["isError"], !sees, "{read}");
        let nothing = call(&app, key, "read_article", json!({ "slug": "nothing-at-all" })).await;
        if !sees {
            assert_eq!(read["result"], nothing["result"], "like what does not exist");
        }
    }
    let read = call(&app, &public, "read_article", json!({ "slug": PASSWORD.slug })).await;
    let article = &read["result"]["structuredContent"];
    assert_eq!(
        (&article["title"], &article["url"]),
        (&json!(PASSWORD.title), &json!("http://127.0.0.1/a/reset-your-password"))
    );
    assert_eq!(article["markdown"], PASSWORD.body);
    assert_eq!(
        serde_json::from_str::<Value>(read["result"]["content"][0]["text"].as_str().unwrap()).unwrap(),
        *article
    );
    let rest = call(&app, &public, "read_article", json!({ "slug": PASSWORD.slug, "offset": 5 })).await;
    assert_eq!(
        rest["result"]["structuredContent"]["markdown"],
        PASSWORD.body.chars().skip(5).collect::<String>()
    );

    let long = json!({ "title": "Long", "locale": "en", "body": "Word. ".repeat(10_000) });
    app.publish_json(&master, long).await;
    let (mut text, mut offset) = (String::new(), json!(0));
    while offset.is_u64() {
        let part = call(&app, &public, "read_article", json!({ "slug": "long", "offset": offset })).await;
        text.push_str(part["result"]["structuredContent"]["markdown"].as_str().unwrap());
        offset = part["result"]["structuredContent"]["next_offset"].clone();
    }
    assert_eq!(text.trim(), "Word. ".repeat(10_000).trim());

    // What a model can do better is a result that says so.
    for (tool, arguments, says) in [
        ("search_articles", json!({}), "query"),
        ("search_articles", json!({ "query": " " }), "q:"),
        ("search_articles", json!({ "query": "x", "everything": true }), "everything"),
        ("read_article", json!({ "slug": PASSWORD.slug, "locale": "no language" }), "locale"),
    ] {
        let told = call(&app, &public, tool, arguments).await;
        assert_eq!(told["result"]["isError"], true, "{told}");
        assert!(told["result"]["content"][0]["text"].as_str().unwrap().contains(says), "{told}");
    }
    let unknown = call(&app, &public, "burn_everything", json!({})).await;
    assert_eq!(unknown["error"]["code"], -32_602);
}

#[tokio::test]
async fn a_ticket_is_opened_with_the_scope_for_it_and_not_without() {
    let app = TestApp::start().await;
    let (reader, writer) = (app.key(&[Scope::KbRead]).await, app.key(&[Scope::TicketsWrite]).await);
    let master = app.master_key().await;
    let ticket = json!({
        "subject": "Broken", "body": "It is broken.", "customer_email": "cy@example.org", "priority": "high",
        "tags": ["from a model"],
    });
    // The typed refusal comes before anything is said of the arguments.
    for arguments in [ticket.clone(), json!({ "nonsense": 1 })] {
        let refused = call(&app, &reader, "open_ticket", arguments).await;
        assert_eq!(refused["error"]["code"], -32_003, "{refused}");
        assert_eq!(refused["error"]["data"]["required_scopes"], json!(["tickets:write"]));
        assert_eq!(refused["error"]["data"]["type"], "/api#problem-forbidden");
    }
    assert!(app.tickets(&master).await.is_empty());
    let opened = call(&app, &writer, "open_ticket", ticket).await;
    let opened = &opened["result"]["structuredContent"];
    let read = app.ticket(&master, opened["number"].as_i64().expect("a number")).await;
    assert_eq!((&read["id"], &read["subject"]), (&opened["id"], &json!("Broken")));
    assert_eq!((&read["priority"], &read["tags"]), (&json!("high"), &json!(["from-a-model"])));
    let refused = call(&app, &writer, "open_ticket", json!({ "body": "x", "team": "nowhere" })).await;
    assert_eq!(refused["result"]["isError"], true, "{refused}");
    assert_eq!(app.tickets(&master).await.len(), 1);
    let audit = app.get("/api/v1/audit?limit=1", Some(&master)).await.expect(200).json();
    assert_eq!(audit["entries"][0]["actor"]["kind"], "key", "{audit}");
}

#[tokio::test]
async fn models_are_counted_like_programs_and_a_revoked_key_is_dead() {
    let limits = json!({ "server": { "key_requests_per_minute": 3 } });
    let app = TestApp::start_with(settings(limits)).await;
    let key = app.key(&[Scope::KbRead]).await;
    let ping = || json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    for left in [2, 1, 0] {
        let answer = send(&app, Some(&key), ping(), &[]).await.expect(200);
        assert!(
            answer.header("ratelimit").starts_with(&format!("\"key\";r={left};")),
            "{:?}",
            answer.headers
        );
    }
    let refused = send(&app, Some(&key), ping(), &[]).await;
    refused.problem(429);
    assert!(refused.header("retry-after").parse::<u32>().is_ok());

    let master = app.master_key().await;
    let new = json!({ "name": "model", "scopes": ["kb:read"] });
    let made = app.post("/api/v1/keys", Some(&master), new).await.expect(201).json();
    let secret = made["secret"].as_str().unwrap();
    send(&app, Some(secret), ping(), &[]).await.expect(200);
    let path = format!("/api/v1/keys/{}", made["id"].as_str().unwrap());
    app.send(Method::DELETE, &path, Some(&master), None, &[]).await.expect(204);
    send(&app, Some(secret), ping(), &[]).await.problem(401);
}
