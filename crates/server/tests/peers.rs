//! Clients of the real world, where they are installed.

mod common;

use std::io::Write as _;
use std::process::{Command, Stdio};

use shockwave_server::{Error, Request, Sent};

use common::{Served, bound, start};

async fn handler(mut request: Request<'_>) -> Result<Sent, Error> {
    match request.path() {
        "/refuse" => Ok(request.respond().status(403).text("no")),
        "/echo" => {
            let (_, mut body, responder) = request.split();
            let mut stream = responder.stream()?;
            while let Some(piece) = body.chunk().await {
                stream.write(piece?).await?;
            }
            stream.finish()
        }
        path => {
            let length = request.body().collect(32 << 20).await?.len();
            let method = request.method();
            let text = format!("{method} {path} {length}\n");
            Ok(request.respond().text(text))
        }
    }
}

/// What curl prints, given `input`. `None`: there is no curl.
fn curl(server: &Served, path: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let url = format!("http://{}{path}", server.address);
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "20"]);
    command.args(arguments).arg(&url);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let Ok(mut child) = command.spawn() else {
        println!("skipped: there is no curl");
        return None;
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let feeding = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    let _ = feeding.join().expect("no panic");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    Some(String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn curl_gets_what_it_asks_for() {
    let server = start(bound(), handler);
    let ask = |path: &str, arguments: &[&str], input: &[u8]| curl(&server, path, arguments, input);
    let Some(answer) = ask("/", &["--include"], b"") else { return };
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nGET / 0\n"), "{answer}");
    let answer = ask("/", &["--head"], b"").expect("curl");
    assert!(answer.contains("Content-Length: 9\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
    let answer = ask("/", &["--include", "--http1.0"], b"").expect("curl");
    assert!(answer.contains("\r\nConnection: close\r\n"), "{answer}");
    assert_eq!(ask("/", &["--data", "a=b"], b"").expect("curl"), "POST / 3\n");
    let content = vec![b'x'; 5 << 20];
    // In chunks, with Expect: 100-continue, and without.
    let upload = ["--upload-file", "-"];
    assert_eq!(ask("/", &upload, &content).expect("curl"), "PUT / 5242880\n");
    assert_eq!(ask("/echo", &upload, &content).expect("curl").len(), content.len());
    let plain = ["--upload-file", "-", "--header", "Expect:"];
    assert_eq!(ask("/", &plain, &content).expect("curl"), "PUT / 5242880\n");
    assert_eq!(ask("/echo", &plain, &content).expect("curl").len(), content.len());
    let expecting = ["--data-binary", "@-", "--header", "Expect: 100-continue"];
    assert_eq!(ask("/", &expecting, &content).expect("curl"), "POST / 5242880\n");
    assert_eq!(ask("/refuse", &expecting, &content).expect("curl"), "no");
    server.finish();
}

#[test]
fn curl_keeps_its_connection() {
    let server = start(bound(), handler);
    let second = format!("http://{}/second", server.address);
    let arguments = ["--write-out", "%{num_connects}\n", &second, "--data", "x"];
    let Some(answer) = curl(&server, "/third", &arguments, b"") else { return };
    assert_eq!(answer, "POST /second 1\n1\nPOST /third 1\n0\n");
    assert_eq!(server.stats().accepted_connections, 1);
    server.finish();
}

#[test]
fn apache_bench_is_served() {
    let server = start(bound(), handler);
    let url = format!("http://{}/", server.address);
    let Ok(output) = Command::new("ab").args(["-q", "-k", "-n", "2000", "-c", "16", &url]).output()
    else {
        println!("skipped: there is no ab");
        return;
    };
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(report.contains("Failed requests:        0"), "{report}");
    server.finish();
}
