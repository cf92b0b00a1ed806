//! What an old reply loses, and what it keeps.

use proptest::prelude::*;

use super::*;

/// Each case is a reply and what is left of it, with Cy Oddname and agent Zelda as the known names.
#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (reply, expected) in cases {
        assert_eq!(adapt(reply, &["Cy Oddname", "Zelda", "kschuh11"]).text, *expected, "{reply:?}");
    }
}

#[test]
fn greetings_go() {
    check(&[
        ("Hi John,\n\nOpen Settings.", "Open Settings."),
        ("Dear Mrs. Smith,\nPlease restart it.", "Please restart it."),
        ("Hola María:\nReinicie.", "Reinicie."),
        ("Sehr geehrte Damen und Herren,\nbitte neu starten.", "bitte neu starten."),
        ("Hello there kschuh11, open it.", "Open it."),
        ("Hello there kschuh11. Open it.", "Open it."),
        ("Hello, Bo!\nOpen it.", "Open it."),
        ("Hi! Welcome to the forum!\nOpen it.", "Open it."),
        ("Здравствуйте, Иван!\nОткройте её.", "Откройте её."),
        ("您好，请重新启动。", "请重新启动。"),
        ("Bo 様\n\n再起動してください。", "再起動してください。"),
        ("@kschuh11 open it.", "Open it."),
        ("Hello", ""),
        ("", ""),
    ]);
}

#[test]
fn a_greeting_ends_at_a_comma_a_mark_or_the_line() {
    check(&[
        ("Hi try this: restart it.", "Hi try this: restart it."),
        ("Hey restart it. Then wait, please.", "Hey restart it. Then wait, please."),
        ("Dear me this is a very odd error, restart it.", "Dear me this is a very odd error, restart it."),
    ]);
}

#[test]
fn farewells_and_signatures_go() {
    check(&[
        ("Open it.\n\nBest regards,\nQuentin\nAcme Inc.\nhttps://acme.example", "Open it."),
        ("Open it.\nSaludos,\nAda", "Open it."),
        ("Open it. Hope this helps!", "Open it."),
        ("Open it.\n--\nAcme\nMain office", "Open it."),
        ("Open it.\n\nLet me know if that works for you.", "Open it."),
        ("Bitte neu starten.\n\nMit freundlichen Grüßen\nIhr Team", "Bitte neu starten."),
        ("Do this:\n1. Open it\n2. Close it", "Do this:\n1. Open it\n2. Close it"),
        ("Thanks!\n1. Open it\n2. Close it", "Thanks!\n1. Open it\n2. Close it"),
        ("Best to restart it.", "Best to restart it."),
        (
            "Thanks for writing, we looked into the matter of the printer.",
            "Thanks for writing, we looked into the matter of the printer.",
        ),
    ]);
}

#[test]
fn quoted_mail_goes() {
    check(&[
        ("Yes.\n\nOn Monday, 2 May 2024, Cy wrote:\n\nsecret", "Yes."),
        ("Am 2.5.2024 schrieb Cy:\n> geheim\n\nJa.", "Ja."),
        ("> secret\nYes.\n> more\nNo.", "Yes.\nNo."),
        ("Yes.\n-----Original Message-----\nsecret", "Yes."),
        ("Yes.\nVon: Cy\nGesendet: Montag\nsecret", "Yes."),
        ("Re: printer\nYes.", "Yes."),
        ("From: the menu choose Copy.", "From: the menu choose Copy."),
        ("| a | b |\n|---|---|", "| a | b |\n|---|---|"),
    ]);
}

#[test]
fn what_was_meant_for_one_person_goes() {
    check(&[
        ("As I mentioned, it is old. Restart it.", "Restart it."),
        ("See the attached screenshot. Restart it.", "Restart it."),
        ("Restart it (see the attached image) now.", "Restart it now."),
        ("I am having the same issue. Restart it.", "Restart it."),
        ("You are on Windows 10. Restart it.", "Restart it."),
        ("Ticket #123456 says so. Restart it.", "Restart it."),
        ("Your number is 123456789. Restart it.", "Restart it."),
        ("Wie bereits erwähnt, ist es alt. Bitte neu starten.", "Bitte neu starten."),
        ("Veuillez trouver ci-joint le fichier. Redémarrez.", "Redémarrez."),
        ("1. See the attached image. Open it.\n2. Close it.", "1. Open it.\n2. Close it."),
        ("Your post was odd.\n\n\n\nRestart it.", "Restart it."),
    ]);
}

