//! A real browser opens the reports: no error, no request, nothing wider than a phone, every plot
//! has a size, every link leads somewhere, and dark is not light.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::tests::Archive;
use super::write;

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// What the browser saw of a page in a frame as wide as a phone.
#[derive(Debug, Deserialize)]
struct Seen {
    /// Of the page, in pixels.
    width: f64,
    plots: usize,
    without_size: usize,
    /// Links to places that are not in the page.
    broken: Vec<String>,
    links: usize,
    requests: usize,
    paper: String,
    narrowest_letters: f64,
}

fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    let all = BROWSERS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|candidate| candidate.is_file())
}

/// The page stands unchanged in a frame; what looks at it stands outside.
fn probe(page: &str) -> String {
    let quoted = page.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        r##"<!doctype html><iframe id="frame" style="width:{PHONE}px;height:844px;border:0"
srcdoc="{quoted}"></iframe><pre id="seen"></pre><script>
onload = () => {{
  const view = frame.contentWindow, page = frame.contentDocument;
  const plots = [...page.querySelectorAll("svg[role=img]")];
  const links = [...page.querySelectorAll("a")].map(link => link.getAttribute("href"));
  const box = plot => plot.getBoundingClientRect();
  const size = node => parseFloat(view.getComputedStyle(node).fontSize);
  seen.textContent = JSON.stringify({{
    width: page.documentElement.scrollWidth,
    plots: plots.length,
    without_size: plots.filter(plot => box(plot).width < 50 || box(plot).height < 10).length,
    broken: links.filter(link => !link.startsWith("#") || !page.getElementById(link.slice(1))),
    links: links.length,
    requests: view.performance.getEntriesByType("resource").length,
    paper: view.getComputedStyle(page.body).backgroundColor,
    narrowest_letters: Math.min(...[...page.querySelectorAll("p, td, th, code, text")].map(size)),
  }});
}};
</script>"##
    )
}

const PHONE: u32 = 390;

fn look(browser: &Path, page: &str, dir: &Path, is_dark: bool) -> Seen {
    let file = dir.join("probe.html");
    std::fs::write(&file, probe(page)).unwrap();
    let scheme = if is_dark { 0 } else { 1 };
    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
    command.args(["--enable-logging=stderr", "--virtual-time-budget=2000"]);
    command.arg(format!("--blink-settings=preferredColorScheme={scheme}"));
    command.arg(format!("--user-data-dir={}", dir.join("profile").display()));
    command.arg(format!("file://{}", file.display())).stdin(Stdio::null());
    let output = command.output().unwrap();
    let (dom, log) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let told = log.lines().find(|line| line.contains(":CONSOLE"));
    assert!(told.is_none(), "the console says {told:?}");
    let seen = dom.split_once("<pre id=\"seen\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (seen, _) = seen.unwrap_or_else(|| panic!("the browser showed no page:\n{log}"));
    serde_json::from_str(seen).unwrap_or_else(|error| panic!("{error}: {seen}\n{log}"))
}

#[test]
fn a_browser_shows_the_report_on_a_phone() {
    let Some(browser) = browser() else {
        println!("skipped: no browser of {BROWSERS:?} is installed");
        return;
    };
    let archive = Archive::new("browser");
    write(&archive.dir()).unwrap();
    let page = archive.text("report.html");
    let dir = archive.dir();
    let [light, dark] = [false, true].map(|is_dark| look(&browser, &page, &dir, is_dark));
    for seen in [&light, &dark] {
        assert!(seen.width <= f64::from(PHONE), "wider than a phone: {seen:?}");
        assert!(seen.plots > 0 && seen.without_size == 0, "{seen:?}");
        assert!(seen.links > 5 && seen.broken.is_empty(), "{seen:?}");
        assert_eq!(seen.requests, 0, "{seen:?}");
        assert!(seen.narrowest_letters >= 12.0, "tiny letters: {seen:?}");
    }
    assert_ne!(light.paper, dark.paper);
}

#[test]
fn the_probe_sees_what_is_wrong() {
    let Some(browser) = browser() else {
        println!("skipped: no browser of {BROWSERS:?} is installed");
        return;
    };
    let archive = Archive::new("browser-wrong");
    let page = "<!doctype html><a href=\"#nowhere\">x</a><svg role=\"img\" width=\"0\"></svg>\
                <p style=\"width:900px;font-size:5px\">wide</p>";
    let seen = look(&browser, page, &archive.dir(), false);
    assert!(seen.width > f64::from(PHONE), "{seen:?}");
    assert_eq!((seen.without_size, seen.narrowest_letters), (1, 5.0), "{seen:?}");
    assert_eq!(seen.broken, ["#nowhere"]);
}
