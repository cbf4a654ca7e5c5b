//! A site's webhook on the built worker, told to a receiver of our own.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, refused};
use sentiero_core::api::{Counters, IssuedToken, SiteAnswer, WebhookAnswer, WebhookSecret};
use sentiero_core::issue::hook::delivery::Reason;
use sentiero_core::issue::hook::{
    DELIVERY_HEADER, Delivery, Failure, MAX_WAITING, Notice, SIGNATURE_HEADER, Stage,
};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use system_tests::client::{Dashboard, post};
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker, root};

const SOON: Duration = Duration::from_secs(30);

/// What a receiver does with a delivery; the last of its list with all that follow.
#[derive(Clone, Debug)]
enum Reply {
    /// Answers with this status.
    Status(u16),
    /// Leads elsewhere.
    Redirect(String),
    /// Closes the connection without an answer: it has the delivery all the same.
    Close,
    /// Says nothing, for as long as the connection stands.
    Nothing,
    /// Answers 200 with a body that does not end.
    Endless,
}

/// A delivery as it came.
#[derive(Clone, Debug)]
struct Came {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Came {
    fn header(&self, name: &str) -> &str {
        let name = name.to_lowercase();
        let mut found = self.headers.iter().filter(|(other, _)| *other == name);
        &found.next().unwrap().1
    }

    fn notice(&self) -> Notice {
        serde_json::from_str(&self.body).unwrap()
    }

    /// When it was signed, s since the epoch.
    fn sent_at(&self) -> u64 {
        let signature = self.header(SIGNATURE_HEADER);
        let time = signature
            .split(',')
            .find_map(|part| part.strip_prefix("t="));
        time.unwrap().parse().unwrap()
    }

    /// Whether the documentation's sample finds it signed with `secret`.
    fn is_signed(&self, secret: &str) -> bool {
        let mut verify = Command::new("node")
            .arg(root().join("tests/webhook/verify.mjs"))
            .arg(self.header(SIGNATURE_HEADER))
            .env("SECRET", secret)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = verify.stdin.take().unwrap();
        input.write_all(self.body.as_bytes()).unwrap();
        drop(input);
        verify.wait().unwrap().success()
    }
}

/// Somebody who is told.
struct Receiver {
    url: String,
    came: Arc<Mutex<Vec<Came>>>,
}

impl Receiver {
    fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let came = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&came);
        thread::spawn(move || {
            let mut replies = replies.into_iter().peekable();
            for stream in listener.incoming() {
                let (mut stream, all) = (stream.unwrap(), Arc::clone(&all));
                let Some(delivery) = read(&stream) else {
                    continue;
                };
                all.lock().unwrap().push(delivery);
                let reply = replies.next().unwrap();
                if replies.peek().is_none() {
                    replies = vec![reply.clone()].into_iter().peekable();
                }
                thread::spawn(move || answer(&mut stream, &reply));
            }
        });
        Self { url, came }
    }

    fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    /// The first so many, once they are there.
    fn first(&self, many: usize) -> Vec<Came> {
        until("it was told", SOON, || {
            Some(self.came()).filter(|came| came.len() >= many)
        })
    }
}

fn read(stream: &TcpStream) -> Option<Came> {
    let mut input = BufReader::new(stream);
    let mut line = String::new();
    input.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        input.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length?.1.parse().ok()?];
    input.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Came {
        path,
        headers,
        body,
    })
}