#[test]
fn sentences_with_personal_data_go_whole() {
    check(&[
        ("Restart it. Write to ada@example.org, or call +49 30 1234567.", "Restart it."),
        ("Your IBAN is DE89370400440532013000! Restart it.", "Restart it."),
        ("Restart it. We told Mr. Quux so.", "Restart it."),
        ("Restart it. Use [email] for it.", "Restart it."),
        ("Version 1.2.3 of 2024-11-21 helps.", "Version 1.2.3 of 2024-11-21 helps."),
        (
            "See https://example.org/articles/1234567890 there.",
            "See https://example.org/articles/1234567890 there.",
        ),
    ]);
}

#[test]
fn known_names_go_wherever_they_stand() {
    check(&[
        ("kschuh11, the fact is that it is old.", "The fact is that it is old."),
        ("Restart it. @Oddname, then wait!", "Restart it. Then wait!"),
        ("Yes, Cy, restart it.", "Yes, restart it."),
        ("Restart it, oddname.", "Restart it."),
        ("Restart it. ZELDA will look at it.", "Restart it."),
        ("Restart it.\n\nZelda", "Restart it."),
        ("Zelda様。再起動してください。", "再起動してください。"),
        ("Zeldaian is another word.", "Zeldaian is another word."),
    ]);
}

#[test]
fn what_is_too_short_too_long_or_torn_is_not_offered() {
    let long = "Open the settings and restart it. ".repeat(50);
    for (reply, is_offered) in [
        ("Open the settings and restart it now.", true),
        ("Hi Bo,\n\nOpen the settings and restart it now.\n\nKind regards,\nQuentin", true),
        ("Restart it now.", false),
        ("See https://example.org/restart", true),
        ("重新启动应用程序，然后打开设置。", true),
        (&long, false),
        ("As I said in your last ticket, it is really old by now. Open the settings and restart it.", false),
        ("", false),
    ] {
        assert_eq!(adapt(reply, &[]).is_offered, is_offered, "{reply:?}");
    }
}

#[test]
fn replies_that_only_ask_back_are_told_from_advice() {
    for (reply, clarifying) in [
        ("Which version do you use?", true),
        ("Which version do you use? Please post the error message.", true),
        ("Welche Version nutzen Sie?", true),
        ("您用的是哪个版本？", true),
        ("Have you tried safe mode?", false),
        ("Which version do you use? Restart it first.", false),
        ("Did you read https://example.org/a?", false),
        ("", false),
    ] {
        assert_eq!(is_clarifying(reply), clarifying, "{reply:?}");
    }
}

/// Pieces that make up hostile replies.
const PIECES: [&str; 21] = [
    "Hi ",
    "Zelda",
    "kschuh11",
    "Oddname",
    ", ",
    ". ",
    "! ",
    "\n",
    "\n\n",
    "Restart it",
    "Best regards",
    "- ",
    "1. ",
    "ada@example.org",
    "+49 30 1234567",
    "Dear Mrs. ",
    "> ",
    "wrote:",
    "你好，",
    "Zelda様",
    "(see attached image)",
];

proptest! {
    #[test]
    fn nothing_personal_is_left(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30)) {
        let names = ["Cy Oddname", "Zelda", "kschuh11"];
        let adapted = adapt(&pieces.concat(), &names);
        prop_assert_eq!(redact::find(&adapted.text, &names), vec![], "{:?}", adapted);
        prop_assert_eq!(redact::find(&adapted.text, &[]), vec![], "{:?}", adapted);
    }

    #[test]
    fn any_text_can_be_adapted(reply in "\\PC{0,200}") {
        let adapted = adapt(&reply, &[&reply]);
        prop_assert_eq!(&adapted, &adapt(&reply, &[&reply]));
    }
}

#[test]
fn hostile_replies_end() {
    for part in ["Hi ", "Ada, ", "(", "> ", "1. ", "wrote:\n", "Thanks\n", "as i said ", "\n", "Restart it. "]
    {
        adapt(&part.repeat(3_000), &["Ada"]);
    }
}
