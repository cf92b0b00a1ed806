//! Customers and organisations over the API: identities, domains, fields, notes, segments, history, merging and undoing it.

use axum::http::Method;
use domain::Scope;
use serde_json::{Value, json};
use tests::{Answer, TestApp};

const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

fn id(json: &Value) -> &str {
    json["id"].as_str().expect("an id")
}

fn keys<'v>(list: &'v Value, part: &str) -> Vec<&'v str> {
    list.as_array().expect("a list").iter().map(|one| one[part].as_str().unwrap_or_default()).collect()
}

async fn patch(app: &TestApp, key: &str, path: &str, body: Value) -> Answer {
    app.send(PATCH, &format!("/api/v1{path}"), Some(key), Some(body), &[]).await
}

async fn delete(app: &TestApp, key: &str, path: &str) -> Answer {
    app.send(DELETE, &format!("/api/v1{path}"), Some(key), None, &[]).await
}

/// Posts what is made; gives it.
async fn made(app: &TestApp, key: &str, path: &str, body: Value) -> Value {
    app.post(&format!("/api/v1{path}"), Some(key), body).await.expect(201).json()
}

async fn read(app: &TestApp, key: &str, path: &str) -> Value {
    app.get(&format!("/api/v1{path}"), Some(key)).await.expect(200).json()
}

/// Adds a customer with these addresses.
async fn customer(app: &TestApp, key: &str, name: &str, emails: &[&str]) -> Value {
    let identities: Vec<Value> =
        emails.iter().map(|email| json!({ "kind": "email", "value": email })).collect();
    made(app, key, "/customers", json!({ "name": name, "identities": identities })).await
}

/// Opens a ticket of somebody with this address.
async fn ticket_of(app: &TestApp, key: &str, email: &str) -> Value {
    let new = json!({ "subject": "Help", "body": "It leaks.", "customer": { "email": email } });
    made(app, key, "/tickets", new).await
}

#[tokio::test]
async fn customers_are_added_changed_and_listed_in_pages() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let many: Vec<Value> =
        (0..51).map(|n| json!({ "kind": "email", "value": format!("m{n}@example.org") })).collect();
    let many = json!({ "name": "Many", "identities": many });
    let refused = app.post("/api/v1/customers", Some(&key), many).await.problem(422);
    assert_eq!(refused["field"], "identities");
    for n in 0..5 {
        customer(&app, &key, &format!("Customer {n}"), &[&format!("c{n}@example.org")]).await;
    }
    let page = read(&app, &key, "/customers?limit=3").await;
    let rest =
        read(&app, &key, &format!("/customers?limit=3&after={}", page["next"].as_str().unwrap())).await;
    let mut names = keys(&page["customers"], "name");
    names.extend(keys(&rest["customers"], "name"));
    assert_eq!(names, ["Customer 0", "Customer 1", "Customer 2", "Customer 3", "Customer 4"]);
    assert_eq!(rest["next"], Value::Null);
    let one = read(&app, &key, "/customers?filter=email:C3@example.org").await;
    assert_eq!(keys(&one["customers"], "name"), ["Customer 3"]);
    assert_eq!(read(&app, &key, "/customers/count").await, json!({ "n": 5, "is_exact": true }));
    for list in ["customers", "organisations"] {
        app.get(&format!("/api/v1/{list}?after=%25"), Some(&key)).await.problem(422);
    }
    let wrong = app.get("/api/v1/customers?filter=status:open", Some(&key)).await.problem(422);
    assert_eq!(wrong["field"], "filter");

    let path = format!("/customers/{}", id(&one["customers"][0]));
    let change = json!({ "name": "Cy", "locale": "de", "tags": ["VIP"] });
    let if_match = [("if-match", "\"1\"")];
    let full = format!("/api/v1{path}");
    let changed = app.send(PATCH, &full, Some(&key), Some(change.clone()), &if_match).await.expect(200);
    assert_eq!((changed.header("etag"), &changed.json()["tags"]), ("\"2\"", &json!(["vip"])));
    app.send(PATCH, &full, Some(&key), Some(json!({ "name": "Di" })), &if_match).await.problem(412);
    let same = patch(&app, &key, &path, change).await.expect(200);
    assert_eq!(same.header("etag"), "\"2\"", "what is the same is no change");
    patch(&app, &key, &path, json!({ "email": "x@example.org" })).await.problem(400);
    assert_eq!(patch(&app, &key, &path, json!({ "locale": "nowhere!" })).await.status, 400);
    patch(&app, &key, &path, json!({ "organisation_by": "hand" })).await.problem(400);
    app.get("/api/v1/customers/nobody", Some(&key)).await.problem(404);
    let nothing = app.post("/api/v1/customers", Some(&key), json!({})).await.problem(422);
    assert_eq!(nothing["field"], "name");
    let taken = json!({ "identities": [{ "kind": "email", "value": "c1@example.org" }] });
    app.post("/api/v1/customers", Some(&key), taken).await.problem(409);

    // Scopes: reading and writing are two, and neither is that of tickets.
    let reader = app.key(&[Scope::CustomersRead]).await;
    app.get("/api/v1/customers", Some(&reader)).await.expect(200);
    patch(&app, &reader, &path, json!({ "name": "X" })).await.problem(403);
    app.get(&format!("{full}/history"), Some(&reader)).await.problem(403);
    let agent = app.key(&[Scope::TicketsRead, Scope::TicketsWrite]).await;
    app.get(&full, Some(&agent)).await.problem(403);
}

