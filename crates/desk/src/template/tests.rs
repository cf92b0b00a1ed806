//! What templates can do, and what they and the values in them cannot.

use domain::{FieldKind, FieldState, Locale, Priority, Required, TicketId, TicketStatus, Timestamp};

use super::*;

fn fields() -> Vec<Field> {
    vec![Field {
        of: domain::FieldOf::Ticket,
        key: "order".to_owned(),
        title: "Order".to_owned(),
        kind: FieldKind::Text,
        show_when: None,
        required: Required::Never,
        position: 0,
        state: FieldState::Active,
        revision: 1,
    }]
}

fn values(name: &str) -> TemplateValues {
    let ticket = Ticket {
        number: 7,
        subject: name.to_owned(),
        status: TicketStatus::Open,
        priority: Priority::High,
        tags: ["late", "vip"].into_iter().filter_map(Tag::parse).collect(),
        ..Ticket::new(
            TicketId::new("t"),
            "support".to_owned(),
            domain::Channel::chat(),
            Locale::english(),
            Timestamp(0),
        )
    };
    let customer = Customer::new(domain::CustomerId::new("c"), name.to_owned(), None, Timestamp(0));
    let site = crate::DeskConfig::default().site;
    TemplateValues::of(&ticket, Some(&customer), "Ada", &site, &fields())
}

#[track_caller]
fn check_render(template: &str, expected: &str) {
    check(template, &fields()).unwrap();
    assert_eq!(render(template, &values("Cy Quokka")).unwrap(), expected, "{template}");
}

#[test]
fn templates_show_values_and_ask_for_them() {
    for (template, expected) in [
        ("Dear {{ customer.first_name }}, **thank you**.", "Dear Cy, **thank you**."),
        ("{{ customer.name | upper }} #{{ ticket.number }}", "CY QUOKKA #7"),
        ("{% if customer.email %}yes{% else %}no{% endif %}", "no"),
        ("{% for tag in ticket.tags %}{{ tag }};{% endfor %}", "late;vip;"),
        ("{{ ticket.tags }} {{ ticket.tags | join(' ') }}", "late, vip late vip"),
        ("{{ ticket.fields.order or 'none' }}{# for us #}", "none"),
        ("{%- if ticket.priority == \"high\" -%} Now! {%- endif -%}", "Now!"),
        ("{{ site.name }}{{ site.url }}, {{ agent.name }}", "Askwell, Ada"),
        (
            "{{ customer.email | default('friend') }} {{ customer.name | default('friend') }}",
            "friend Cy Quokka",
        ),
        ("{{ ticket.tags | default('none') }} {{ ticket.tags | length | default(7) }}", "late, vip 2"),
        ("{{ ticket.fields.order | default }}{{ customer.email | default('x', true) }}", "x"),
        ("{{ '| shout' }}{% if ticket.priority == 'low' %}{{ 1 / 0 }}{% endif %}", "\\| shout"),
        ("{ \"json\": 1 * 2 } {{ '{{ ~ }}' }}", "{ \"json\": 1 * 2 } \\{\\{ \\~ \\}\\}"),
    ] {
        check_render(template, expected);
    }
}

#[test]
fn what_is_not_known_is_empty() {
    for (template, expected) in [
        ("{{ ticket.tags | first }}{{ ticket.tags | last }}{{ ticket.tags[0] }}", ""),
        ("{{ customer.name | first }}{{ customer.email | last | upper }}", ""),
        ("{{ ticket.tags | first | first | last | trim }}{{ ticket.tags | first | length }}", "0"),
        ("{{ ticket.tags | first | default('none') }}", "none"),
        ("{{ ticket.tags | join(', ') }}{{ ticket.tags | first | join }}", ""),
        (
            "{% if ticket.tags | first %}a{% else %}b{% endif %}{% for x in ticket.tags[0] %}x{% endfor %}",
            "b",
        ),
        ("Dear {{ customer.first_name | default('friend') | title }}", "Dear Friend"),
    ] {
        check(template, &fields()).unwrap();
        assert_eq!(
            render(template, &TemplateValues::made_up("", &fields())).unwrap(),
            expected,
            "{template}"
        );
    }
}

