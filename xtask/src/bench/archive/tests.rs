//! What comes of archives that are damaged, of disks that are full, and of runs that are cut short.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::bench::model::fixture;
use crate::bench::report;

/// The fixture's archive in a folder of its own, gone afterwards.
struct Archive(PathBuf);

impl Archive {
    fn new(test: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("xtask-{test}-{}", std::process::id()));
        let (run, samples) = fixture::archive();
        let mut writer = Writer::create(dir.clone(), &run).unwrap();
        for sample in &samples {
            writer.append(sample).unwrap();
        }
        Self(dir)
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.join(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.join(file), text).unwrap();
    }

    fn error(&self) -> String {
        format!("{:#}", read(&self.0).unwrap_err())
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_last_line_that_is_cut_off_makes_the_run_partial() {
    let archive = Archive::new("cut");
    let (_, whole) = fixture::archive();
    let text = archive.text(SAMPLES);
    // With and without the end of the line that is cut, and of it one octet alone.
    for cut in [10, text.lines().last().unwrap().len()] {
        archive.write(SAMPLES, &text[..text.len() - cut]);
        let (run, samples) = read(&archive.0).unwrap();
        assert!(run.partial);
        let (last, before) = samples.split_last().unwrap();
        assert_eq!(before, &whole[..whole.len() - 1]);
        let Sample::Failure(failure) = last else { panic!("{last:?}") };
        let place = format!("{SAMPLES}:{}: the line is cut off", whole.len());
        assert!(failure.message.contains(&place), "{}", failure.message);
    }
    let report = report::write(&archive.0).unwrap();
    assert!(report.run.partial && report.failures.len() == 1);
    assert_eq!(report.outcome(), crate::Outcome::HarnessError);
    // A file that ends with a whole line, but for its end, is whole.
    archive.write(SAMPLES, text.trim_end());
    assert_eq!(read(&archive.0).unwrap(), fixture::archive());
}

#[test]
fn a_line_that_is_damaged_elsewhere_is_an_error_with_its_place() {
    let archive = Archive::new("damaged-line");
    let text = archive.text(SAMPLES);
    let second = text.lines().nth(1).unwrap();
    for damaged in [&second[..9], "", "null", r#"{"kind":"unheard-of"}"#] {
        archive.write(SAMPLES, &text.replacen(second, damaged, 1));
        let error = archive.error();
        assert!(error.contains(&format!("{SAMPLES}:2: the line is damaged")), "{error}");
    }
}

#[test]
fn a_run_file_that_is_empty_cut_missing_or_of_another_schema() {
    let archive = Archive::new("run-file");
    let text = archive.text(RUN);
    for cut in ["", &text[..1], &text[..text.len() / 2]] {
        archive.write(RUN, cut);
        let error = archive.error();
        assert!(error.contains("run.json: no whole run.json: "), "{error}");
        assert!(error.contains(" at line "), "{error}");
    }
    // Of another schema, the rest may be anything.
    archive.write(RUN, r#"{"schema": 999, "partial": "maybe"}"#);
    let error = archive.error();
    assert!(error.contains("run.json: schema 999 where this xtask reads 2"), "{error}");
    std::fs::remove_file(archive.0.join(RUN)).unwrap();
    let error = archive.error();
    assert!(error.contains("is no archive: cannot read") && error.contains(RUN), "{error}");
    archive.write(RUN, &text);
    std::fs::remove_file(archive.0.join(SAMPLES)).unwrap();
    let error = archive.error();
    assert!(error.contains("cannot read") && error.contains(SAMPLES), "{error}");
}

/// A disk with room for so many octets more.
struct Disk {
    room: usize,
    file: File,
}

impl Write for Disk {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        if self.room == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let fits = octets.len().min(self.room);
        self.room -= fits;
        self.file.write(&octets[..fits])
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

#[test]
fn a_full_disk_names_the_file_and_keeps_what_was_measured() {
    let archive = Archive::new("full");
    let (run, samples) = fixture::archive();
    let room = serde_json::to_string(&samples[0]).unwrap().len() + 20;
    let file = File::create(archive.0.join(SAMPLES)).unwrap();
    let mut writer = Writer { dir: archive.0.clone(), samples: Disk { room, file } };
    writer.append(&samples[0]).unwrap();
    let error = format!("{:#}", writer.append(&samples[1]).unwrap_err());
    let path = archive.0.join(SAMPLES);
    assert!(error.starts_with(&format!("cannot append to {}", path.display())), "{error}");
    let (found, kept) = read(&archive.0).unwrap();
    assert!(found.partial && !run.partial);
    assert_eq!((kept.len(), &kept[0]), (2, &samples[0]));
    assert!(matches!(&kept[1], Sample::Failure(failure) if failure.stage == Stage::Archive));
}

#[test]
fn the_systems_full_device_is_such_a_disk() {
    let Ok(full) = File::options().append(true).open("/dev/full") else {
        println!("skipped: there is no /dev/full");
        return;
    };
    let (_, samples) = fixture::archive();
    let mut writer = Writer { dir: PathBuf::from("results/x"), samples: full };
    let error = format!("{:#}", writer.append(&samples[0]).unwrap_err());
    assert!(error.starts_with("cannot append to results/x/samples.jsonl: "), "{error}");
}

#[test]
fn a_file_that_cannot_be_replaced_stays() {
    let archive = Archive::new("replace");
    let text = archive.text(RUN);
    // A folder in the place of the new file: there is no room for it.
    std::fs::create_dir(archive.0.join("run.json.new")).unwrap();
    let error = format!("{:#}", replace(&archive.0.join(RUN), &1).unwrap_err());
    assert!(error.contains("cannot write") && error.contains(RUN), "{error}");
    assert_eq!(archive.text(RUN), text);
    let error = format!("{:#}", replace_text(Path::new("/nowhere/x.json"), "").unwrap_err());
    assert!(error.contains("cannot write /nowhere/x.json"), "{error}");
}

/// Where the child of the test below finds its folder.
const CHILD: &str = "XTASK_INTERRUPTED_RUN";

#[test]
fn an_interrupted_run_has_lost_nothing_that_was_measured() {
    // The child is this very test, in a process of its own, which writes until it is interrupted.
    if let Some(dir) = std::env::var_os(CHILD) {
        measure_for_ever(PathBuf::from(dir));
    }
    let dir = std::env::temp_dir().join(format!("xtask-interrupted-{}", std::process::id()));
    let archive = Archive(dir);
    let name = "bench::archive::tests::an_interrupted_run_has_lost_nothing_that_was_measured";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name]).env(CHILD, &archive.0).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    // The child has said how many it has written before it writes the next.
    let said = archive.0.join("said");
    let count = || std::fs::read_to_string(&said).ok()?.trim().parse::<usize>().ok();
    let started = Instant::now();
    while count().is_none_or(|count| count < 20) && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    // A shell may have started us in the background, where an interrupt is ignored.
    let interrupted = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if interrupted.elapsed() > Duration::from_secs(1) {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!child.wait().unwrap().success(), "it was interrupted");
    let written = count().unwrap();
    let (run, samples) = read(&archive.0).unwrap();
    let timings = samples.iter().filter(|sample| matches!(sample, Sample::Timing(_))).count();
    assert!(run.partial && timings >= written && written >= 20, "{timings} of {written}");
    let report = report::write(&archive.0).unwrap();
    assert_eq!(report.verdict.word, "PARTIAL");
    assert!(report.rows.iter().any(|row| row.medians.len() >= 5));
}

fn measure_for_ever(dir: PathBuf) -> ! {
    let (mut run, samples) = fixture::archive();
    run.partial = true;
    let mut writer = Writer::create(dir.clone(), &run).unwrap();
    let (timings, others): (Vec<_>, Vec<_>) =
        samples.into_iter().partition(|sample| matches!(sample, Sample::Timing(_)));
    for sample in &others {
        writer.append(sample).unwrap();
    }
    let mut written = 0;
    for timing in timings.iter().cycle() {
        writer.append(timing).unwrap();
        written += 1;
        std::fs::write(dir.join("new"), format!("{written}\n")).unwrap();
        std::fs::rename(dir.join("new"), dir.join("said")).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    unreachable!("the cycle has no end")
}
