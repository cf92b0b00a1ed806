//! Articles of an imaginary product, which the tests publish and ask about.

/// A title and its Markdown.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The title.
    pub title: &'static str,
    /// Its slug, as it is made from the title.
    pub slug: &'static str,
    /// The Markdown.
    pub body: &'static str,
}

/// Sentences, steps and a heading.
pub const PASSWORD: Text = Text {
    title: "Reset your password",
    slug: "reset-your-password",
    body: "\
To reset your password, open the sign-in page and choose **Forgot password**.
We send a link to your mail address. The link works for 30 minutes and only once.

## If the link does not arrive

1. Look into the spam folder.
2. Check that the address is the one you signed up with.
3. Ask an administrator of your team to send the link again.
",
};

/// A table and code.
pub const CONTACTS: Text = Text {
    title: "Export your contacts",
    slug: "export-your-contacts",
    body: "\
You can export all contacts of your team as one CSV file. Open **Settings**, then **Contacts**, and choose **Export**.

| Column | What it holds |
|---|---|
| `name` | The full name |
| `phone` | The number, with its country code |

An export of 10,000 contacts takes about a minute. You get a mail when the file is ready:

```
contacts-2026-01-01.csv
```
",
};

/// Plain sentences.
pub const INVOICES: Text = Text {
    title: "Download invoices",
    slug: "download-invoices",
    body: "\
Invoices are on the billing page of your team. Only owners can open the billing page.
Each invoice is a PDF with the tax number of your company.
The invoice of a month appears on the first day of the next month.
",
};

/// Steps at the top.
pub const MAILBOX: Text = Text {
    title: "Connect a shared mailbox",
    slug: "connect-a-shared-mailbox",
    body: "\
A shared mailbox brings the mail of an address such as help@example.org into the inbox of your team.

1. Open **Settings** and choose **Mailboxes**.
2. Enter the address of the mailbox and its IMAP server.
3. Enter the app password that your mail provider gave you.
4. Choose **Connect** and wait for the green dot.
",
};
