//! What `cargo xtask bench profile` needs beyond xtask, which builds this program when it does.
//!
//! | arguments | input | output |
//! |---|---|---|
//! | `symbols BINARY` | addresses, as `0x1f` | each, with name and place of each of its frames |
//! | `symbols-at BINARY` | offsets in the file | the same |
//! | `flame TITLE SUBTITLE UNIT` | folded stacks, `a;b;c 12` | a flame graph as SVG |
//!
//! Input and output are lines. The fields of a line of `symbols` are parted by tabs. The innermost
//! of the inlined functions comes first, and the function that holds them all last.

use std::io::{BufRead, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use object::{Object as _, ObjectSegment as _};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask-profile: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    let input = std::io::stdin().lock();
    let mut output = BufWriter::new(std::io::stdout().lock());
    match arguments {
        ["symbols", binary] => symbols(Path::new(binary), &[], input, &mut output)?,
        ["symbols-at", binary] => {
            let binary = Path::new(binary);
            symbols(binary, &segments(binary)?, input, &mut output)?;
        }
        ["flame", title, subtitle, unit] => flame([title, subtitle, unit], input, &mut output)?,
        _ => bail!(
            "usage: xtask-profile symbols BINARY | symbols-at BINARY | flame TITLE SUBTITLE UNIT"
        ),
    }
    Ok(output.flush()?)
}

/// A part of a file that is loaded: where it begins there, its length, and its address.
struct Segment {
    offset: u64,
    length: u64,
    address: u64,
}

fn segments(binary: &Path) -> Result<Vec<Segment>> {
    let data =
        std::fs::read(binary).with_context(|| format!("cannot read {}", binary.display()))?;
    let file = object::File::parse(&*data)?;
    let segment = |segment: object::Segment<'_, '_>| {
        let (offset, length) = segment.file_range();
        Segment { offset, length, address: segment.address() }
    };
    Ok(file.segments().map(segment).collect())
}

/// The address of an offset in the file; without segments, it is an address already.
fn address(segments: &[Segment], offset: u64) -> u64 {
    let within = |segment: &&Segment| {
        offset.checked_sub(segment.offset).is_some_and(|at| at < segment.length)
    };
    segments.iter().find(within).map_or(offset, |at| offset - at.offset + at.address)
}

/// Names addresses of `binary`, or offsets in its file.
fn symbols(
    binary: &Path,
    segments: &[Segment],
    input: impl BufRead,
    output: &mut impl Write,
) -> Result<()> {
    let loader = addr2line::Loader::new(binary)
        .map_err(|error| anyhow!("cannot read the symbols of {}: {error}", binary.display()))?;
    for line in input.lines() {
        let line = line?;
        let digits = line.strip_prefix("0x").unwrap_or(&line);
        let given =
            u64::from_str_radix(digits, 16).with_context(|| format!("not an address: {line:?}"))?;
        write!(output, "{given:#x}")?;
        let mut frames =
            loader.find_frames(address(segments, given)).map_err(|error| anyhow!("{error}"))?;
        while let Some(frame) = frames.next()? {
            let name = frame.function.as_ref().map(|name| name.demangle()).transpose()?;
            let place = frame.location.as_ref();
            let file = place.and_then(|place| place.file).unwrap_or_default();
            let line = place.and_then(|place| place.line).unwrap_or_default();
            write!(output, "\t{}\t{file}:{line}", name.unwrap_or_default())?;
        }
        writeln!(output)?;
    }
    Ok(())
}

fn flame(
    [title, subtitle, unit]: [&str; 3],
    input: impl BufRead,
    output: &mut impl Write,
) -> Result<()> {
    let mut options = inferno::flamegraph::Options::default();
    options.title = title.to_owned();
    options.subtitle = Some(subtitle.to_owned());
    options.count_name = unit.to_owned();
    // The reader's own fonts and nothing from elsewhere; the same colours for the same names.
    options.hash = true;
    options.font_type = "sans-serif".to_owned();
    Ok(inferno::flamegraph::from_reader(&mut options, input, output)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flame_graph_has_its_frames_and_no_assets_from_elsewhere() {
        let mut svg = Vec::new();
        let input = &b"region;parse;scan 3\nregion;parse 1\n"[..];
        flame(["a/b/c/d", "4 samples", "samples"], input, &mut svg).unwrap();
        let svg = String::from_utf8(svg).unwrap();
        assert!(svg.contains("a/b/c/d") && svg.contains("scan (3 samples, 75.00%)"), "{svg}");
        assert!(!svg.contains("href=\"http") && !svg.contains("src=\"http"));
    }

    /// The file of this program is mapped somewhere; the first of its maps begins at its start.
    #[cfg(target_os = "linux")]
    fn address_in_file(address: usize, program: &Path) -> usize {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let first = maps.lines().find(|line| line.ends_with(program.to_str().unwrap())).unwrap();
        address - usize::from_str_radix(first.split_once('-').unwrap().0, 16).unwrap()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_address_of_ours_is_named() {
        let program = std::env::current_exe().unwrap();
        let address = address_in_file(run as fn(&[&str]) -> Result<()> as usize, &program);
        let mut lines = Vec::new();
        symbols(&program, &[], format!("{address:#x}\n").as_bytes(), &mut lines).unwrap();
        let lines = String::from_utf8(lines).unwrap();
        let fields: Vec<_> = lines.trim_end().split('\t').collect();
        assert!(fields[1].contains("run") && fields[2].contains("main.rs:"), "{fields:?}");
    }

    #[test]
    fn offsets_become_addresses() {
        let segments = [
            Segment { offset: 0, length: 0x100, address: 0 },
            Segment { offset: 0x100, length: 0x50, address: 0x1100 },
        ];
        assert_eq!((address(&segments, 0x80), address(&segments, 0x14f)), (0x80, 0x114f));
        assert_eq!((address(&segments, 0x150), address(&[], 0x120)), (0x150, 0x120));
        assert!(!super::segments(&std::env::current_exe().unwrap()).unwrap().is_empty());
    }

    #[test]
    fn errors_name_what_was_wrong() {
        let mut lines = Vec::new();
        let program = std::env::current_exe().unwrap();
        let error = symbols(&program, &[], &b"here\n"[..], &mut lines).unwrap_err();
        assert!(error.to_string().contains("not an address"), "{error}");
        let error = symbols(Path::new("no-such-file"), &[], &b""[..], &mut lines).unwrap_err();
        assert!(error.to_string().contains("no-such-file"), "{error}");
    }
}
