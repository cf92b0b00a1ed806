//! `askwell audit`: shows, checks and exports who changed what. Works beside a running server.

use std::{
    fs::File,
    io::{BufWriter, Write},
    process::ExitCode,
};

use anyhow::{Context as _, anyhow, bail};
use desk::{AUDIT_CSV_HEAD, AUDIT_PER_PAGE_MAX, AuditOrder, AuditQuery, Desk};
use domain::{AuditEntry, Principal, Timestamp};

use crate::{
    cli::{AuditArgs, AuditCommand, AuditFormat},
    print, wiring,
};

pub(crate) async fn audit(command: AuditCommand) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::List { data, which, limit } => {
            let desk = wiring::open_records(&data).await?;
            let page = desk.list_audit(&Principal::System, AuditQuery { limit, ..query(which)? }).await?;
            for entry in &page.entries {
                if data.json {
                    print::json(&desk::audit_json(entry))?;
                } else {
                    print::line(&shown(entry));
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        AuditCommand::Verify { data } => {
            let desk = wiring::open_records(&data).await?;
            verify(&desk, data.json).await
        }
        AuditCommand::Export { data, which, format, to } => {
            let desk = wiring::open_records(&data).await?;
            let mut out: Box<dyn Write + Send> = match &to {
                None => Box::new(std::io::stdout()),
                Some(path) => {
                    let file = File::create_new(path);
                    Box::new(BufWriter::new(file.with_context(|| format!("cannot make {}", path.display()))?))
                }
            };
            let n = export(&desk, query(which)?, format, &mut out)
                .await
                .context("cannot export the audit log")?;
            print::say(&format!("{n} entries"));
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn verify(desk: &Desk, json: bool) -> anyhow::Result<ExitCode> {
    let verdict = desk.verify_audit(&Principal::System).await.context("cannot check the audit log")?;
    if json {
        print::json(&serde_json::json!({
            "n_checked": verdict.n_checked,
            "last_seq": verdict.last_seq,
            "last_hash": verdict.last_hash,
            "broken": verdict.broken.map(|broken| serde_json::json!({ "seq": broken.seq, "why": broken.why })),
        }))?;
    }
    if let Some(broken) = verdict.broken {
        bail!("entry {} is not as it was written: {}", broken.seq, broken.why);
    }
    if !json {
        print::line(&format!("{} entries are as they were written", verdict.n_checked));
        print::line(&format!("the last is {} with the hash {}", verdict.last_seq, verdict.last_hash));
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(
    desk: &Desk,
    query: AuditQuery,
    format: AuditFormat,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<usize> {
    let mut query = AuditQuery { order: AuditOrder::OldestFirst, limit: AUDIT_PER_PAGE_MAX, ..query };
    let mut n = 0;
    if format == AuditFormat::Csv {
        out.write_all(AUDIT_CSV_HEAD.as_bytes())?;
    }
    loop {
        let page = desk.list_audit(&Principal::System, query.clone()).await?;
        for entry in &page.entries {
            let line = match format {
                AuditFormat::Csv => desk::audit_csv_line(entry),
                AuditFormat::Jsonl => format!("{}\n", desk::audit_json(entry)),
            };
            out.write_all(line.as_bytes())?;
        }
        n += page.entries.len();
        let Some(after) = page.next else { break };
        query.after = Some(after);
    }
    out.flush()?;
    Ok(n)
}

fn query(which: AuditArgs) -> anyhow::Result<AuditQuery> {
    let time = |text: Option<String>| {
        let parse = |text: String| {
            Timestamp::parse(&text)
                .ok_or_else(|| anyhow!("{text} is no time; write 2026-01-31T12:00:00Z, or a date"))
        };
        text.map(parse).transpose()
    };
    Ok(AuditQuery {
        actor: which.actor,
        action: which.action,
        subject: which.subject,
        from: time(which.from)?,
        to: time(which.until)?,
        ..AuditQuery::default()
    })
}

fn shown(entry: &AuditEntry) -> String {
    let json = desk::audit_json(entry);
    let actor =
        entry.actor.name.as_deref().or(entry.actor.id.as_deref()).unwrap_or(entry.actor.kind.as_str());
    let subject = entry.subject_id.as_deref().unwrap_or("-");
    format!(
        "{}  {}  {actor} ({})  {}  {subject}  {}",
        entry.seq,
        json["at"].as_str().unwrap_or_default(),
        entry.origin.door.as_str(),
        entry.action.as_str(),
        entry.details
    )
}
