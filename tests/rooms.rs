//! Who may use whom (DESIGN: the rooms), held by reading the source's paths: every `crate::x`,
//! `super::…::x` and foreign crate name, wherever it stands, not only `use` lines.

// Helpers of tests may give up like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The rooms there may be, and which others each may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("payment", &["domain"]),
    ("gateway", &["domain"]),
    ("ledger", &["domain"]),
    ("vault", &["domain"]),
    ("devices", &["domain"]),
    ("simulator", &["domain"]),
    (
        "till",
        &["domain", "payment", "gateway", "ledger", "vault", "devices"],
    ),
    ("webhook", &["till", "domain"]),
    ("ui", &["till", "domain"]),
    ("cli", ALL),
    ("main", ALL),
    ("lib", ALL),
];
const ALL: &[&str] = &[
    "domain",
    "payment",
    "gateway",
    "ledger",
    "vault",
    "devices",
    "simulator",
    "till",
    "webhook",
    "ui",
    "cli",
];

/// Crates that only some rooms may name.
const CRATES: &[(&str, &[&str])] = &[
    ("iced", &["ui", "main"]),
    ("iced_widget", &["ui", "main"]),
    ("iced_winit", &["ui", "main"]),
    ("iced_tiny_skia", &["ui", "main"]),
    ("reqwest", &["gateway"]),
    ("hyper", &["gateway"]),
    ("rusqlite", &["ledger"]),
    ("axum", &["simulator", "webhook"]),
    ("tokio_rustls", &["simulator"]),
    ("rcgen", &["simulator"]),
];

/// No file of the source is longer; its tests, where they are files of their own, may be.
const LONGEST: usize = 600;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort();
    assert!(found.len() > 50, "the source was not found");
    found
}

/// `domain`, `till`, … of a file's path.
fn room(path: &Path) -> String {
    let relative = path.strip_prefix(root()).unwrap();
    let first = relative
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// How many modules deep a file is: 1 for `src/till.rs`, 2 for `src/till/desk.rs`.
fn depth(path: &Path) -> usize {
    path.strip_prefix(root()).unwrap().components().count()
}

fn is_test_file(path: &Path) -> bool {
    let relative = path.strip_prefix(root()).unwrap();
    relative.components().any(|c| {
        let name = c.as_os_str().to_str().unwrap().trim_end_matches(".rs");
        matches!(name, "tests" | "samples") || name.ends_with("_tests")
    })
}

/// The text without comments, strings and character literals; lengths of lines are not kept,
/// their number is.
fn code_of(text: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    while i < chars.len() {
        match chars[i] {
            '/' if at(i + 1) == '/' => {
                while i < chars.len() && chars[i] != '\n' {
                    i += 1;
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut deep = 0;
                loop {
                    if at(i) == '/' && at(i + 1) == '*' {
                        deep += 1;
                        i += 2;
                    } else if at(i) == '*' && at(i + 1) == '/' {
                        deep -= 1;
                        i += 2;
                        if deep == 0 {
                            break;
                        }
                    } else {
                        i += 1;
                    }
                    assert!(i < chars.len(), "a comment never ends");
                }
            }
            'r' | 'b' if raw_string(&chars, i).is_some() => {
                let end = raw_string(&chars, i).unwrap();
                out.extend(chars[i..end].iter().filter(|c| **c == '\n'));
                out.push_str("\"\"");
                i = end;
            }
            '"' => {
                i += 1;
                while i < chars.len() && chars[i] != '"' {
                    if chars[i] == '\n' {
                        out.push('\n');
                    }
                    i += if chars[i] == '\\' { 2 } else { 1 };
                }
                i += 1;
                out.push_str("\"\"");
            }
            '\'' if at(i + 1) == '\\' || at(i + 2) == '\'' => {
                i += if at(i + 1) == '\\' { 3 } else { 2 };
                while i < chars.len() && chars[i] != '\'' {
                    i += 1;
                }
                i += 1;
                out.push_str("' '");
            }
            c => {
                out.push(c);
                i += 1;
            }
        }
    }
    out
}

/// Where the raw string that starts here ends.
fn raw_string(chars: &[char], start: usize) -> Option<usize> {
    let before = start.checked_sub(1).and_then(|i| chars.get(i));
    if before.is_some_and(|c| c.is_alphanumeric() || *c == '_') {
        return None;
    }
    let mut i = start;
    if chars.get(i) == Some(&'b') {
        i += 1;
    }
    if chars.get(i) != Some(&'r') {
        return None;
    }
    i += 1;
    let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
    i += hashes;
    if chars.get(i) != Some(&'"') {
        return None;
    }
    i += 1;
    while i < chars.len() {
        let closed = chars[i] == '"'
            && chars[i + 1..]
                .iter()
                .take(hashes)
                .filter(|c| **c == '#')
                .count()
                == hashes;
        if closed {
            return Some(i + 1 + hashes);
        }
        i += 1;
    }
    None
}

/// The code without `#[cfg(test)]` items: tests may use every room.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let end_of_line_item = item.find(';').unwrap_or(item.len());
        let open = item.find('{').unwrap_or(item.len());
        let end = if end_of_line_item < open {
            end_of_line_item + 1
        } else {
            let mut deep = 0;
            let close = item.char_indices().find_map(|(i, c)| {
                deep += match c {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                };
                (c == '}' && deep == 0).then_some(i + 1)
            });
            close.unwrap_or(item.len())
        };
        rest = &item[end..];
    }
    out.push_str(rest);
    out
}

/// Every path in the code as its segments; `{a, b::c}` groups are opened.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c == ':' && chars.peek() == Some(&':') {
            chars.next();
            words.push("::".to_owned());
        } else if !c.is_whitespace() {
            words.push(c.to_string());
        }
    }
    let mut found = Vec::new();
    let mut i = 0;
    while i < words.len() {
        let next = read_path(&words, i, &[], &mut found);
        i = next.max(i + 1);
    }
    found
}

