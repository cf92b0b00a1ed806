//! What cannot work is refused with a message that says what to do, and nothing is lost.

use std::net::TcpListener;

use crate::program::{Folder, Server, askwell, finish, names_in};

const PASSWORD: &str = "# Reset your password\n\nOpen the sign-in page and choose **Forgot password**.\n";

#[test]
fn a_port_in_use_is_named_and_the_data_is_not_touched() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("its address").to_string();
    let ended = folder.run(&["serve", "--listen", &address]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains(&address) && ended.err.contains("in use"), "{}", ended.err);
    assert!(names_in(&folder.data()).is_empty());
}

#[test]
fn a_second_server_on_the_same_data_is_refused_and_the_first_goes_on() {
    let folder = Folder::new();
    folder.import("password.md", PASSWORD);
    let server = Server::start(&folder);
    let second = folder.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, Some(1), "{}", second.err);
    assert!(second.err.contains("in use") && second.err.contains(&server.id().to_string()), "{}", second.err);
    let rebuilding = folder.run(&["reindex"]);
    assert_eq!(rebuilding.code, Some(1), "{}", rebuilding.err);
    // Reading beside it works.
    let found = folder.json(&["search", "reset password"]);
    assert_eq!(found["hits"][0]["slug"], "password", "{found}");
    folder.succeed(&["doctor"]);
    assert!(server.terminate().success());
}

#[test]
fn a_configuration_that_is_wrong_is_refused_by_name() {
    let folder = Folder::new();
    for (toml, named) in [
        ("[site]\nnmae = \"x\"\n", "nmae"),
        ("[handoff]\noffer_deadline_s = \"soon\"\n", "offer_deadline_s"),
        ("[vectors]\nbackend = \"qdrant\"\n", "vectors.url"),
        ("[embedding]\nkernels = \"x\"\n", "embedding.kernels"),
        ("no toml at all", "askwell.toml"),
    ] {
        folder.write("data/askwell.toml", toml);
        for words in
            [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"], &["search", "x"], &["doctor"]]
        {
            let ended = folder.run(words);
            assert_eq!(ended.code, Some(1), "{words:?} with {toml}: {}", ended.err);
            assert!(
                format!("{}{}", ended.out, ended.err).contains(named),
                "{words:?} with {toml}: {}",
                ended.err
            );
        }
    }
    assert_eq!(names_in(&folder.data()), ["askwell.toml"], "nothing else was made");
    folder.write("data/askwell.toml", "[site]\nname = \"Help\"\n");
    folder.succeed(&["config", "check"]);
    let mut by_variable = folder.command(&["config", "check"]);
    by_variable.env("ASKWELL_SITE__NMAE", "x");
    let ended = finish(by_variable);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.to_lowercase().contains("nmae"), "{}", ended.err);
}

#[test]
fn what_is_not_there_is_named() {
    let folder = Folder::new();
    let config = folder.path("none.toml");
    for (words, named) in
        [(vec!["search", "x", "--config", &config], "none.toml"), (vec!["restore", "none.db"], "none.db")]
    {
        let ended = folder.run(&words);
        assert_eq!(ended.code, Some(1), "{words:?}: {}", ended.err);
        assert!(ended.err.contains(named), "{words:?}: {}", ended.err);
    }
    let folder = Folder::new();
    folder.write("data", "a file, not a folder");
    let ended = folder.run(&["search", "x"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("data directory"), "{}", ended.err);
}

#[test]
fn a_data_directory_without_a_site_is_no_empty_site() {
    let folder = Folder::new();
    let to = folder.path("to");
    for words in [
        &["backup", &to][..],
        &["export", &to],
        &["audit", "verify"],
        &["key", "list"],
        &["user", "list"],
        &["search", "x"],
        &["erase", "customer", "cy@example.org"],
        &["learn", "list"],
        &["reindex"],
        &["doctor"],
    ] {
        let ended = folder.run(words);
        assert_eq!(ended.code, Some(1), "{words:?}: {}", ended.out);
        assert!(format!("{}{}", ended.out, ended.err).contains("there is no"), "{words:?}: {}", ended.err);
    }
    assert!(!folder.data().exists(), "nothing was made");
    folder.write("data/askwell.toml", "");
    assert_eq!(folder.run(&["doctor"]).code, Some(1));
    assert_eq!(names_in(&folder.data()), ["askwell.toml"]);
    folder.write("data/askwell.toml", "[database]\nurl = \"postgres://127.0.0.1:1/elsewhere\"\n");
    let ended = folder.run(&["key", "list"]);
    assert!(
        ended.err.contains("cannot open the database"),
        "it may have its database elsewhere: {}",
        ended.err
    );
}

#[test]
fn a_file_that_is_no_backup_is_named() {
    let folder = Folder::new();
    for content in ["", "short", "this is longer than a head"] {
        let file = folder.write("file.db", content);
        let ended = folder.run(&["restore", &file]);
        assert_eq!(ended.code, Some(1), "{content:?}");
        assert!(ended.err.contains("is no backup"), "{content:?}: {}", ended.err);
    }
}

#[test]
fn a_database_that_is_none_is_left_as_it_is() {
    let folder = Folder::new();
    let rubbish = "this is no database, but somebody may need it ".repeat(100);
    folder.write("data/askwell.db", &rubbish);
    let ended = folder.run(&["search", "x"]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("askwell.db") && ended.err.contains("not a database"), "{}", ended.err);
    assert_eq!(std::fs::read_to_string(folder.data().join("askwell.db")).expect("it is there"), rubbish);
}

#[test]
fn wrong_words_are_told_from_failures() {
    for words in [&["serve", "--listen", "nowhere"][..], &["fly"], &["search"], &["key", "create"]] {
        let ended = finish(askwell(words));
        assert_eq!(ended.code, Some(2), "{words:?}: {}", ended.err);
    }
    for words in [&["--help"][..], &["--version"], &["import", "--help"]] {
        assert_eq!(finish(askwell(words)).code, Some(0), "{words:?}");
    }
}
