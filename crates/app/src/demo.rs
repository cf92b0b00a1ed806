//! The demo: the manual, two agents and a dozen tickets, made through the same use cases that people use.

use anyhow::Context as _;
use desk::{ArticleQuery, Desk, HandoffForm, ImportOptions, ImportPublication, ImportRun, TicketChange};
use domain::{Filter, Locale, Principal, Role, TicketStatus, UserId};
use ingest::Format;

use crate::{addresses::Addresses, print};

/// The manual, in the binary.
#[derive(rust_embed::RustEmbed)]
#[folder = "../../kb-content"]
struct Manual;

/// The file that names a folder's collection.
const CATEGORY: &str = "_category_.json";
/// Articles of one transaction.
const BATCH: usize = 100;

struct DemoTicket {
    name: &'static str,
    email: &'static str,
    /// What the customer says, in order; the last is handed over.
    says: &'static [&'static str],
    reply: Option<&'static str>,
    status: Option<TicketStatus>,
}

/// Fills an empty installation, or goes on with one that it has begun. Any other is left as it is.
///
/// # Errors
/// Those of the database, the model and the index; a second start goes on where it stopped.
pub async fn fill(desk: &Desk) -> anyhow::Result<()> {
    if !is_ours(desk).await? {
        print::say("--demo fills an empty data directory; this one is not, and is left as it is");
        return Ok(());
    }
    import_manual(desk).await?;
    let ada = agent(desk, "Ada", "ada@askwell.example").await?;
    let bo = agent(desk, "Bo", "bo@askwell.example").await?;
    let n_opened = desk.count_tickets(&Principal::System, &Filter::everything()).await?.n;
    for (n, ticket) in TICKETS.iter().enumerate().skip(n_opened) {
        let agent = if n % 2 == 0 { &ada } else { &bo };
        open_ticket(desk, ticket, agent).await.with_context(|| format!("cannot open demo ticket {n}"))?;
    }
    Ok(())
}

/// Whether nothing is there yet, or the oldest article is one of the manual.
async fn is_ours(desk: &Desk) -> anyhow::Result<bool> {
    let oldest = ArticleQuery { limit: 1, ..ArticleQuery::default() };
    let oldest = desk.list_articles(&Principal::System, oldest).await?.articles;
    match oldest.first() {
        None => Ok(desk.has_no_tickets().await?),
        Some(view) => Ok(Manual::iter().any(|name| {
            let id = ingest::place(Format::Markdown, &name, "").external_id;
            view.article.external_id.as_ref() == Some(&id)
        })),
    }
}

async fn import_manual(desk: &Desk) -> anyhow::Result<()> {
    let mut names: Vec<String> = Manual::iter().map(std::borrow::Cow::into_owned).collect();
    for name in names.iter().filter(|name| name.ends_with(CATEGORY)) {
        let folder =
            name.trim_end_matches(CATEGORY).trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let collection = ingest::collection_of_folder(folder);
        let collection = collection.with_context(|| format!("{name} is in a folder without a name"))?;
        let file = Manual::get(name).context("the manual is in the binary")?;
        let category = std::str::from_utf8(&file.data).ok().and_then(ingest::parse_category);
        let category = category.with_context(|| format!("{name} names no collection"))?;
        desk.import_collection(&Principal::System, &collection.slug, &category).await?;
    }
    names.retain(|name| name.ends_with(".md"));
    names.sort();
    let mut files = Vec::new();
    let mut addresses = Addresses::default();
    for name in &names {
        let file = Manual::get(name).context("the manual is in the binary")?;
        let text =
            ingest::decode(&file.data).map_err(|error| anyhow::anyhow!("{name}: {}", error.message))?.text;
        addresses.add(desk, Format::Markdown, name, &text).await?;
        files.push((name, text));
    }
    let resolve = |address: &str| addresses.resolve(address);
    let parse = ingest::ImportOptions { resolve_link: Some(&resolve), ..ingest::ImportOptions::default() };
    let parsed: Vec<_> =
        files.iter().map(|(name, text)| ingest::parse_markdown(name, text, &parse)).collect();
    let options = ImportOptions {
        collection: None,
        locale: Locale::english(),
        publication: ImportPublication::Publish,
        run: ImportRun::Write,
    };
    for batch in parsed.chunks(BATCH) {
        desk.import_batch(&Principal::System, batch, &options).await.context("cannot store the manual")?;
    }
    desk.catch_up().await.context("cannot index the manual")
}

/// The agent with this address, who is added unless an earlier start has done so.
async fn agent(desk: &Desk, name: &str, email: &str) -> anyhow::Result<UserId> {
    let people = desk.users(&Principal::System).await?;
    if let Some(known) = people.into_iter().find(|user| user.email == email) {
        return Ok(known.id);
    }
    Ok(desk
        .create_user(&Principal::System, name, email, Role::Agent, None)
        .await
        .context("cannot add an agent")?
        .id)
}

