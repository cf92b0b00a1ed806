//! A desk of any size, generated: the same size gives the same rows, so that two builds measure the same.

use std::{collections::BTreeSet, path::Path, time::Instant};

use anyhow::Context as _;
use domain::{
    Author, Channel, Customer, CustomerId, Handling, Locale, Message, MessageId, MessageKind, Principal,
    Priority, Role, Sees, SlaStanding, SlaSummary, Tag, Team, Ticket, TicketId, TicketStatus, Timestamp,
    User, UserId,
};
use indicatif::ProgressBar;
use serde::Serialize;
use store::Store;

use super::words;
use crate::Config;

/// The time at which the generated desk stands: 2026-11-01T00:00:00Z.
pub(super) const NOW: Timestamp = Timestamp(1_793_491_200_000);
/// Agents.
pub(super) const AGENTS: usize = 80;
/// Teams, by key; agent n is in team n modulo their number.
pub(super) const TEAMS: [&str; 8] =
    ["support", "billing", "sales", "returns", "enterprise", "security", "partners", "escalations"];
/// So many customers have twenty tickets between them; a few have hundreds each.
const CUSTOMERS_PER_20_TICKETS: usize = 3;
/// Messages of a ticket.
const MESSAGES: usize = 3;
/// How far back the oldest ticket lies: three years.
const SPAN_MS: i64 = 3 * 365 * 86_400_000;
/// Tags that are in use; the first are on most tickets.
const TAGS: u64 = 200;
/// Tickets written in one transaction.
const BATCH: usize = 5_000;

#[derive(Debug, Serialize)]
pub(super) struct SeedReport {
    n_tickets: usize,
    n_messages: usize,
    n_customers: usize,
    n_agents: usize,
    took_s: f64,
}

/// Fills an empty database.
pub(super) async fn seed(dir: &Path, n_tickets: usize) -> anyhow::Result<SeedReport> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let config = Config::read(dir, None)?;
    let store = Store::open(&config.database_url(dir)?).await.context("cannot open the database")?;
    anyhow::ensure!(
        store.list_users().await?.is_empty(),
        "bench seed fills an empty database; this one is not"
    );
    let started = Instant::now();
    people(&store).await?;
    let n_customers = (n_tickets * CUSTOMERS_PER_20_TICKETS).div_ceil(20);
    for first in (0..n_customers).step_by(BATCH) {
        let customers: Vec<Customer> = (first..n_customers.min(first + BATCH)).map(customer).collect();
        let mut tx = store.begin().await?;
        tx.insert_customers(&customers).await?;
        tx.commit().await?;
    }
    let bar = ProgressBar::new(n_tickets as u64);
    for first in (0..n_tickets).step_by(BATCH) {
        let numbers = first..n_tickets.min(first + BATCH);
        let mut tickets: Vec<Ticket> = numbers.clone().map(|n| ticket(n, n_tickets, n_customers)).collect();
        let messages: Vec<Message> =
            numbers.clone().zip(&tickets).flat_map(|(n, ticket)| messages(n, ticket)).collect();
        let mut tx = store.begin().await?;
        tx.insert_tickets(&mut tickets).await?;
        tx.insert_messages(&messages).await?;
        tx.commit().await?;
        bar.inc(numbers.len() as u64);
    }
    bar.finish_and_clear();
    store.close().await;
    Ok(SeedReport {
        n_tickets,
        n_messages: n_tickets * MESSAGES,
        n_customers,
        n_agents: AGENTS,
        took_s: started.elapsed().as_secs_f64(),
    })
}

async fn people(store: &Store) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    for key in TEAMS {
        tx.insert_team(&Team { key: key.to_owned(), name: key.to_owned(), created_at: NOW }).await?;
    }
    for n in 0..AGENTS {
        let user = User {
            id: agent_id(n),
            name: format!("Agent {n}"),
            email: format!("agent{n}@desk.example"),
            role: Role::Agent,
            sees: Sees::All,
            created_at: NOW,
            deactivated_at: None,
            revision: 1,
            has_second_factor: false,
        };
        tx.insert_user(&user, None).await?;
        tx.add_team_member(TEAMS[n % TEAMS.len()], &user.id).await?;
    }
    Ok(tx.commit().await?)
}

/// Agent 0, signed in.
pub(super) fn agent() -> Principal {
    Principal::staff(agent_id(0), Role::Agent)
}

pub(super) fn agent_id(n: usize) -> UserId {
    UserId::new(format!("{n:026}"))
}

fn customer(n: usize) -> Customer {
    let (name, email) = (format!("Customer {n}"), format!("customer{n}@example.org"));
    Customer::new(customer_id(n), name, Some(email), Timestamp(NOW.0 - SPAN_MS))
}

fn customer_id(n: usize) -> CustomerId {
    CustomerId::new(format!("{n:026}"))
}

