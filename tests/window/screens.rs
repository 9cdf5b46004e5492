//! Screens that are unplugged and come back, and windows that are dragged.

use super::counter::Counter;
use super::sample;
use iced::{Point, Size, window};
use shouyin::domain::config::{CustomerSettings, CustomerWindow};
use shouyin::till::service::*;
use shouyin::ui::app::{Happened, Message};
use shouyin::ui::monitors::{Area, Monitor};
use std::sync::Arc;

const LEFT: Monitor = screen(0, 1366, 768);
const RIGHT: Monitor = screen(1366, 1024, 600);

const fn screen(x: i32, width: u32, height: u32) -> Monitor {
    let area = Area {
        x,
        y: 0,
        width,
        height,
    };
    Monitor {
        area,
        primary: x == 0,
    }
}

/// A counter whose main window is open on the left screen.
fn counter(customer: CustomerSettings, screens: &[Monitor]) -> Counter {
    let mut snapshot = sample::snapshot(Stage::Idle);
    let mut settings = (*snapshot.settings).clone();
    settings.customer = customer;
    snapshot.settings = Arc::new(settings);
    let mut counter = Counter::new(snapshot);
    let main = counter.app.main_window();
    opened(&mut counter, main, (0.0, 0.0), 1366.0, 768.0);
    plugged(&mut counter, screens);
    counter.pass(2_000);
    counter
}

fn opened(counter: &mut Counter, id: window::Id, at: (f32, f32), width: f32, height: f32) {
    let at = Some(Point::new(at.0, at.1));
    let size = Size::new(width, height);
    counter.tell(Message::Window(Happened::Opened(id, size, at)));
}

fn plugged(counter: &mut Counter, screens: &[Monitor]) {
    counter.tell(Message::Window(Happened::Screens(screens.to_vec())));
}

/// Drags the customer's window, as a window manager tells it.
fn drag(counter: &mut Counter, x: f32, y: f32) {
    let id = counter.app.customer_window().unwrap();
    for step in [0.5, 0.9, 1.0] {
        counter.pass(100);
        let at = Point::new(x * step, y * step);
        counter.tell(Message::Window(Happened::Moved(id, at)));
    }
}

fn places(counter: &Counter) -> Vec<String> {
    let sent = counter.sent().into_iter();
    sent.filter(|s| s.starts_with("CustomerAt")).collect()
}

fn wish(window: CustomerWindow, at: Option<(i32, i32)>) -> CustomerSettings {
    CustomerSettings { window, at }
}

/// The till has written what it was told.
fn written(counter: &mut Counter, at: (i32, i32)) {
    let mut settings = (*counter.snapshot.settings).clone();
    settings.customer.at = Some(at);
    counter.snapshot.settings = Arc::new(settings);
    counter.show(Stage::Idle);
}

#[test]
fn a_customers_window_closes_with_its_screen_and_opens_with_it() {
    let mut counter = counter(wish(CustomerWindow::Auto, None), &[LEFT, RIGHT]);
    let mut last = counter.app.customer_window();
    assert!(last.is_some());
    for round in 0..5 {
        plugged(&mut counter, &[LEFT]);
        assert_eq!(counter.app.customer_window(), None, "round {round}");
        // A payment in between knows nothing of it.
        counter.show(sample::on_stage(sample::face("paid")).stage);
        assert_eq!(counter.app.customer_window(), None, "round {round}");
        plugged(&mut counter, &[LEFT, RIGHT]);
        let again = counter.app.customer_window();
        assert!(again.is_some() && again != last, "round {round}");
        plugged(&mut counter, &[LEFT, RIGHT]);
        assert_eq!(counter.app.customer_window(), again, "unchanged stays");
        last = again;
    }
    assert_eq!(places(&counter), [""; 0]);
}

#[test]
fn one_that_a_person_closed_stays_closed_until_its_screen_comes_back() {
    let mut counter = counter(wish(CustomerWindow::Auto, None), &[LEFT, RIGHT]);
    let id = counter.app.customer_window().unwrap();
    counter.tell(Message::Closed(id));
    plugged(&mut counter, &[LEFT, RIGHT]);
    assert_eq!(counter.app.customer_window(), None);
    plugged(&mut counter, &[LEFT]);
    plugged(&mut counter, &[LEFT, RIGHT]);
    assert!(counter.app.customer_window().is_some());
}

