//! The program itself, run as its users run it.

use std::process::{ExitStatus, Stdio};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    sync::mpsc::{self, UnboundedReceiver},
};

use super::{Api, in_time};

/// A running `locker-server`, killed if the test ends before it does.
pub(crate) struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The lines of stderr, which are read all the time: a full pipe would stop the process.
    stderr: UnboundedReceiver<String>,
    /// Those that somebody has seen.
    log: String,
}

/// How a process ended, and what it said after the lines that were read before.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_locker-server"));
    command.args(args).env_remove("LOCKER_SERVER_LOG").kill_on_drop(true);
    command
}

/// Runs a command to its end.
pub(crate) async fn run(args: &[&str]) -> Ended {
    end_of(&mut command(args)).await
}

/// Runs a command that was made ready to its end.
pub(crate) async fn end_of(command: &mut Command) -> Ended {
    let output = in_time(command.output()).await.unwrap();
    Ended {
        status: output.status,
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, stderr) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let _ = sender.send(line + "\n");
            }
        });
        Self { child, stdout, stderr, log: String::new() }
    }

    /// Starts `dev` and waits for its ready line.
    pub(crate) async fn dev(args: &[&str]) -> (Self, Value) {
        let args = [&["dev"], args].concat();
        let mut process = Self::spawn(&mut command(&args));
        let ready = process.ready().await;
        (process, ready)
    }

    /// Reads the ready line.
    pub(crate) async fn ready(&mut self) -> Value {
        let mut line = String::new();
        in_time(self.stdout.read_line(&mut line)).await.unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no ready line but {line:?}"))
    }

    /// Starts `serve` on a free port and waits until it says where it listens.
    pub(crate) async fn serve(database: &str, args: &[&str]) -> (Self, String) {
        let args = [&["serve", "--listen", "127.0.0.1:0", "--database", database], args].concat();
        let mut process = Self::spawn(&mut command(&args));
        let line = process.log_line("serving").await;
        let address = line.split("address=").nth(1).unwrap().split_whitespace().next().unwrap();
        (process, format!("http://{address}"))
    }

    /// Reads stderr up to a line that holds `text`.
    pub(crate) async fn log_line(&mut self, text: &str) -> String {
        loop {
            let Some(line) = in_time(self.stderr.recv()).await else {
                panic!("no {text:?} in the log:\n{}", self.log)
            };
            self.log.push_str(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Asks the server to stop.
    pub(crate) async fn terminate(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        let status = Command::new("kill").args([signal, &id]).status().await.unwrap();
        assert!(status.success());
    }

    /// Ends the stdin of a program that was started with a pipe there.
    pub(crate) fn close_stdin(&mut self) {
        drop(self.child.stdin.take());
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Waits for the end.
    pub(crate) async fn ended(mut self) -> Ended {
        let (mut stdout, mut stderr) = (String::new(), self.log);
        in_time(self.stdout.read_to_string(&mut stdout)).await.unwrap();
        while let Some(line) = self.stderr.recv().await {
            stderr.push_str(&line);
        }
        Ended { status: self.child.wait().await.unwrap(), stdout, stderr }
    }

    pub(crate) async fn stop(self) -> Ended {
        self.terminate("-TERM").await;
        self.ended().await
    }
}

/// Calls with the Read & Write access key of a ready line.
pub(crate) fn api(ready: &Value) -> Api {
    Api::new(ready["url"].as_str().unwrap(), ready["accessKeyId"].as_str().unwrap())
}