#[tokio::test]
async fn nobody_comes_to_a_customer_by_an_address_that_is_not_verified() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let eve = customer(&app, &key, "Eve", &["eve@example.org"]).await;
    let path = format!("/customers/{}/identities", id(&eve));
    let added = made(&app, &key, &path, json!({ "kind": "email", "value": "Cy@Example.org" })).await;
    let claim = added["identities"].as_array().unwrap().iter().find(|one| one["value"] == "cy@example.org");
    let claim = claim.expect("it was added").clone();
    assert_eq!((&claim["verified"], &claim["primary"]), (&json!(false), &json!(false)));
    patch(&app, &key, &format!("{path}/{}", id(&claim)), json!({ "primary": true })).await.problem(409);
    // Cy writes: they are somebody else, and the address is theirs.
    let ticket = ticket_of(&app, &key, "cy@example.org").await;
    assert_ne!(ticket["customer"]["id"], eve["id"]);
    let left = read(&app, &key, &format!("/customers/{}", id(&eve))).await;
    assert_eq!(keys(&left["identities"], "value"), ["eve@example.org"]);
    app.post(&format!("/api/v1{path}"), Some(&key), json!({ "kind": "email", "value": "cy@example.org" }))
        .await
        .problem(409);

    // What is verified is theirs: who writes from it is them, and answers can go there.
    let work = made(&app, &key, &path, json!({ "kind": "email", "value": "eve@work.example" })).await;
    let work = id(work["identities"].as_array().unwrap().last().unwrap()).to_owned();
    let verified =
        patch(&app, &key, &format!("{path}/{work}"), json!({ "verified": true, "primary": true })).await;
    assert_eq!(verified.expect(200).json()["email"], "eve@work.example");
    assert_eq!(ticket_of(&app, &key, "eve@work.example").await["customer"]["id"], eve["id"]);
    patch(&app, &key, &format!("{path}/{work}"), json!({ "primary": false })).await.problem(422);
    let phone = json!({ "kind": "phone", "value": "+49 30 901820", "verified": true });
    let phone = made(&app, &key, &path, phone).await;
    let number = phone["identities"].as_array().unwrap().iter().find(|one| one["kind"] == "phone").unwrap();
    assert_eq!(number["value"], "+4930901820");
    patch(&app, &key, &format!("{path}/{}", id(number)), json!({ "primary": true })).await.problem(422);
    let wrong = json!({ "kind": "phone", "value": "call me" });
    app.post(&format!("/api/v1{path}"), Some(&key), wrong).await.problem(422);
    let found = read(&app, &key, "/customers?filter=phone:%2B4930901820").await;
    assert_eq!(keys(&found["customers"], "id"), [id(&eve)]);
    let gone = delete(&app, &key, &format!("{path}/{work}")).await.expect(200).json();
    assert_eq!(gone["email"], Value::Null, "the other address is not verified");
    delete(&app, &key, &format!("{path}/{work}")).await.problem(404);
}