fn is_word(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
}

fn read_path(
    words: &[String],
    start: usize,
    prefix: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = prefix.to_vec();
    let mut i = start;
    loop {
        match words.get(i) {
            Some(word) if is_word(word) => path.push(word.clone()),
            Some(open) if open == "{" && i > start => {
                i += 1;
                while words.get(i).is_some_and(|w| w != "}") {
                    let next = read_path(words, i, &path, found);
                    i = next.max(i + 1);
                }
                return i + 1;
            }
            _ => break,
        }
        i += 1;
        if words.get(i).map(String::as_str) != Some("::") {
            break;
        }
        i += 1;
    }
    if path.len() > prefix.len() {
        found.push(path);
    }
    i
}

/// The room a path leads to, if it names one.
fn leads_to(path: &[String], depth: usize) -> Option<&str> {
    let rooms: BTreeSet<&str> = ALL.iter().copied().collect();
    let named = match path.first().map(String::as_str) {
        Some("crate" | "shouyin") => path.get(1)?,
        Some("super") => {
            let ups = path.iter().take_while(|p| *p == "super").count();
            // `depth` supers lead to the crate's root; inline modules need more, never fewer.
            if ups < depth {
                return None;
            }
            path.get(ups)?
        }
        _ => return None,
    };
    rooms.contains(named.as_str()).then_some(named.as_str())
}

#[test]
fn every_room_uses_only_what_it_may() {
    let mut wrongs = Vec::new();
    let mut seen = 0;
    for (path, text) in sources() {
        if is_test_file(&path) {
            continue;
        }
        let room = room(&path);
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrongs.push(format!("{}: no room of DESIGN.md", path.display()));
            continue;
        };
        for found in paths(&without_tests(&code_of(&text))) {
            if let Some(other) = leads_to(&found, depth(&path)) {
                seen += 1;
                if other != room && !may.contains(&other) {
                    wrongs.push(format!("{}: {}", path.display(), found.join("::")));
                }
            }
        }
    }
    assert!(seen > 100, "too few paths were seen: {seen}");
    assert!(wrongs.is_empty(), "{wrongs:#?}");
}

#[test]
fn only_their_rooms_name_iced_reqwest_rusqlite_and_axum() {
    let mut wrongs = Vec::new();
    for (path, text) in sources() {
        let room = room(&path);
        for found in paths(&without_tests(&code_of(&text))) {
            let first = found.first().map(String::as_str).unwrap_or("");
            // `extern crate x`, `use x`, `x::y` and `::x::y` all begin a path with the name;
            // a local of the same name is a path of one word and is not meant.
            let Some((_, may)) = CRATES.iter().find(|(name, _)| *name == first) else {
                continue;
            };
            if found.len() > 1 && !may.contains(&room.as_str()) && !is_test_file(&path) {
                wrongs.push(format!("{}: {}", path.display(), found.join("::")));
            }
        }
    }
    assert!(wrongs.is_empty(), "{wrongs:#?}");
}

#[test]
fn the_till_never_uses_the_simulator_and_rooms_of_one_rank_never_each_other() {
    for (room, may) in ROOMS {
        if !["cli", "main", "lib"].contains(room) {
            assert!(!may.contains(&"simulator"), "{room}");
            assert!(!may.contains(room));
        }
    }
}

#[test]
fn every_file_opens_with_what_it_is() {
    for (path, text) in sources() {
        let said = text.starts_with("//! ") || is_test_file(&path);
        assert!(said, "{} does not open with //!", path.display());
    }
}

#[test]
fn no_file_is_over_six_hundred_lines() {
    let mut long = Vec::new();
    for (path, text) in sources() {
        if is_test_file(&path) {
            continue;
        }
        let code = without_tests(&text);
        let lines = code.lines().count();
        if lines > LONGEST {
            long.push(format!("{}: {lines}", path.display()));
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_mod_rs_and_no_giving_up_outside_tests() {
    let mut wrongs = Vec::new();
    for (path, text) in sources() {
        assert!(!path.ends_with("mod.rs"), "{}", path.display());
        if is_test_file(&path) {
            continue;
        }
        for (n, line) in without_tests(&code_of(&text)).lines().enumerate() {
            for word in [
                ".unwrap(",
                ".expect(",
                "panic!(",
                "todo!",
                "unimplemented!",
                "dbg!(",
                "unreachable!(",
            ] {
                if line.contains(word) {
                    wrongs.push(format!("{}:{}: {}", path.display(), n + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrongs.is_empty(), "{wrongs:#?}");
}

// The reader itself.

#[test]
fn paths_are_found_wherever_they_stand() {
    let code = code_of(
        "use crate::{ledger::{Ledger, Reader}, till::x as y};\n// crate::simulator\n\
         fn f() { let c = '\"'; let s = \"crate::vault\"; crate::payment::step(a::b); }\n\
         const R: &str = r#\"crate::ui\"#; type T = super::super::gateway::Client;",
    );
    let found: BTreeSet<String> = paths(&code)
        .iter()
        .filter_map(|p| leads_to(p, 2).map(str::to_owned))
        .collect();
    let expected = ["gateway", "ledger", "payment", "till"].map(str::to_owned);
    assert_eq!(found, BTreeSet::from(expected));
}

#[test]
fn tests_are_left_out() {
    let code = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { crate::ui::x(); } }\nfn c() {}\n#[cfg(test)]\nmod t;\nfn d() {}";
    let left = without_tests(code);
    assert!(left.contains("fn a") && left.contains("fn c") && left.contains("fn d"));
    assert!(!left.contains("ui"));
}