#[test]
fn a_drag_is_told_once_when_it_has_come_to_rest() {
    let mut counter = counter(wish(CustomerWindow::On, None), &[LEFT]);
    let id = counter.app.customer_window().unwrap();
    opened(&mut counter, id, (10.0, 10.0), 1024.0, 600.0);
    drag(&mut counter, 200.0, 50.0);
    assert_eq!(places(&counter), [""; 0], "the program put it there");
    counter.pass(2_000);
    drag(&mut counter, 300.0, 90.0);
    counter.pass(500);
    assert_eq!(places(&counter), [""; 0], "it may still move");
    counter.pass(600);
    assert_eq!(places(&counter), ["CustomerAt(300, 90)"]);
    written(&mut counter, (300, 90));
    assert_eq!(
        counter.app.customer_window(),
        Some(id),
        "it is there already"
    );
    plugged(&mut counter, &[LEFT]);
    counter.pass(5_000);
    assert_eq!(counter.app.customer_window(), Some(id));
    assert_eq!(places(&counter), [""; 0], "told once");
}

#[test]
fn places_are_physical_pixels() {
    let mut counter = counter(wish(CustomerWindow::On, None), &[LEFT]);
    let id = counter.app.customer_window().unwrap();
    opened(&mut counter, id, (10.0, 10.0), 512.0, 300.0);
    counter.tell(Message::Window(Happened::Scaled(id, 2.0)));
    counter.pass(2_000);
    drag(&mut counter, 150.0, 45.0);
    counter.pass(1_100);
    assert_eq!(places(&counter), ["CustomerAt(300, 90)"]);
}

#[test]
fn while_its_screen_is_away_where_it_is_meanwhile_is_not_remembered() {
    let on_second = wish(CustomerWindow::On, Some((1366, 0)));
    let mut counter = counter(on_second.clone(), &[LEFT, RIGHT]);
    plugged(&mut counter, &[LEFT]);
    counter.pass(2_000);
    drag(&mut counter, 100.0, 40.0);
    counter.pass(2_000);
    assert_eq!(places(&counter), [""; 0]);
    let meanwhile = counter.app.customer_window();
    plugged(&mut counter, &[LEFT, RIGHT]);
    assert_ne!(
        counter.app.customer_window(),
        meanwhile,
        "it fills its screen again"
    );
    // The same after a start without the screen.
    let mut counter = self::counter(on_second, &[LEFT]);
    drag(&mut counter, 100.0, 40.0);
    counter.pass(2_000);
    assert_eq!(places(&counter), [""; 0]);
}

#[test]
fn a_move_by_the_desktop_when_a_screen_goes_is_nobodys_wish() {
    let mut counter = counter(wish(CustomerWindow::On, Some((200, 0))), &[LEFT, RIGHT]);
    counter.pass(2_000);
    drag(&mut counter, 250.0, 0.0);
    plugged(&mut counter, &[LEFT]);
    drag(&mut counter, 0.0, 0.0);
    counter.pass(2_000);
    assert_eq!(places(&counter), [""; 0]);
}

#[test]
fn it_never_fills_the_screen_that_the_cashiers_window_is_on() {
    let mut counter = counter(wish(CustomerWindow::Auto, None), &[LEFT, RIGHT]);
    let before = counter.app.customer_window();
    let main = counter.app.main_window();
    let right = Point::new(1366.0, 0.0);
    counter.tell(Message::Window(Happened::Moved(main, right)));
    assert_eq!(counter.app.customer_window(), before, "it may still move");
    counter.pass(1_100);
    let after = counter.app.customer_window();
    assert!(after.is_some() && after != before);
    // Both are gone with it; the main one comes back first.
    plugged(&mut counter, &[LEFT]);
    assert_eq!(counter.app.customer_window(), None);
    plugged(&mut counter, &[LEFT, RIGHT]);
    assert!(counter.app.customer_window().is_some());
}
