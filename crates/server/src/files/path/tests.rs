//! What is found, and every attack that we know of.

use super::*;

fn found(path: &str, rules: &PathRules<'_>) -> Result<(String, bool), (Refusal, usize)> {
    let mut out = "left over".to_owned();
    match resolve(path.as_bytes(), rules, &mut out) {
        Ok(resolved) => Ok((resolved.path.to_str().unwrap().to_owned(), resolved.is_folder)),
        Err(error) => {
            assert!(out.is_empty());
            Err((error.refusal, error.offset))
        }
    }
}

#[test]
fn files() {
    for (path, expected, is_folder) in [
        ("/", "index.html", true),
        ("/a", "a", false),
        ("/a/", "a/index.html", true),
        ("/a/b.css", "a/b.css", false),
        ("/a/b/c/d/e.js", "a/b/c/d/e.js", false),
        ("/a%20b", "a b", false),
        ("/%61", "a", false),
        ("/%C3%A9", "é", false),
        ("/é", "é", false),
        ("/%e6%97%a5/%E6%9C%AC", "日/本", false),
        ("/a+b", "a+b", false),
        ("/a..b", "a..b", false),
        ("/~user", "~user", false),
        ("/a%23b", "a#b", false),
        ("/100%25", "100%", false),
        // Decoded once, and no more: a strange name.
        ("/%252e%252e", "%2e%2e", false),
        ("/%25c0%25ae", "%c0%ae", false),
        // RFC 3986 section 5.2.4.
        ("/./a", "a", false),
        ("/a/./b", "a/b", false),
        ("/a/.", "a/index.html", true),
        ("/.", "index.html", true),
        ("/%2e/a", "a", false),
        ("/a/%2E/", "a/index.html", true),
        // What no file system takes for a separator or a parent.
        ("/．．/a", "．．/a", false),
        ("/a∕b", "a∕b", false),
    ] {
        let found = found(path, &PathRules::DEFAULT);
        assert_eq!(found, Ok((expected.to_owned(), is_folder)), "{path}");
    }
}

#[test]
fn attacks() {
    use Refusal::*;
    for (path, refusal, offset) in [
        ("", NotAbsolute, 0),
        ("*", NotAbsolute, 0),
        ("a", NotAbsolute, 0),
        ("../a", NotAbsolute, 0),
        ("example.com:443", NotAbsolute, 0),
        ("\\a", NotAbsolute, 0),
        ("%2fetc/passwd", NotAbsolute, 0),
        // Up.
        ("/..", Parent, 1),
        ("/../", Parent, 1),
        ("/../../etc/passwd", Parent, 1),
        ("/a/../b", Parent, 3),
        ("/a/..", Parent, 3),
        ("/%2e%2e/a", Parent, 1),
        ("/.%2e/a", Parent, 1),
        ("/%2E./a", Parent, 1),
        ("/a/%2e%2E", Parent, 3),
        ("/./../a", Parent, 3),
        ("/..%2fa", Separator, 1),
        ("/..%2Fetc%2Fpasswd", Separator, 1),
        ("/..%5ca", Separator, 1),
        ("/..\\a", Separator, 1),
        ("/%2e%2e%2f%2e%2e%2fa", Separator, 1),
        ("/a%2fb", Separator, 1),
        ("/a%5Cb", Separator, 1),
        ("/a\\b", Separator, 1),
        ("/%2f", Separator, 1),
        ("/x/%2f..", Separator, 3),
        // More than two full stops are names on Unix, and "up" on old Windows.
        ("/...", Hidden, 1),
        ("/..../a", Hidden, 1),
        ("/..;/a", Hidden, 1),
        ("/..a", Hidden, 1),
        ("/.. ", Hidden, 1),
        // Roots of other kinds.
        ("//", Empty, 1),
        ("//etc/passwd", Empty, 1),
        ("//evil.example/..", Empty, 1),
        ("/a//b", Empty, 3),
        ("/a//", Empty, 3),
        ("/c:/windows", Name, 1),
        ("/C:", Name, 1),
        ("/c%3a/windows", Name, 1),
        ("/c:windows", Name, 1),
        ("/a/C:", Name, 3),
        ("/\\\\host\\share", Separator, 1),
        // Ends of strings and lines.
        ("/a%00.html", Control, 1),
        ("/%00", Control, 1),
        ("/a\0b", Control, 1),
        ("/a%0d%0aSet-Cookie:x", Control, 1),
        ("/a%7f", Control, 1),
        ("/a%1b[0m", Control, 1),
        // Encodings.
        ("/%", Percent, 1),
        ("/a%2", Percent, 1),
        ("/a%2/b", Percent, 1),
        ("/%zz", Percent, 1),
        ("/%+2", Percent, 1),
        ("/%u002e", Percent, 1),
        ("/%%32e", Percent, 1),
        ("/%c0%ae%c0%ae/a", Utf8, 1),
        ("/%c0%af", Utf8, 1),
        ("/%e0%80%af", Utf8, 1),
        ("/%ff", Utf8, 1),
        ("/a/%ed%a0%80", Utf8, 3),
        ("/%e9", Utf8, 1),
        // Hidden.
        ("/.git/config", Hidden, 1),
        ("/.env", Hidden, 1),
        ("/%2eenv", Hidden, 1),
        ("/a/.htpasswd", Hidden, 3),
        ("/.well-known/x", Hidden, 1),
    ] {
        assert_eq!(found(path, &PathRules::DEFAULT), Err((refusal, offset)), "{path}");
    }
}

