//! Leaving and coming back: nothing is lost, and a member needs no owner to rejoin.

use antiphon_tests::{Home, Lan, Stopwatch, may_use_namespaces, until};
use serde_json::json;

use crate::{
    alone,
    friends::{CLOCKS, LIMIT, Pair, agree, company, join, start, step},
};

const EDITS: usize = 16;

#[test]
fn who_leaves_and_comes_back_finds_everything_and_brings_their_own() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let Pair { mut ada, bo, homes, lan } = Pair::jamming();
    let (first, second) = (ada.open().track_id(0), ada.open().track_id(1));
    bo.running.stop();
    company(&mut ada, 0);
    (0..EDITS).for_each(|at| ada.edit(step(&first, at, 20 + at)));

    // Back, but without a cable: the session is here, and can be edited.
    lan.places()[1].cut();
    let mut bo = start(&homes[1], &lan.places()[1], CLOCKS[1]);
    assert_eq!(bo.open().id(), ada.open().id(), "the session opens again");
    assert!(!bo.open().is_playing(), "a session reopens stopped");
    (0..EDITS).for_each(|at| bo.edit(step(&second, at, 60 + at)));
    lan.places()[1].heal();

    let together = agree(&mut ada, &mut bo);
    println!("bar: merged {:.1} s after a cable that was out since the start", together.as_secs_f64());
    let song = bo.open();
    for at in 0..EDITS {
        assert_eq!(song.steps(&first)[at]["velocity"], 20 + at, "an edit of Ada's is lost");
        assert_eq!(song.steps(&second)[at]["velocity"], 60 + at, "an edit of Bo's is lost");
    }
    company(&mut ada, 1);
}

#[test]
fn a_member_rejoins_through_one_who_has_never_met_them_while_the_owner_is_away() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let lan = Lan::new(3);
    let homes = [Home::new(), Home::new(), Home::new()];
    let start = |number: usize| start(&homes[number], &lan.places()[number], CLOCKS[number]);
    let mut ada = start(0);
    let mut bo = start(1);
    join(&mut ada, &mut bo);
    agree(&mut ada, &mut bo);
    bo.running.stop();
    company(&mut ada, 0);

    // Cy is let in while Bo is away.
    let mut cy = start(2);
    join(&mut ada, &mut cy);
    agree(&mut ada, &mut cy);
    let track = ada.open().track_id(0);
    ada.edit(json!({ "type": "renameTrack", "track": track, "name": "Ada was here" }));
    agree(&mut ada, &mut cy);
    ada.running.stop();
    company(&mut cy, 0);

    // Bo comes back: nobody can be asked, and nobody has to be.
    let back = Stopwatch::start();
    let mut bo = start(1);
    company(&mut bo, 1);
    agree(&mut bo, &mut cy);
    println!(
        "bar: rejoined through a member {:.2} s after the start of the process",
        back.elapsed().as_secs_f64()
    );
    assert_eq!(bo.open().track(&track).unwrap()["name"], "Ada was here");
    cy.edit(step(&track, 3, 77));
    bo.edit(step(&track, 5, 78));
    until("edits go both ways", LIMIT, || {
        [&mut bo, &mut cy].into_iter().all(|friend| {
            let open = friend.open();
            let steps = open.steps(&track);
            steps[3]["velocity"] == 77 && steps[5]["velocity"] == 78
        })
    });
}
