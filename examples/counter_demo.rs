//! The window on a till that is not there, for screenshots:
//! `cargo run --example counter_demo -- SCENE [WIDTHxHEIGHT] [en] [dark]`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

#[path = "../tests/window/sample.rs"]
mod sample;

use shouyin::domain::config::Language;
use shouyin::ui::{self, Options, clock::Clock};
use std::sync::Arc;

/// The samples' moment, standing still on the wall and moving for keys.
struct Standing;

impl Clock for Standing {
    fn mono_ms(&self) -> i64 {
        ui::clock::mono_ms()
    }
    fn wall_ms(&self) -> i64 {
        sample::now()
    }
}

fn main() -> iced::Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let scene = args.first().map_or("idle", String::as_str);
    let Some(mut snapshot) = sample::scene(scene) else {
        println!("no such scene: {scene}");
        return Ok(());
    };
    let mut options = Options::default();
    for arg in args.iter().skip(1) {
        match (arg.as_str(), arg.split_once('x')) {
            ("en", _) => snapshot.shop.language = Language::English,
            ("dark", _) => options.dark = true,
            (_, Some((width, height))) => {
                options.size = iced::Size::new(width.parse().unwrap(), height.parse().unwrap());
            }
            _ => {}
        }
    }
    let mut settings = (*snapshot.settings).clone();
    settings.customer.at = Some((0, 0));
    if !args.iter().any(|a| a == "customer") {
        settings.customer.window = shouyin::domain::config::CustomerWindow::Off;
    }
    snapshot.settings = Arc::new(settings);
    ui::program(sample::FakeTill::new(snapshot), Arc::new(Standing), options).run()
}
