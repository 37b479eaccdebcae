//! Answers with what locker-server answered to the same question before, from memory and with as little work as possible:
//! what a server needs for an answer is the same for all clients, and would hide how they differ.
//!
//!     bench-replay API_BASE [LATENCY_MS [altered]]
//!
//! With `altered` the last value of each page is not what was sealed. It prints `{ "port" }`, and `{ "requests",
//! "connections" }` since the last time for every line on its standard input, and ends with that.

use std::{
    collections::HashMap,
    env,
    error::Error,
    io::{self, BufRead, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

struct Replay {
    /// Host and port of locker-server.
    upstream: String,
    latency: Duration,
    is_altered: bool,
    answers: RwLock<HashMap<Question, Arc<[u8]>>>,
    requests: AtomicU64,
    connections: AtomicU64,
}

/// Path and access key: all that the answer to a read depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    path: String,
    authorization: String,
}

fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1);
    let base = arguments.next().ok_or("the address of locker-server is missing")?;
    let latency = arguments.next().map_or(Ok(0), |latency| latency.parse())?;
    let authority = base.strip_prefix("http://").ok_or("the address must begin with http://")?;
    let replay = Arc::new(Replay {
        upstream: authority.split('/').next().unwrap_or_default().to_owned(),
        latency: Duration::from_millis(latency),
        is_altered: arguments.next().is_some_and(|word| word == "altered"),
        answers: RwLock::default(),
        requests: AtomicU64::default(),
        connections: AtomicU64::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!(r#"{{"port":{}}}"#, listener.local_addr()?.port());
    let answering = Arc::clone(&replay);
    thread::spawn(move || accept(&listener, &answering));
    for line in io::stdin().lock().lines() {
        line?;
        let [requests, connections] =
            [&replay.requests, &replay.connections].map(|count| count.swap(0, Relaxed));
        println!(r#"{{"requests":{requests},"connections":{connections}}}"#);
    }
    Ok(())
}

fn accept(listener: &TcpListener, replay: &Arc<Replay>) {
    for connection in listener.incoming().flatten() {
        replay.connections.fetch_add(1, Relaxed);
        let replay = Arc::clone(replay);
        thread::spawn(move || {
            if let Err(problem) = replay.serve(connection) {
                eprintln!("bench-replay: {problem}");
            }
        });
    }
}

impl Replay {
    fn serve(&self, mut connection: TcpStream) -> Outcome<()> {
        connection.set_nodelay(true)?;
        let mut unread = Vec::new();
        let mut chunk = [0; 16 * 1024];
        loop {
            match connection.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(length) => unread.extend_from_slice(&chunk[..length]),
                // A client's process ends without a word.
                Err(problem) if problem.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
                Err(problem) => return Err(problem.into()),
            }
            while let Some(end) = position(&unread, END_OF_HEAD) {
                let question = Question::of(str::from_utf8(&unread[..end])?)?;
                unread.drain(..end + END_OF_HEAD.len());
                self.requests.fetch_add(1, Relaxed);
                let answer = self.answer(question)?;
                if !self.latency.is_zero() {
                    thread::sleep(self.latency);
                }
                connection.write_all(&answer)?;
            }
        }
    }

    fn answer(&self, question: Question) -> Outcome<Arc<[u8]>> {
        let known = self.answers.read().unwrap_or_else(PoisonError::into_inner).get(&question).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let answer: Arc<[u8]> = self.record(&question)?.into();
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        answers.insert(question, Arc::clone(&answer));
        Ok(answer)
    }

    fn record(&self, Question { path, authorization }: &Question) -> Outcome<Vec<u8>> {
        let mut server = TcpStream::connect(&self.upstream)?;
        let host = &self.upstream;
        write!(
            server,
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: {authorization}\r\naccept: application/json\r\nconnection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        let end = position(&answer, END_OF_HEAD).ok_or("an answer without an end of its head")?;
        let (head, body) = (str::from_utf8(&answer[..end])?, &answer[end + END_OF_HEAD.len()..]);
        if header(head, "content-length").and_then(|length| length.parse().ok()) != Some(body.len()) {
            return Err("an answer whose length is not what it says".into());
        }
        let status = head.lines().next().unwrap_or_default();
        let length = body.len();
        let head = format!("{status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
        let mut recorded = head.into_bytes();
        recorded.extend_from_slice(body);
        if self.is_altered {
            alter(&mut recorded);
        }
        Ok(recorded)
    }
}

impl Question {
    fn of(head: &str) -> Outcome<Self> {
        let path = head.strip_prefix("GET ").and_then(|rest| rest.split(' ').next());
        let authorization = header(head, "authorization").unwrap_or_default().to_owned();
        Ok(Self { path: path.ok_or("a request that is no GET")?.to_owned(), authorization })
    }
}

fn header<'head>(head: &'head str, wanted: &str) -> Option<&'head str> {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
}

/// Changes the IV of the last value, but not its last character, of which some bits have to be zero.
fn alter(answer: &mut [u8]) {
    let Some(value) = last_position(answer, br#""value":""#) else { return };
    let Some(length) = position(&answer[value..], b"==|") else { return };
    let changed = &mut answer[value + length - 2];
    *changed = if *changed == b'A' { b'B' } else { b'A' };
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn last_position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}