async fn open_ticket(desk: &Desk, ticket: &DemoTicket, agent: &UserId) -> anyhow::Result<()> {
    let opened = desk.start_conversation(Some(Locale::english())).await?;
    let id = opened.conversation.id;
    let visitor = Principal::Visitor { conversation: Some(id.clone()) };
    for text in ticket.says {
        desk.ask(&visitor, &id, text, None).await?;
    }
    let form = HandoffForm {
        name: Some(ticket.name.to_owned()),
        email: Some(ticket.email.to_owned()),
        message: None,
    };
    let handed = desk.hand_off(&visitor, &id, form).await?;
    let staff = Principal::staff(agent.clone(), Role::Agent);
    if let Some(reply) = ticket.reply {
        let change = TicketChange { assignee: Some(Some(agent.clone())), ..TicketChange::default() };
        desk.change_ticket(&staff, &handed.ticket_id, change, None).await?;
        desk.reply(&staff, &handed.ticket_id, reply, None).await?;
    }
    if let Some(status) = ticket.status {
        let change = TicketChange { status: Some(status), ..TicketChange::default() };
        desk.change_ticket(&staff, &handed.ticket_id, change, None).await?;
    }
    Ok(())
}

const TICKETS: &[DemoTicket] = &[
    DemoTicket {
        name: "Cy Marlow",
        email: "cy@marlow.example",
        says: &["My card shows two charges for March. Can you refund one of them?"],
        reply: None,
        status: None,
    },
    DemoTicket {
        name: "Nadia Rowe",
        email: "nadia@rowe.example",
        says: &[
            "How do I import a folder of Markdown?",
            "The import stopped at file 212 with a warning about front matter. I want to talk to a human.",
        ],
        reply: Some(
            "A file with broken front matter is imported as plain text and listed with its warning. Please send me that file, then I can tell which line is meant.",
        ),
        status: None,
    },
    DemoTicket {
        name: "Tomás Vidal",
        email: "tomas@vidal.example",
        says: &["Where can I get an invoice for last year?"],
        reply: Some(
            "Your account manager has put the invoices of last year into your customer folder. The next ones go there on the first of each month.",
        ),
        status: Some(TicketStatus::Solved),
    },
    DemoTicket {
        name: "Lina Haddad",
        email: "lina@haddad.example",
        says: &[
            "Does search work in Arabic?",
            "Let me talk to a person please, some of our articles are mixed Arabic and English.",
        ],
        reply: Some(
            "Yes. Each article is analysed in its own locale; for mixed pages set the locale in the front matter to the language of most of the text.",
        ),
        status: Some(TicketStatus::Solved),
    },
    DemoTicket {
        name: "Devi Rao",
        email: "devi@umbra.example",
        says: &["Our content security policy blocks the help center when we put it in a frame."],
        reply: None,
        status: None,
    },
    DemoTicket {
        name: "Marek Nowak",
        email: "marek@nowak.example",
        says: &["How do I rotate an API key without downtime?"],
        reply: Some(
            "Make the new key first, put it into your program, then revoke the old one; see [Keys and scopes](/a/keys-and-scopes). Both work until you revoke.",
        ),
        status: Some(TicketStatus::Solved),
    },
    DemoTicket {
        name: "Grace Obi",
        email: "grace@obi.example",
        says: &["The bot keeps saying that it does not know about our spring sale."],
        reply: Some(
            "The bot only quotes published articles. There is none about the sale yet; I have asked the editors for one.",
        ),
        status: Some(TicketStatus::OnHold),
    },
    DemoTicket {
        name: "Yuki Tan",
        email: "yuki@tan.example",
        says: &["I was promised a callback by phone on Tuesday and nobody called."],
        reply: None,
        status: None,
    },
    DemoTicket {
        name: "Paul Berger",
        email: "paul@berger.example",
        says: &[
            "How do I move from SQLite to Postgres?",
            "I would like somebody to look at our plan for the move. Agent please.",
        ],
        reply: None,
        status: None,
    },
    DemoTicket {
        name: "Irina Petrova",
        email: "irina@petrova.example",
        says: &["Is it normal that the index is empty after a restore?"],
        reply: Some(
            "Yes: see [Back up and restore](/a/back-up-and-restore). The index is built again at the first start.",
        ),
        status: Some(TicketStatus::Solved),
    },
    DemoTicket {
        name: "Sam Lee",
        email: "sam@lee.example",
        says: &["Can you sign our data processing agreement?"],
        reply: None,
        status: None,
    },
    DemoTicket {
        name: "Ana Costa",
        email: "ana@costa.example",
        says: &["After the restore the index was empty, is that normal?"],
        reply: Some(
            "Yes, as [Back up and restore](/a/back-up-and-restore) says: the index is derived from the database, and is built at the first start after a restore.",
        ),
        status: Some(TicketStatus::Solved),
    },
];
