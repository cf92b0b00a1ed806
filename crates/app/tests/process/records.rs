//! Keys, backups, and what `reindex` and `doctor` say.

use crate::program::{Folder, Server, askwell, finish, names_in};

const PASSWORD: &str = "# Reset your password\n\nOpen the sign-in page and choose **Forgot password**.\n";

#[test]
fn a_key_stands_alone_on_the_last_line() {
    let folder = Folder::new();
    let made = folder.succeed(&["key", "create", "--scopes", "kb:read,kb:write,tickets:read,tickets:write"]);
    let key = made.out.lines().last().expect("a last line");
    assert!(key.starts_with("askwell_") && key.len() > 64 && !key.contains(' '), "{key}");
    let listed = folder.json(&["key", "list"]);
    assert_eq!(listed[0]["scopes"].as_array().map(Vec::len), Some(4), "{listed}");
    assert!(!listed.to_string().contains(key), "a key is shown once");
    let wrong = folder.run(&["key", "create", "--scopes", "kb:read,everything"]);
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.err.contains("everything") && wrong.err.contains("kb:write"), "{}", wrong.err);
}

#[test]
fn a_key_is_rotated_and_its_list_says_when_it_ends() {
    let folder = Folder::new();
    let made = folder.succeed(&["key", "create", "--scopes", "kb:read", "--expires-in-days", "30"]);
    let first = made.out.lines().last().expect("a last line").to_owned();
    let id = folder.json(&["key", "list"])[0]["id"].as_str().expect("an id").to_owned();
    let rotated = folder.succeed(&["key", "rotate", &id, "--overlap-hours", "1"]);
    let second = rotated.out.lines().last().expect("a last line");
    assert!(second.starts_with("askwell_") && second != first, "{second}");
    let listed = folder.succeed(&["key", "list"]).out;
    assert!(listed.contains("kb:read  all teams  lives  never used  ends 2"), "{listed}");
    let too_long = folder.run(&["key", "rotate", &id, "--overlap-hours", "169"]);
    assert!(too_long.code == Some(1) && too_long.err.contains("168"), "{}", too_long.err);
}

#[test]
fn a_key_is_listed_on_one_line_with_its_teams() {
    let folder = Folder::new();
    folder.succeed(&["bench", "seed", "--tickets", "20"]);
    let team = folder.json(&["export", &folder.path("all")]).to_string();
    assert!(team.contains("tickets.jsonl"), "{team}");
    let tickets = std::fs::read_to_string(folder.path("all/tickets.jsonl")).expect("tickets");
    let ticket: serde_json::Value = serde_json::from_str(tickets.lines().next().expect("one")).expect("JSON");
    let team = ticket["team"].as_str().expect("a team");
    let words = ["key", "create", "--scopes", "tickets:read", "--teams", team, "--name", "two\nlines"];
    folder.run(&words);
    let listed = folder.succeed(&["key", "list"]).out;
    assert!(listed.contains(&format!("tickets:read  teams {team}  lives")), "{listed}");
    assert!(listed.lines().all(|line| line.contains("lives")), "{listed}");
}

#[test]
fn what_was_done_is_json_where_that_is_wanted() {
    let folder = Folder::new();
    let made = folder.json(&["key", "create", "--scopes", "kb:read"]);
    let id = made["key"]["id"].as_str().expect("an id");
    assert!(made["secret"].as_str().is_some_and(|secret| secret.starts_with("askwell_")), "{made}");
    assert!(folder.json(&["key", "rotate", id])["secret"] != made["secret"]);
    assert_eq!(folder.json(&["key", "revoke", id])["revoked"], id);
    let bo = ["--email", "bo@example.org"];
    folder.json(&[&["user", "add", "--name", "Bo", "--role", "admin"], &bo[..]].concat());
    let ada = ["--email", "ada@example.org"];
    let added = folder.json(&[&["user", "add", "--name", "Ada"], &ada[..]].concat());
    assert!(added["sign_in_link"].as_str().is_some_and(|link| link.contains("token=")), "{added}");
    assert!(folder.json(&[&["user", "link"], &ada[..]].concat())["sign_in_link"] != added["sign_in_link"]);
    assert_eq!(folder.json(&[&["user", "role", "editor"], &ada[..]].concat())["role"], "editor");
    assert_eq!(folder.json(&[&["user", "sessions", "--end"], &ada[..]].concat())["n_ended"], 0);
    assert!(folder.json(&[&["user", "deactivate"], &ada[..]].concat())["deactivated_at"].is_number());
    assert!(folder.json(&[&["user", "reactivate"], &ada[..]].concat())["deactivated_at"].is_null());
    assert_eq!(folder.json(&["config", "check"])["ok"], true);
    let backup = folder.path("backup.db");
    assert_eq!(folder.json(&["backup", &backup])["n_attachments"], 0);
    let again = Folder::new();
    assert!(again.json(&["restore", &backup])["restored_into"].is_string());
}