#[test]
fn a_template_that_cannot_be_is_refused_with_what_would_be_right() {
    for (template, message) in [
        ("{{ customer.nme }}", "there is no customer.nme; the variables are ticket.number"),
        ("{{ ticket }}", "there is no ticket;"),
        ("{{ ticket.fields.nothing }}", "there is no ticket.fields.nothing"),
        ("{{ ticket.fields['order'] }}", "there is no ticket.fields"),
        ("{{ secret }}", "there is no secret"),
        ("{% if customer.name %}x", "line 1"),
        ("{{ customer.name", "line 1"),
        ("x\n{{ customer.name | shout }}", "line 2: the filters are"),
        ("{{ customer.name | safe }}", "line 1: the filters are capitalize, default, first"),
        ("{{ customer.name|foo }}", "the filters are"),
        ("x\n\n{% for x in ticket.tags | sorted %}{% endfor %}", "line 3: the filters are"),
        ("{% if customer.name | trim|\n small %}x{% endif %}", "the filters are"),
        ("{{ customer.name | }}", "line 1"),
        ("x\n{{ 1/0 }}", "line 2"),
        ("{{ customer.name is vip }}", "line 1"),
        ("{{ ticket.fields.order / 2 }}", "line 1"),
        ("{{ customer.name | replace('a', 'aa') }}", "the filters are"),
        ("{% include 'x' %}", "the statements are"),
        ("{% set x = 1 %}", "the statements are"),
        ("{% raw %}{{ x }}{% endraw %}", "the statements are"),
        ("{%macro x()%}{%endmacro%}", "the statements are"),
        ("{{ customer.name ~ customer.name }}", "~ is not among"),
        ("{{ 'x' * 1000000 }}", "* is not among"),
        ("{{ range(9) }}", "there is no range"),
        ("{{ customer.name | join('x') }}", "join takes a list"),
    ] {
        let refused = check(template, &fields()).unwrap_err();
        assert!(refused.contains(message), "{template}: {refused}");
    }
}

#[test]
fn steps_and_length_are_bounded() {
    let list = "[1,2,3,4,5,6,7,8,9,0]";
    let deep: String = (0..6).map(|n| format!("{{% for a{n} in {list} %}}")).collect();
    let deep = format!("{deep}x{}", "{% endfor %}".repeat(6));
    assert!(render(&deep, &values("Cy")).unwrap_err().contains("steps"));
    let long = format!(
        "{{% for a in {list} %}}{{% for b in {list} %}}{{{{ customer.name }}}}{{% endfor %}}{{% endfor %}}"
    );
    let refused = render(&long, &values(&"x".repeat(10_000))).unwrap_err();
    assert!(refused.contains("longer than"), "{refused}");
    // Nor is more put together on the way to a text that is short.
    let empty = "'',".repeat(3_000);
    let joined = format!("{{{{ [{empty}] | join('{}') | length }}}}", "x".repeat(1_000));
    let refused = render(&joined, &values("Cy")).unwrap_err();
    assert!(refused.contains("longer than"), "{refused}");
}

/// Whatever a customer calls themselves, what is shown is a paragraph with these words in it.
#[test]
fn what_a_customer_wrote_shows_as_it_is() {
    for name in [
        "**bold** _it_ `code` ~~gone~~",
        "[click](https://evil.example) ![x](https://evil.example/x.png)",
        "<script>alert(1)</script><b>x</b> &lt;i&gt; &amp;",
        "https://evil.example/path www.evil.example WWW.evil.example http://x.example",
        "# heading",
        "1. list",
        "1) list",
        "- list",
        "+ list",
        "* list",
        "> quote",
        "    code",
        "--- === ***",
        "===",
        "a | b",
        "[^1] [x]: https://evil.example",
        "[ ] task",
        "{{ agent.name }} {% if %}",
        "back\\slash \\",
        "line\nbreak  \nhard\r\n\r\n# heading",
        "cy@evil.example",
        "O'Neil-Smith, Dr. Jr.",
    ] {
        let shown = name.split_whitespace().collect::<Vec<_>>().join(" ");
        for template in [
            "{{ customer.name }}",
            "Dear {{ customer.name }}",
            "x\n\n{{ customer.name }}\n\ny",
            "x\n{{ customer.name }}",
        ] {
            let markdown = render(template, &values(name)).unwrap();
            let html = ingest::message_html(&markdown);
            for tag in html.split('<').skip(1) {
                let tag: String =
                    tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
                assert!(["p", "/p", "br"].contains(&tag.as_str()), "{name:?}: {markdown:?} {html}");
            }
            let text = html.replace("<br>", " ").replace("</p>", " ").replace("<p>", "");
            let text =
                text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&shown), "{shown:?} in {text:?}, {markdown:?}");
        }
    }
    assert_eq!(escape::escaped("O'Neil-Smith, Dr. Jr."), "O'Neil-Smith, Dr. Jr.");
}
