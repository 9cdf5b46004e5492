//! These tests mostly wait (FATE's 10 and 30 seconds are real), so they run beside each other on
//! threads of their own, however few the test runner uses: the first one that is asked for starts
//! all that are wanted.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, OnceLock};

/// Where it stands, its name, and what it does.
pub type Rule = (&'static str, &'static str, fn());

/// So many at once: more would take the machine's time from each other.
const AT_ONCE: usize = 24;

#[derive(Default)]
struct Runs {
    queue: Mutex<VecDeque<Rule>>,
    ended: Mutex<BTreeMap<&'static str, Result<(), String>>>,
    one_ended: Condvar,
}

static RUNS: OnceLock<Arc<Runs>> = OnceLock::new();

/// Names the tests of a module.
#[macro_export]
macro_rules! rules {
    ($($name:ident),* $(,)?) => {
        pub const RULES: &[$crate::together::Rule] =
            &[$((module_path!(), stringify!($name), $name as fn())),*];
        mod rule {
            $(#[test] fn $name() { $crate::together::wait_for(stringify!($name)); })*
        }
    };
}

/// Waits for the end of one, and fails as it did.
pub fn wait_for(name: &'static str) {
    let runs = RUNS.get_or_init(start);
    let mut ended = runs.ended.lock().unwrap();
    while !ended.contains_key(name) {
        ended = runs.one_ended.wait(ended).unwrap();
    }
    let result = ended.remove(name);
    // A panic that held the lock would end the others.
    drop(ended);
    if let Some(Err(why)) = result {
        panic!("{why}");
    }
}

fn start() -> Arc<Runs> {
    let runs = Arc::new(Runs::default());
    let all = crate::ALL.iter().flat_map(|rules| rules.iter().copied());
    runs.queue.lock().unwrap().extend(all.filter(is_wanted));
    for _ in 0..AT_ONCE {
        let runs = Arc::clone(&runs);
        std::thread::spawn(move || work(&runs));
    }
    runs
}

fn work(runs: &Runs) {
    loop {
        let next = runs.queue.lock().unwrap().pop_front();
        let Some((_, name, test)) = next else { return };
        let result = catch_unwind(AssertUnwindSafe(test)).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            text.unwrap_or_else(|| "it panicked".to_owned())
        });
        runs.ended.lock().unwrap().insert(name, result);
        runs.one_ended.notify_all();
    }
}

/// As the runner's own filter: every word that is no option names tests to run.
fn is_wanted((module, name, _): &Rule) -> bool {
    let module = module.trim_start_matches("till::");
    let full = format!("{module}::rule::{name}");
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    words.is_empty() || words.iter().any(|word| full.contains(word.as_str()))
}