#[tokio::test]
async fn a_domain_says_who_belongs_unless_somebody_else_does() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let cy = customer(&app, &key, "Cy", &["cy@acme.example"]).await;
    let acme = json!({ "name": "Acme Inc", "domains": ["ACME.example"], "external_id": "crm-7" });
    let acme = made(&app, &key, "/organisations", acme).await;
    let path = format!("/organisations/{}", id(&acme));
    let of = async |customer: &Value| {
        read(&app, &key, &format!("/customers/{}", id(customer))).await["organisation"]["name"].clone()
    };
    assert_eq!(of(&cy).await, "Acme Inc");
    for (body, status) in [
        (json!({ "name": "Acme Inc" }), 409),
        (json!({ "name": "Bolt", "domains": ["acme.example"] }), 409),
        (json!({ "name": "Bolt", "domains": ["gmail.com"] }), 422),
        (json!({ "name": "Bolt", "domains": ["%"] }), 422),
        (json!({ "name": " " }), 422),
        (json!({ "name": "Bolt", "site_id": 1 }), 400),
    ] {
        let answer = app.post("/api/v1/organisations", Some(&key), body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    for lookup in ["name=Acme%20Inc", "domain=acme.example", "external_id=crm-7"] {
        let found = read(&app, &key, &format!("/organisations?{lookup}")).await;
        assert_eq!(keys(&found["organisations"], "id"), [id(&acme)], "{lookup}");
    }
    app.get("/api/v1/organisations?name=a&domain=b", Some(&key)).await.problem(400);

    // Tickets have it from when they are opened on.
    let ticket = ticket_of(&app, &key, "di@acme.example").await;
    assert_eq!(ticket["organisation"]["name"], "Acme Inc");
    let di = json!({ "id": ticket["customer"]["id"] });
    assert_eq!(of(&di).await, "Acme Inc");
    patch(&app, &key, &format!("/customers/{}", id(&di)), json!({ "organisation_id": null }))
        .await
        .expect(200);
    assert_eq!(of(&di).await, Value::Null);
    let kept = read(&app, &key, &format!("/tickets/{}", id(&ticket))).await;
    assert_eq!(kept["organisation"]["name"], "Acme Inc");
    let listed = read(&app, &key, "/tickets?filter=organisation:%22Acme%20Inc%22").await;
    assert_eq!(keys(&listed["tickets"], "id"), [id(&ticket)]);
    let changed =
        patch(&app, &key, &format!("/tickets/{}", id(&ticket)), json!({ "organisation_id": null })).await;
    assert_eq!(changed.expect(200).json()["organisation"], Value::Null);
    let history = read(&app, &key, &format!("/tickets/{}", id(&ticket))).await["history"].clone();
    assert!(keys(&history, "field").contains(&"organisation"), "{history}");
    patch(&app, &key, &format!("/tickets/{}", id(&ticket)), json!({ "organisation_id": "x" }))
        .await
        .problem(422);
    patch(&app, &key, &format!("/tickets/{}", id(&ticket)), json!({ "organisation_id": acme["id"] }))
        .await
        .expect(200);
    delete(&app, &key, &path).await.problem(409);

    // What somebody said stays; what the domain said goes with it.
    let moved = json!({ "domains": ["acme.test"] });
    let answer =
        app.send(PATCH, &format!("/api/v1{path}"), Some(&key), Some(moved), &[("if-match", "\"1\"")]).await;
    assert_eq!(answer.expect(200).header("etag"), "\"2\"");
    assert_eq!(of(&cy).await, Value::Null);
    let by_hand = json!({ "organisation_id": acme["id"] });
    patch(&app, &key, &format!("/customers/{}", id(&cy)), by_hand).await.expect(200);
    assert_eq!(of(&cy).await, "Acme Inc");
    let again =
        patch(&app, &key, &format!("/customers/{}", id(&cy)), json!({ "organisation_by": "domain" })).await;
    assert_eq!(again.expect(200).json()["organisation"], Value::Null);
    // Both at once only where they say the same.
    let path_of_cy = format!("/customers/{}", id(&cy));
    for (organisation, by, status) in [
        (json!(acme["id"]), "domain", 422),
        (Value::Null, "domain", 200),
        (json!(acme["id"]), "hand", 200),
        (json!(acme["id"]), "domain", 422),
    ] {
        let before = read(&app, &key, &path_of_cy).await;
        let change = json!({ "organisation_id": organisation, "organisation_by": by });
        let answer = patch(&app, &key, &path_of_cy, change).await;
        assert_eq!(answer.status, status, "{organisation} {by}");
        if status == 422 {
            assert_eq!(answer.problem(422)["field"], "organisation_by");
            assert_eq!(read(&app, &key, &path_of_cy).await, before, "nothing was changed");
        }
    }
    patch(&app, &key, &path_of_cy, json!({ "organisation_id": null })).await.expect(200);
    patch(&app, &key, &format!("/tickets/{}", id(&ticket)), json!({ "organisation_id": null }))
        .await
        .expect(200);
    delete(&app, &key, &path).await.expect(204);
    app.get(&format!("/api/v1{path}"), Some(&key)).await.problem(404);
}

#[tokio::test]
async fn customers_and_organisations_have_fields_and_notes_of_their_own() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let acme = made(&app, &key, "/organisations", json!({ "name": "Acme" })).await;
    let field =
        |of: &str, key: &str, kind: Value| json!({ "of": of, "key": key, "title": key, "kind": kind });
    made(&app, &key, "/fields", field("customer", "plan", json!({ "type": "text" }))).await;
    made(&app, &key, "/fields", field("ticket", "plan", json!({ "type": "number" }))).await;
    made(&app, &key, "/fields", field("organisation", "parent", json!({ "type": "organisation" }))).await;
    let mut shown = field("customer", "boss", json!({ "type": "customer" }));
    shown["show_when"] = json!("tag:vip");
    made(&app, &key, "/fields", shown).await;
    for (part, value) in [("show_when", json!("tag:vip")), ("required", json!("on_solve"))] {
        let mut wrong = field("organisation", "x", json!({ "type": "text" }));
        wrong[part] = value;
        assert_eq!(app.post("/api/v1/fields", Some(&key), wrong).await.problem(422)["field"], part);
    }
    let fields = read(&app, &key, "/fields?of=customer").await;
    assert_eq!(keys(&fields["fields"], "key"), ["boss", "plan"]);
    app.get("/api/v1/fields?of=agent", Some(&key)).await.problem(400);
    let renamed = patch(&app, &key, "/fields/plan?of=customer", json!({ "title": "Plan" })).await.expect(200);
    assert_eq!(renamed.json()["of"], "customer");
    patch(&app, &key, "/fields/boss", json!({ "title": "Boss" })).await.problem(404);

    let cy = customer(&app, &key, "Cy", &["cy@example.org"]).await;
    let path = format!("/customers/{}", id(&cy));
    let with = patch(&app, &key, &path, json!({ "fields": { "plan": "pro" }, "tags": ["vip"] })).await;
    let with = with.expect(200).json();
    assert_eq!((&with["fields"]["plan"], &with["shown_fields"]), (&json!("pro"), &json!(["boss", "plan"])));
    patch(&app, &key, &path, json!({ "fields": { "boss": "nobody" } })).await.problem(422);
    patch(&app, &key, &path, json!({ "fields": { "parent": "x" } })).await.problem(422);
    let found = read(&app, &key, "/customers?filter=field.plan:pro").await;
    assert_eq!(keys(&found["customers"], "id"), [id(&cy)]);
    let org = format!("/organisations/{}", id(&acme));
    patch(&app, &key, &org, json!({ "fields": { "parent": "x" } })).await.problem(422);
    let own = patch(&app, &key, &org, json!({ "fields": { "parent": acme["id"] } })).await.expect(200).json();
    assert_eq!(own["fields"]["parent"], acme["id"]);

    for path in [path, org] {
        let notes = format!("{path}/notes");
        let first = made(&app, &key, &notes, json!({ "body": "Likes *Earl Grey*." })).await;
        made(&app, &key, &notes, json!({ "body": "Second." })).await;
        let listed = read(&app, &key, &notes).await;
        assert_eq!(keys(&listed["notes"], "body"), ["Second.", "Likes *Earl Grey*."]);
        assert!(listed["notes"][0]["author_id"].is_string());
        app.post(&format!("/api/v1{notes}"), Some(&key), json!({ "body": " " })).await.problem(422);
        delete(&app, &key, &format!("{notes}/{}", id(&first))).await.expect(204);
        delete(&app, &key, &format!("{notes}/{}", id(&first))).await.problem(404);
    }
    let log = read(&app, &key, "/audit?limit=100").await.to_string();
    assert!(log.contains("customer.noted") && log.contains("organisation.note_deleted"));
    assert!(!log.contains("Earl"), "the audit log holds no words");
}

