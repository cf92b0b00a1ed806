//! Runs the binary, on a data directory of the test's own.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// How long a process may take to start or to end: the promise for the end is 20 s.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder with a data directory and whatever is to be imported.
pub(crate) struct Folder(TempDir);

/// What a process left behind.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// Writes a file, and gives its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, content).expect("written");
        self.path(name)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    /// The command with these words and `--data`.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = askwell(words);
        command.arg("--data").arg(self.data());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        finish(self.command(words))
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub(crate) fn succeed(&self, words: &[&str]) -> Ended {
        let ended = self.run(words);
        assert_eq!(ended.code, Some(0), "{words:?}: {} {}", ended.out, ended.err);
        ended
    }

    /// Runs a command that must succeed and print one line of JSON.
    #[track_caller]
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let ended = self.succeed(&[words, &["--json"]].concat());
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{words:?}: {error}: {}", ended.out))
    }

    /// Imports one article.
    pub(crate) fn import(&self, name: &str, text: &str) {
        let path = self.write(&format!("kb/{name}"), text);
        self.succeed(&["import", &path]);
    }

    /// A key with these scopes.
    pub(crate) fn key(&self, scopes: &str) -> String {
        let made = self.succeed(&["key", "create", "--scopes", scopes]);
        made.out.lines().last().expect("a last line").to_owned()
    }
}

/// The binary with these words and an empty environment.
pub(crate) fn askwell(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_askwell"));
    command.args(words).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn finish(mut command: Command) -> Ended {
    let output = command.output().expect("it runs");
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A running `askwell serve`; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Its address, `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    /// What it said until it listened and after.
    said: mpsc::Receiver<String>,
}

impl Server {
    /// Starts on a free port and waits until it listens.
    pub(crate) fn start(folder: &Folder) -> Self {
        Self::start_with(folder, &[])
    }

    pub(crate) fn start_with(folder: &Folder, words: &[&str]) -> Self {
        let words = [&["serve", "--listen", "127.0.0.1:0"], words].concat();
        let mut child = folder.command(&words).stdout(Stdio::null()).spawn().expect("it starts");
        let said = lines_of(child.stderr.take().expect("its standard error"));
        let mut all = Vec::new();
        let started = Instant::now();
        // Filling the demo embeds the whole manual with an unoptimised binary.
        let patience = PATIENCE * if words.contains(&"--demo") { 6 } else { 1 };
        let base = loop {
            let line = said
                .recv_timeout(patience.saturating_sub(started.elapsed()))
                .unwrap_or_else(|_| panic!("it does not listen; it said {all:?}"));
            if let Some(base) = line.strip_prefix("Askwell listens on ") {
                break base.to_owned();
            }
            all.push(line);
        };
        Self { child, base, said }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line on standard error that contains this.
    pub(crate) fn says(&self, part: &str) -> String {
        loop {
            let line = self.said.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it never says {part}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    /// What it has said on standard error and nobody has read.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.try_iter().collect()
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
    }

    /// Asks it to end, and waits.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(kill.expect("kill runs").success());
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(asked.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a stream, read on a thread of its own so that the process never waits for us.
fn lines_of(stream: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    lines
}

/// The names in a folder; none when there is no folder.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