#[test]
fn options_stand_before_and_after_a_subcommand() {
    let folder = Folder::new();
    folder.key("kb:read");
    let data = folder.data();
    let data = data.to_str().expect("UTF-8");
    for words in [["learn", "list", "--data", data], ["learn", "--data", data, "list"]] {
        let ended = finish(askwell(&words));
        assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{words:?}: {}", ended.err);
    }
}

#[test]
fn people_are_listed_changed_and_locked_out() {
    let folder = Folder::new();
    for (email, name, role) in [("bo@example.org", "Bo", "admin"), ("ada@example.org", "Ada", "agent")] {
        folder.succeed(&["user", "add", "--email", email, "--name", name, "--role", role]);
    }
    let ada = ["--email", "ada@example.org"];
    folder.succeed(&[&["user", "role", "editor"], &ada[..]].concat());
    folder.succeed(&[&["user", "deactivate"], &ada[..]].concat());
    let listed = folder.succeed(&["user", "list"]).out;
    assert!(listed.contains("ada@example.org  Ada  editor  deactivated"), "{listed}");
    let link = folder.run(&[&["user", "link"], &ada[..]].concat());
    assert!(link.code == Some(1) && link.err.contains("deactivated"), "{}", link.err);
    folder.succeed(&[&["user", "reactivate"], &ada[..]].concat());
    let users = folder.json(&["user", "list"]);
    assert_eq!(users[0]["deactivated_at"], serde_json::Value::Null, "{users}");
    assert_eq!(folder.json(&[&["user", "sessions"], &ada[..]].concat()), serde_json::json!([]));
    folder.succeed(&[&["user", "sessions", "--end"], &ada[..]].concat());
    for refused in [
        &["user", "deactivate", "--email", "bo@example.org"][..],
        &["user", "role", "x", "--email", "bo@example.org"],
    ] {
        assert_eq!(folder.run(refused).code, Some(1), "{refused:?}");
    }
}

#[test]
fn an_index_that_is_gone_is_built_again_and_verified() {
    let folder = Folder::new();
    folder.import("password.md", PASSWORD);
    std::fs::remove_dir_all(folder.data().join("index")).expect("removed");
    folder.succeed(&["reindex"]);
    folder.succeed(&["reindex", "--verify"]);
    let found = folder.json(&["search", "reset password"]);
    assert_eq!(found["hits"][0]["slug"], "password", "{found}");
    let findings = folder.json(&["doctor"]);
    assert!(
        findings.as_array().is_some_and(|all| all.len() > 3 && all.iter().all(|one| one["ok"] == true)),
        "{findings}"
    );
}

#[test]
fn reports_are_counted_again_and_compared() {
    let folder = Folder::new();
    folder.succeed(&["bench", "seed", "--tickets", "300"]);
    let early = folder.run(&["report", "rebuild", "--verify"]);
    assert_eq!(early.code, Some(0), "what was never counted is counted first: {}", early.err);
    let counted = folder.json(&["report", "rebuild"]);
    assert_eq!(counted["n_tickets"], 300, "{counted}");
    let verdict = folder.json(&["report", "rebuild", "--verify"]);
    assert_eq!((&verdict["n_compared"], &verdict["n_different"]), (&300.into(), &0.into()), "{verdict}");
}

#[test]
fn a_backup_of_a_running_server_is_restored_into_an_empty_folder() {
    let folder = Folder::new();
    folder.import("password.md", PASSWORD);
    let key = folder.key("kb:read");
    let server = Server::start(&folder);
    let backup = folder.path("backup.db");
    folder.succeed(&["backup", &backup]);
    server.kill();
    let again = Folder::new();
    again.succeed(&["restore", &backup]);
    let found = again.json(&["search", "reset password"]);
    assert_eq!(found["hits"][0]["slug"], "password", "{found}");
    assert_eq!(again.json(&["key", "list"]), folder.json(&["key", "list"]), "{key} still lives");
    again.succeed(&["reindex", "--verify"]);
    let twice = again.run(&["restore", &backup]);
    assert_eq!(twice.code, Some(1), "a folder with data is not overwritten: {}", twice.err);
    assert!(names_in(&again.data()).contains(&"askwell.db".to_owned()));
}