#[tokio::test]
async fn a_segment_holds_whom_its_filter_admits_now() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let cy = customer(&app, &key, "Cy", &["cy@example.org"]).await;
    customer(&app, &key, "Di", &["di@example.org"]).await;
    let gold = json!({ "key": "gold", "name": "Gold", "filter": "tag:vip verified:no" });
    made(&app, &key, "/segments", gold.clone()).await;
    app.post("/api/v1/segments", Some(&key), gold).await.problem(409);
    for (body, field) in [
        (json!({ "key": "A", "name": "x", "filter": "" }), "key"),
        (json!({ "key": "a", "name": "", "filter": "" }), "name"),
        (json!({ "key": "a", "name": "x", "filter": "tag>1" }), "filter"),
        (json!({ "key": "a", "name": "x", "filter": "field.none:1" }), "filter"),
    ] {
        assert_eq!(app.post("/api/v1/segments", Some(&key), body).await.problem(422)["field"], field);
    }
    let members = async || read(&app, &key, "/segments/gold/customers").await;
    assert_eq!(members().await["n"], 0);
    let path = format!("/customers/{}", id(&cy));
    patch(&app, &key, &path, json!({ "tags": ["vip"] })).await.expect(200);
    let now = members().await;
    assert_eq!((&now["n"], keys(&now["customers"], "name")), (&json!(1), vec!["Cy"]));
    assert_eq!(read(&app, &key, &path).await["segments"], json!(["gold"]));
    let wide = app
        .send(
            PATCH,
            "/api/v1/segments/gold",
            Some(&key),
            Some(json!({ "filter": "" })),
            &[("if-match", "\"1\"")],
        )
        .await;
    assert_eq!(wide.expect(200).header("etag"), "\"2\"");
    assert_eq!(members().await["n"], 2);
    // An article for the segment keeps it.
    let article = json!({ "title": "For gold", "locale": "en", "body": "Text.", "audience": "segment:gold" });
    let article = made(&app, &key, "/articles", article).await;
    delete(&app, &key, "/segments/gold").await.problem(409);
    patch(&app, &key, &format!("/articles/{}", id(&article)), json!({ "audience": "public" }))
        .await
        .expect(200);
    delete(&app, &key, "/segments/gold").await.expect(204);
    let nobody = json!({ "audience": "segment:gold" });
    let refused = patch(&app, &key, &format!("/articles/{}", id(&article)), nobody).await.problem(422);
    assert_eq!(refused["field"], "audience");
    let nobody = json!({ "title": "x", "locale": "en", "body": "Text.", "audience": "segment:nope" });
    app.post("/api/v1/articles", Some(&key), nobody).await.problem(422);
    app.get("/api/v1/segments/gold/customers", Some(&key)).await.problem(404);
    let writer = app.key(&[Scope::CustomersRead, Scope::CustomersWrite]).await;
    let mine = json!({ "key": "b", "name": "B", "filter": "" });
    app.post("/api/v1/segments", Some(&writer), mine).await.problem(403);
}

