//! The camera's pipeline on drawn pictures: never a wrong read, and most of the right ones. The
//! whole set with times is `cargo bench --bench camera`.

// Helpers of tests may give up like tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../benches/pictures/mod.rs"]
mod pictures;

use pictures::{Kind, Picture, picture};
use shouyin::devices::camera::{Budget, FRAME, Found, Grey, read};
use std::time::Duration;

/// Apart from the seeds of the benchmark.
const FIRST_SEED: u64 = 500_000;

/// With all the time in the world: what is read must not depend on the machine.
fn look(picture: &Picture) -> Option<Found> {
    let grey = Grey::new(picture.width, picture.height, picture.grey.clone()).unwrap();
    read(&grey, &mut Budget::new(FRAME * 1000, &|| Duration::ZERO))
}

/// How many of so many pictures are read right; a wrong one fails.
fn right(kind: Kind, count: u64) -> u64 {
    let mut right = 0;
    for seed in FIRST_SEED..FIRST_SEED + count {
        let picture = picture(kind, seed);
        if let Some(found) = look(&picture) {
            let same = found.text.expose() == picture.code;
            assert!(same, "{} {seed} was read wrongly", kind.name());
            assert!(
                stands_inside(&found),
                "{} {seed}: {:?}",
                kind.name(),
                found.corners
            );
            right += 1;
        }
    }
    right
}

/// The outline is in the frame and has a size.
fn stands_inside(found: &Found) -> bool {
    let [a, _, c, _] = found.corners;
    let inside = found
        .corners
        .iter()
        .all(|p| (-20.0..660.0).contains(&p.x) && (-20.0..500.0).contains(&p.y));
    inside && (a.x - c.x).hypot(a.y - c.y) > 30.0
}

#[test]
fn easy_pictures_are_all_read() {
    for kind in [Kind::Plain, Kind::Small, Kind::Dim] {
        assert_eq!(right(kind, 5), 5, "{}", kind.name());
    }
}

#[test]
fn hard_pictures_are_mostly_read_and_never_wrongly() {
    for kind in [
        Kind::Blurred,
        Kind::Glaring,
        Kind::Tilted,
        Kind::Noisy,
        Kind::Moire,
        Kind::Cracked,
    ] {
        assert!(right(kind, 4) >= 3, "{}", kind.name());
    }
}

#[test]
fn where_there_is_no_code_nothing_is_read() {
    assert_eq!(right(Kind::Decoy, 3), 0);
}

#[test]
fn the_same_seed_draws_the_same_picture() {
    let (one, two) = (picture(Kind::Noisy, 7), picture(Kind::Noisy, 7));
    assert!(one.grey == two.grey && one.code == two.code);
    assert!(picture(Kind::Noisy, 8).grey != one.grey);
}