#[test]
fn dot_files() {
    let rules = |dot_files| PathRules { dot_files, index: None };
    let file = |path: &str| Ok((path.to_owned(), false));
    for (path, well_known, allow) in [
        ("/.well-known/acme", true, true),
        ("/.well-known/.x", false, true),
        ("/.well-known", true, true),
        ("/./.well-known/a", true, true),
        ("/a/.well-known/b", false, true),
        ("/.well-knowns", false, true),
        ("/.env", false, true),
        ("/...", false, true),
    ] {
        let name = path.trim_start_matches("/./").trim_start_matches('/');
        for (dot_files, is_file) in [(DotFiles::WellKnown, well_known), (DotFiles::Allow, allow)] {
            let found = found(path, &rules(dot_files));
            assert_eq!(found.is_ok(), is_file, "{path} {dot_files:?}");
            assert!(found == file(name) || matches!(found, Err((Refusal::Hidden, _))));
        }
    }
    for dot_files in [DotFiles::Refuse, DotFiles::WellKnown, DotFiles::Allow] {
        assert_eq!(found("/..", &rules(dot_files)), Err((Refusal::Parent, 1)));
    }
}

#[test]
fn without_an_index() {
    let rules = PathRules { index: None, ..PathRules::DEFAULT };
    assert_eq!(found("/", &rules), Ok((String::new(), true)));
    assert_eq!(found("/a/", &rules), Ok(("a".to_owned(), true)));
    assert_eq!(found("/a", &rules), Ok(("a".to_owned(), false)));
}

#[test]
fn limits() {
    let name = "n".repeat(MAX_NAME_BYTES);
    assert!(found(&format!("/{name}"), &PathRules::DEFAULT).is_ok());
    let too_long = Err((Refusal::TooLong, 1));
    assert_eq!(found(&format!("/{name}n"), &PathRules::DEFAULT), too_long);
    assert!(found(&format!("/{}", "%6E".repeat(MAX_NAME_BYTES)), &PathRules::DEFAULT).is_ok());
    let deep = format!("/{}", format!("{name}/").repeat(8));
    let deepest = Err((Refusal::TooLong, 1 + 8 * 256));
    assert_eq!(found(&format!("{deep}x"), &PathRules::DEFAULT), deepest);
    // With the index, it is one octet too many.
    let rules = PathRules { index: Some("i"), ..PathRules::DEFAULT };
    assert_eq!(found(&deep, &rules), Err((Refusal::TooLong, deep.len())));
    let full = format!("/{}{}/", format!("{name}/").repeat(7), "n".repeat(254));
    assert_eq!(found(&full, &rules).unwrap().0.len(), MAX_PATH_BYTES);
}

/// Names that Windows does not have.
#[cfg(not(windows))]
#[test]
fn names_of_unix() {
    for name in ["a.", "a..", "ab:c", "10:30", "a?", "a*b", "nul", "a|b", "\"[a]\"", "a "] {
        assert_eq!(found(&format!("/{name}"), &PathRules::DEFAULT), Ok((name.to_owned(), false)));
    }
}

#[test]
fn names_of_windows() {
    for name in ["a", "a.b", "com", "com10", "console", "lpt", "nul1", "xnul", "a b", "comm1"] {
        assert_eq!(check(name, DotFiles::Refuse, true, true), Ok(()), "{name}");
    }
    for name in [
        "nul",
        "NUL",
        "nul.txt",
        "con",
        "aux.tar.gz",
        "PRN",
        "com1",
        "COM0",
        "lpt9.x",
        "com¹",
        "LPT³",
        "CONIN$",
        "conout$",
        "nul ",
        "nul .txt",
        "a.",
        "a ",
        "a:b",
        "a::$DATA",
        "a<",
        "a>",
        "a|b",
        "a\"b",
        "a?",
        "a*",
        "é:",
    ] {
        assert_eq!(check(name, DotFiles::Refuse, true, true), Err(Refusal::Name), "{name}");
    }
}

#[test]
fn an_error_has_a_status_and_a_text() {
    let error =
        |path: &str| resolve(path.as_bytes(), &PathRules::DEFAULT, &mut String::new()).unwrap_err();
    assert_eq!(error("/a/..").status(), Status::BAD_REQUEST);
    assert_eq!(error("/.git").status(), Status::NOT_FOUND);
    assert_eq!(error(&format!("/{}", "n".repeat(300))).status(), Status::URI_TOO_LONG);
    assert_eq!(error("/a/..").to_string(), "the path: `..`, in the segment at octet 3");
}

/// Whatever comes, what is found consists of plain names.
#[test]
fn random_paths_stay_below() {
    const PIECES: [&str; 20] = [
        "/", "/", ".", "..", "%2e", "%2E", "%2f", "%5c", "\\", "a", "b", "%", "%25", "C:", "%00",
        "é", "%c0", "%ae", " ", "%C3%A9",
    ];
    let rules = PathRules { dot_files: DotFiles::Allow, index: None };
    let mut seed = 0x853c_49e6_748f_ea9b_u64;
    let mut below = |bound: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % bound as u64).unwrap()
    };
    let mut out = String::new();
    for _ in 0..50_000 {
        let path: String =
            (0..below(9)).fold("/".to_owned(), |path, _| path + PIECES[below(PIECES.len())]);
        let Ok(resolved) = resolve(path.as_bytes(), &rules, &mut out) else { continue };
        let plain = |part| matches!(part, std::path::Component::Normal(_));
        assert!(resolved.path.components().all(plain), "{path:?} is {resolved:?}");
        assert!(resolved.path.is_relative() && !out.contains(['\0', '\\']), "{path:?}");
        assert!(!out.starts_with('/') && !out.contains("//"), "{path:?} is {out:?}");
    }
}