fn ticket(n: usize, n_tickets: usize, n_customers: usize) -> Ticket {
    let mut random = Random::new(n as u64);
    let age_ms = SPAN_MS / n_tickets as i64 * (n_tickets - n) as i64;
    let created_at = Timestamp(NOW.0 - age_ms);
    let age_days = age_ms / 86_400_000;
    let status = status(age_days, &mut random);
    let worked_ms = (random.below(5 * 86_400_000) as i64).min(age_ms);
    let updated_at = Timestamp(created_at.0 + worked_ms);
    let team = random.below(TEAMS.len() as u64) as usize;
    let team = if random.below(3) == 0 { 0 } else { team };
    let is_owned = status != TicketStatus::New && random.below(10) > 0;
    let member = random.below((AGENTS / TEAMS.len()) as u64) as usize;
    let n_tags = [0, 0, 1, 1, 2][random.below(5) as usize];
    let tags: BTreeSet<Tag> =
        (0..n_tags).filter_map(|_| Tag::parse(&format!("topic-{}", random.skewed(TAGS)))).collect();
    Ticket {
        subject: words::sentence(n as u64, 7),
        status,
        priority: Priority::ALL[[0, 1, 1, 1, 1, 1, 1, 2, 2, 3][random.below(10) as usize]],
        tags: tags.into_iter().collect(),
        assignee_id: is_owned.then(|| agent_id(member * TEAMS.len() + team)),
        customer_id: Some(customer_id(random.skewed(n_customers as u64) as usize)),
        updated_at,
        solved_at: status.is_done().then_some(updated_at),
        handling: Handling { sla: promised(status, &mut random), ..Handling::default() },
        revision: 3,
        ..Ticket::new(
            TicketId::new(format!("{n:026}")),
            TEAMS[team].to_owned(),
            [Channel::chat(), Channel::api(), Channel::agent()][n % 3].clone(),
            Locale::english(),
            created_at,
        )
    }
}

/// Most tickets are closed after a month; one in three hundred stays for ever.
fn status(age_days: i64, random: &mut Random) -> TicketStatus {
    let unsolved = [TicketStatus::New, TicketStatus::Open, TicketStatus::Pending, TicketStatus::OnHold];
    let chance_of_1000 = match age_days {
        0..=2 => 700,
        3..=6 => 300,
        7..=13 => 120,
        14..=29 => 40,
        _ => 3,
    };
    if random.below(1_000) < chance_of_1000 {
        let last = if age_days < 3 { 4 } else { 3 };
        return unsolved[4 - last as usize + random.below(last) as usize];
    }
    if age_days < 30 { TicketStatus::Solved } else { TicketStatus::Closed }
}

/// How a ticket stands to what its customer is promised, as lists ask for it; the clocks behind it are not generated.
fn promised(status: TicketStatus, random: &mut Random) -> SlaSummary {
    let is_late = random.below(12) == 0;
    let hours = 1 + random.below(72) as i64;
    let (standing, hours) = match status {
        _ if status.is_done() && is_late => (SlaStanding::Breached, None),
        TicketStatus::Solved | TicketStatus::Closed => (SlaStanding::Met, None),
        _ if is_late => (SlaStanding::Breached, Some(-hours)),
        TicketStatus::Pending | TicketStatus::OnHold => (SlaStanding::Paused, None),
        _ if hours < 6 => (SlaStanding::Warned, Some(hours)),
        TicketStatus::New | TicketStatus::Open => (SlaStanding::Running, Some(hours)),
    };
    SlaSummary { standing, due_at: hours.map(|hours| Timestamp(NOW.0 + hours * 3_600_000)) }
}

fn messages(n: usize, ticket: &Ticket) -> impl Iterator<Item = Message> + use<> {
    let agent = match &ticket.assignee_id {
        Some(id) => Author::Agent { id: id.to_string(), name: "Agent".to_owned() },
        None => Author::System,
    };
    let (id, created, updated) = (ticket.id.clone(), ticket.created_at.0, ticket.updated_at.0);
    (0..MESSAGES).map(move |part| {
        let (author, kind) = match part {
            0 => (Author::Customer, MessageKind::Reply),
            1 => (agent.clone(), MessageKind::Reply),
            _ => (agent.clone(), MessageKind::Note),
        };
        Message {
            id: MessageId::new(format!("{:026}", n * MESSAGES + part)),
            ticket_id: id.clone(),
            author,
            kind,
            body: words::sentence((n * MESSAGES + part) as u64 + 1_000_003, 24),
            html: None,
            created_at: Timestamp(created + (updated - created) / MESSAGES as i64 * part as i64),
        }
    })
}

/// Numbers that follow from a seed (SplitMix64, Steele et al. 2014).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, each as likely.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// A number below `n`, small ones more likely: the cube of an even one.
    fn skewed(&mut self, n: u64) -> u64 {
        let even = self.below(1 << 20) as f64 / (1_u64 << 20) as f64;
        ((even * even * even * n as f64) as u64).min(n.saturating_sub(1))
    }
}