#[tokio::test]
async fn history_is_one_time_line_without_what_one_may_not_see() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    for team in ["billing", "sales"] {
        made(&app, &key, "/teams", json!({ "key": team, "name": team })).await;
    }
    let open = async |team: &str, words: &str| {
        let new = json!({ "subject": words, "body": words, "team": team, "customer": { "email": "cy@example.org" } });
        made(&app, &key, "/tickets", new).await
    };
    let first = open("billing", "An invoice").await;
    app.write(&key, &first, "reply", "Here it is.").await;
    app.write(&key, &first, "note", "Pays late.").await;
    open("sales", "A secret offer").await;
    let talk = app.conversation().await;
    app.ask(&talk, "Is there anybody?").await;
    app.hand_off(&talk, json!({ "email": "cy@example.org", "message": "Call me." })).await;
    let path = format!("/customers/{}/history", first["customer"]["id"].as_str().unwrap());
    let whole = read(&app, &key, &path).await;
    let what = keys(&whole["items"], "what");
    assert_eq!(what.iter().filter(|what| **what == "ticket").count(), 3, "{whole}");
    assert_eq!(what.iter().filter(|what| **what == "conversation").count(), 1, "{whole}");
    let mut after = String::new();
    let mut paged = vec![];
    loop {
        let page = read(&app, &key, &format!("{path}?limit=2{after}")).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(json!(paged), whole["items"], "pages neither repeat nor miss");
    let limited = app.key_of_teams(&Scope::ALL, Some(&["billing"])).await;
    let seen = read(&app, &limited, &path).await.to_string();
    assert!(seen.contains("Here it is.") && seen.contains("Pays late."), "{seen}");
    assert!(!seen.contains("secret offer") && !seen.contains("Call me."), "{seen}");
    app.get(&format!("/api/v1{path}?after=x"), Some(&key)).await.problem(422);
    app.get("/api/v1/customers/nobody/history", Some(&key)).await.problem(404);
}

#[tokio::test]
async fn tickets_are_found_by_a_changed_name() {
    let app = TestApp::start().await;
    let key = app.master_key().await;
    let ticket = ticket_of(&app, &key, "cy@example.org").await;
    let find = async |words: &str| {
        app.desk().follow_tickets(&mut |_| {}).await.unwrap();
        let found = read(&app, &key, &format!("/tickets/search?q={words}")).await;
        found["hits"].as_array().unwrap().len()
    };
    assert_eq!(find("Zebulon").await, 0);
    let path = format!("/customers/{}", ticket["customer"]["id"].as_str().unwrap());
    patch(&app, &key, &path, json!({ "name": "Zebulon" })).await.expect(200);
    assert_eq!(find("Zebulon").await, 1);
}