fn answer(stream: &mut TcpStream, reply: &Reply) {
    let head = match reply {
        Reply::Status(status) => {
            format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        Reply::Redirect(place) => format!(
            "HTTP/1.1 302 x\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ),
        Reply::Close => return,
        Reply::Nothing => String::new(),
        Reply::Endless => "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
    };
    // Whoever does not want the answer has closed.
    let _ = stream.write_all(head.as_bytes());
    if let Reply::Endless = reply {
        let piece = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
        while stream.write_all(piece.as_bytes()).is_ok() {}
    }
    if let Reply::Nothing = reply {
        let _ = stream.read(&mut [0]);
    }
}

/// Of one whose own machine may be told.
fn options() -> Options {
    let mut options = Options::default();
    options.vars.push(("WEBHOOK_LOCAL", "true".to_owned()));
    options
}

fn worker() -> Worker {
    Worker::start(options()).unwrap()
}

fn asker(worker: &Worker) -> Asker {
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    Asker::at(&worker.url, &dashboard)
}

fn config(webhook: &Value) -> Value {
    let config = json!({"name": "hooked", "origins": ["self"], "webhook": webhook});
    match webhook {
        Value::Null => json!({"name": "hooked", "origins": ["self"]}),
        _ => config,
    }
}

/// A site whose news goes to `url`, and the secret that it is signed with.
fn hooked(asker: &Asker, url: &str) -> WebhookSecret {
    let webhook = json!({"url": url, "dashboard": "https://sentiero.example/dashboard/"});
    let made = asker.ask(
        "POST",
        "sites",
        &json!({"key": "hooked", "config": config(&webhook)}),
    );
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = asker.ask("POST", "sites/hooked/webhook/secret", &Value::Null);
    assert_eq!(secret.status, 201, "{}", secret.text());
    secret.json().unwrap()
}

/// A page throws something.
fn throws(worker: &Worker, message: &str) {
    let visit = Visit::started(now() - 5_000);
    let at = visit.sid.start();
    let thrown = json!({ "message": message });
    let event = format!(
        r#"{{"type":5,"data":{{"tag":"error","payload":{thrown}}},"timestamp":{}}}"#,
        at + 1
    );
    let upload = post(
        &worker.url,
        "hooked",
        &[],
        body(&visit.header(1, 0, 1), &[event]),
    );
    let upload = upload.unwrap();
    assert_eq!(upload.status, 200, "{}", upload.text());
}

fn shown(asker: &Asker) -> WebhookAnswer {
    let answer = asker.ask("GET", "sites/hooked/webhook", &Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()
}

fn ended(asker: &Asker) -> Delivery {
    until("it ended", SOON, || {
        let last = shown(asker).deliveries.into_iter().next();
        last.filter(|delivery| delivery.stage != Stage::Waiting)
    })
}

fn test(asker: &Asker) -> Delivery {
    let answer = asker.ask("POST", "sites/hooked/webhook/test", &Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()
}

/// Waits until `word` was counted so many times.
fn assert_counted(asker: &Asker, word: &str, times: u64) {
    until("it is counted", SOON, || {
        let answer = asker.ask("GET", "sites/hooked/counters", &Value::Null);
        let counters: Counters = answer.json().unwrap();
        let of_word = counters.counts.iter().filter(|count| count.name == word);
        (of_word.map(|count| count.n).sum::<u64>() == times).then_some(())
    });
}

/// It fails, breaks, and the worker is killed in between; it is the same delivery each time.
#[test]
fn a_new_issue_is_told_until_it_is_heard_also_after_a_crash() {
    let mut worker = worker();
    let receiver = Receiver::start(vec![Reply::Status(500), Reply::Close, Reply::Status(204)]);
    let secret = hooked(&asker(&worker), &receiver.url).secret;
    throws(&worker, "TypeError: cart is null");
    receiver.first(1);
    worker.crash_and_restart().unwrap();
    let came = receiver.first(3);
    let asker = asker(&worker);
    let delivery = ended(&asker);
    assert_eq!(
        (delivery.stage, delivery.status, delivery.failure),
        (Stage::Delivered, Some(204), None)
    );
    assert!(delivery.attempts >= 3, "{delivery:?}");
    let first = came[0].notice();
    assert_eq!(first.version, 1);
    assert_eq!((first.site.as_str(), first.why), ("hooked", Reason::New));
    assert_eq!(first.issue.title, "TypeError: cart is null");
    let link = format!(
        "https://sentiero.example/dashboard/#/s/hooked/reports/issue?issue={}",
        first.issue.fingerprint.text()
    );
    assert_eq!(first.link, Some(link));
    for delivered in &came {
        assert_eq!(delivered.path, "/hook");
        assert_eq!(delivered.body, came[0].body);
        assert_eq!(delivered.header(DELIVERY_HEADER), delivery.id);
        assert_eq!(delivered.notice().id, delivery.id);
        assert!(delivered.is_signed(&secret));
        assert!(!delivered.is_signed("another"));
    }

    // The same issue is no news, another is.
    throws(&worker, "TypeError: cart is null");
    throws(&worker, "RangeError: too deep");
    let titles: Vec<String> = receiver.first(4)[3..]
        .iter()
        .map(|came| came.notice().issue.title)
        .collect();
    assert_eq!(titles, ["RangeError: too deep"]);
    assert_counted(&asker, "webhook_delivered", 2);
}

#[test]
fn who_is_slow_leads_elsewhere_or_never_ends_is_not_waited_for() {
    let elsewhere = Receiver::start(vec![Reply::Status(200)]);
    let receiver = Receiver::start(vec![
        Reply::Redirect(elsewhere.url.clone()),
        Reply::Nothing,
        Reply::Endless,
        Reply::Close,
        Reply::Status(404),
    ]);
    let worker = worker();
    let asker = asker(&worker);
    hooked(&asker, &receiver.url);
    for (status, failure, stage) in [
        (Some(302), Some(Failure::Redirected), Stage::Failed),
        (None, Some(Failure::TimedOut), Stage::Failed),
        (Some(200), None, Stage::Delivered),
        (None, Some(Failure::Unreachable), Stage::Failed),
        (Some(404), Some(Failure::Refused), Stage::Failed),
    ] {
        let delivery = test(&asker);
        let expected = (status, failure, stage, 1, Reason::Test);
        let Delivery {
            status,
            failure,
            stage,
            attempts,
            why,
            ..
        } = delivery;
        assert_eq!((status, failure, stage, attempts, why), expected);
    }
    assert_eq!(elsewhere.came().len(), 0, "a redirect is not followed");
    let shown = shown(&asker);
    assert_eq!((shown.waiting, shown.deliveries.len()), (0, 5));
    assert_eq!(shown.deliveries[0].status, Some(404), "the newest first");
}

/// Eight times in nine hours, which the worker's clock runs through in seconds.
#[test]
fn who_never_hears_is_told_eight_times_and_that_it_failed_is_shown_and_counted() {
    const SPEED: u64 = 5_000;
    /// Between two attempts at the least, s: docs/webhooks.md.
    const WAITS: [u64; 7] = [2, 10, 60, 300, 1_800, 7_200, 21_600];
    let receiver = Receiver::start(vec![Reply::Status(503)]);
    let worker = Worker::start(Options {
        faults: true,
        ..options()
    })
    .unwrap();
    hooked(&asker(&worker), &receiver.url);
    throws(&worker, "TypeError: cart is null");
    receiver.first(1);
    worker.break_with(&json!({ "speed": SPEED })).unwrap();
    let came = receiver.first(WAITS.len() + 1);
    worker.break_with(&json!({ "speed": 1 })).unwrap();
    let asker = asker(&worker);
    let delivery = ended(&asker);
    assert_eq!(
        (delivery.stage, delivery.status, delivery.failure),
        (Stage::Failed, Some(503), Some(Failure::Refused))
    );
    assert_eq!((delivery.attempts, delivery.due), (8, None));
    for came in &came {
        assert_eq!(came.header(DELIVERY_HEADER), delivery.id);
    }
    for (pair, wait) in came.windows(2).zip(WAITS) {
        let waited = pair[1].sent_at() - pair[0].sent_at();
        assert!(waited + 1 >= wait, "{waited} s, not {wait}");
    }
    assert_counted(&asker, "webhook_failed", 1);
    assert_eq!(receiver.came().len(), came.len());
    assert_eq!(shown(&asker).waiting, 0);
}

/// A page throws so many errors at once, each of an issue of its own.
fn throws_many(worker: &Worker, from: usize, many: usize) {
    let visit = Visit::started(now() - 5_000);
    let at = visit.sid.start();
    let letter = |digit: usize| char::from(b"abcdefghijklmnopqrstuvwxyz"[digit % 26]);
    let events: Vec<String> = (from..from + many)
        .map(|n| {
            let message = format!("TypeError: {}{}kin is null", letter(n / 26), letter(n));
            let thrown = json!({ "message": message });
            format!(
                r#"{{"type":5,"data":{{"tag":"error","payload":{thrown}}},"timestamp":{}}}"#,
                at + 1
            )
        })
        .collect();
    let header = visit.header(1, 0, u32::try_from(many).unwrap());
    let upload = post(&worker.url, "hooked", &[], body(&header, &events)).unwrap();
    assert_eq!(upload.status, 200, "{}", upload.text());
}

/// Nobody hears, so that all of them wait: of more than may, the rest is counted and not told.
#[test]
fn more_than_may_wait_is_dropped_and_counted() {
    const BEYOND: usize = 20;
    let receiver = Receiver::start(vec![Reply::Status(500)]);
    let worker = worker();
    let asker = asker(&worker);
    hooked(&asker, &receiver.url);
    for from in (0..MAX_WAITING + BEYOND).step_by(BEYOND) {
        throws_many(&worker, from, BEYOND);
    }
    assert_counted(&asker, "webhook_dropped", BEYOND as u64);
    assert_eq!(shown(&asker).waiting, MAX_WAITING as u64);
}

#[test]
fn a_secret_is_shown_once_and_can_be_made_anew() {
    let receiver = Receiver::start(vec![Reply::Status(200)]);
    let worker = worker();
    let asker = asker(&worker);
    let first = hooked(&asker, &receiver.url);
    test(&asker);
    let second = asker.ask("POST", "sites/hooked/webhook/secret", &Value::Null);
    let second: WebhookSecret = second.json().unwrap();
    assert_ne!(first.secret, second.secret);
    test(&asker);
    let came = receiver.first(2);
    assert!(came[0].is_signed(&first.secret) && !came[0].is_signed(&second.secret));
    assert!(came[1].is_signed(&second.secret) && !came[1].is_signed(&first.secret));

    // Nobody is shown it again, and a change of the address leaves it.
    let answer = asker.ask("GET", "sites/hooked", &Value::Null);
    let site: SiteAnswer = answer.json().unwrap();
    for path in ["sites/hooked", "sites/hooked/webhook", "sites"] {
        let text = asker.ask("GET", path, &Value::Null).text();
        assert!(!text.contains(&second.secret), "{path}");
    }
    let hidden = second.secret.as_bytes();
    assert!(
        !worker.storage_contains(hidden).unwrap(),
        "it is kept nowhere"
    );
    let moved = json!({"url": format!("{}/moved", receiver.url)});
    let change = json!({"revision": site.revision, "config": config(&moved)});
    let changed = asker.ask("PUT", "sites/hooked", &change);
    assert_eq!(changed.status, 200, "{}", changed.text());
    test(&asker);
    let moved = receiver.first(3).remove(2);
    assert_eq!(
        (moved.path.as_str(), moved.is_signed(&second.secret)),
        ("/hook/moved", true)
    );
    assert_eq!(moved.notice().link, None);

    let site: SiteAnswer = changed.json().unwrap();
    let change = json!({"revision": site.revision, "config": config(&Value::Null)});
    assert_eq!(asker.ask("PUT", "sites/hooked", &change).status, 200);
    let log = asker.ask("GET", "sites/hooked/audit", &Value::Null).text();
    for action in [
        "webhook_set",
        "webhook_secret_made",
        "webhook_changed",
        "webhook_removed",
    ] {
        assert!(log.contains(&format!("\"{action}\"")), "{action}: {log}");
    }
    let gone = asker.ask("POST", "sites/hooked/webhook/test", &Value::Null);
    refused(&gone, 409, "no_webhook");
    let gone = asker.ask("POST", "sites/hooked/webhook/secret", &Value::Null);
    refused(&gone, 409, "no_webhook");
}

#[test]
fn where_nothing_is_told_to_and_by_whom() {
    let worker = Worker::start(Options::default()).unwrap();
    let asker = asker(&worker);
    let create = |url: &str| {
        let webhook = json!({ "url": url });
        let site = json!({"key": "unhooked", "config": config(&webhook)});
        asker.ask("POST", "sites", &site)
    };
    // This deployment has not said that its own machine may be told.
    for url in [
        "http://127.0.0.1:9000/",
        "http://hooks.example.com/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://me@hooks.example.com/",
        "https://localhost./",
    ] {
        let answer = create(url);
        refused(&answer, 400, "wrong_field");
        assert!(
            answer.text().contains("webhook.url"),
            "{url}: {}",
            answer.text()
        );
    }
    assert_eq!(create("https://hooks.example.com/a").status, 201);
    let token = json!({"name": "reader", "scopes": ["read"], "sites": ["unhooked"]});
    let token: IssuedToken = asker.ask("POST", "tokens", &token).json().unwrap();
    let headers = vec![(
        "authorization".to_owned(),
        format!("Bearer {}", token.secret),
    )];
    let reader = Asker {
        headers,
        ..asker.clone()
    };
    for (method, path) in [
        ("GET", "sites/unhooked/webhook"),
        ("POST", "sites/unhooked/webhook/secret"),
        ("POST", "sites/unhooked/webhook/test"),
    ] {
        assert_eq!(reader.ask(method, path, &Value::Null).status, 403, "{path}");
        let path = path.replace("unhooked", "nobody");
        let nobody = asker.ask(method, &path, &Value::Null);
        refused(&nobody, 404, "not_found");
    }
}
