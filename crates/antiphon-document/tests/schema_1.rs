//! A session that an older version began works on, but for what it has no room for.

mod jam;

use antiphon_document::{ApplyError, SCHEMA_VERSION, SessionDocument};
use antiphon_model::{Bars, Edit, Song};
use automerge::{Automerge, Change, ObjType, ROOT, transaction::Transactable};
use jam::{
    NOW_MS, SESSION, actor, add_track, begin, change, check_invariants, edit, kind_of, on, one_of_each,
    order, pattern_id, scene_id, steps, take, track_id, try_edit,
};

/// The genesis of schema 1, and a track with two steps, as the first version wrote them.
fn written_by_the_first_version() -> Vec<Change> {
    let mut program = Automerge::new().with_actor(automerge::ActorId::from(&actor(0).0[..]));
    let mut changes = Vec::new();
    let mut tx = program.transaction();
    let meta = tx.put_object(ROOT, "meta", ObjType::Map).unwrap();
    tx.put_object(ROOT, "tracks", ObjType::Map).unwrap();
    tx.put_object(ROOT, "samples", ObjType::Map).unwrap();
    let transport = tx.put_object(ROOT, "transport", ObjType::Map).unwrap();
    for page in 0..16 {
        tx.put_object(&transport, format!("{page:x}"), ObjType::Map).unwrap();
    }
    tx.put(&meta, "schema", 1).unwrap();
    tx.put(&meta, "name", "Old jam").unwrap();
    tx.put(&meta, "tempo", 97_500_000).unwrap();
    tx.put(&meta, "created_at", 1).unwrap();
    tx.commit();
    changes.push(program.get_last_local_change().unwrap());

    let mut tx = program.transaction();
    let tracks = automerge::ReadDoc::get(&tx, ROOT, "tracks").unwrap().unwrap().1;
    let track = tx.put_object(&tracks, track_id(0).to_string(), ObjType::Map).unwrap();
    for map in ["mixer", "effects"] {
        tx.put_object(&track, map, ObjType::Map).unwrap();
    }
    let patterns = tx.put_object(&track, "patterns", ObjType::Map).unwrap();
    let pattern = tx.put_object(&patterns, pattern_id(0).to_string(), ObjType::Map).unwrap();
    for (group, pages) in [("steps", 16), ("locks", 16), ("notes", 64)] {
        let group = tx.put_object(&pattern, group, ObjType::Map).unwrap();
        for page in 0..pages {
            let page_map = tx.put_object(&group, format!("{page:x}"), ObjType::Map).unwrap();
            if pages == 16 && page == 0 {
                tx.put(&page_map, "0o", true).unwrap();
                tx.put(&page_map, "4v", 90).unwrap();
            }
        }
    }
    tx.put(&track, "name", "Kick").unwrap();
    tx.put(&track, "sound", "drum:kick").unwrap();
    tx.put(&track, "order", "V").unwrap();
    tx.put(&track, "current", pattern_id(0).to_string()).unwrap();
    tx.commit();
    changes.push(program.get_last_local_change().unwrap());
    changes
}

fn opened() -> SessionDocument {
    let mut document = SessionDocument::empty(SESSION);
    for change in &written_by_the_first_version() {
        take(&mut document, change).unwrap();
    }
    document.set_actor(actor(5));
    document
}

#[test]
fn it_opens_with_everything_it_had_and_the_rest_as_it_comes() {
    let document = opened();
    check_invariants(&document);
    let song = document.song();
    assert_eq!((song.name.as_str(), song.seed, song.scenes.len()), ("Old jam", 0, 0));
    let pattern = song.tracks[0].pattern();
    assert!(pattern.steps[&0].on && pattern.steps[&4].velocity.get() == 90);
    assert!(pattern.chords.is_empty() && pattern.locks.is_empty() && pattern.notes.is_empty());
}

#[test]
fn scenes_find_no_room_and_everything_else_works() {
    let mut document = opened();
    let wanted =
        Edit::AddScene { scene: scene_id(0), name: jam::name("Verse"), order: order("V"), slots: Vec::new() };
    let error = try_edit(&mut document, wanted).unwrap_err();
    assert!(matches!(error, ApplyError::NoScenes), "{error}");
    assert!(error.to_string().contains("remix"), "{error}");
    check_invariants(&document);

    let prepared = || {
        let mut document = opened();
        let add = add_track(1, &document);
        edit(&mut document, add);
        let (track, pattern) = (track_id(0), pattern_id(0));
        let like = Box::new(jam::content(31, 9));
        edit(&mut document, Edit::AddPattern { track, pattern: pattern_id(50), like: like.clone() });
        edit(&mut document, Edit::SetPattern { track, pattern, content: like });
        edit(&mut document, steps(0, vec![(2, on(true))]));
        document
    };
    // Edits that name scenes are made for a session that has them.
    let full = jam::full().0.song().clone();
    let with_scenes =
        Song { scenes: full.scenes.clone(), chain: full.chain.clone(), ..(**prepared().song()).clone() };
    for wanted in one_of_each(&with_scenes) {
        let mut document = prepared();
        let of_scenes = (29..=36).contains(&kind_of(&wanted));
        let case = format!("{wanted:?}");
        match wanted.validate(document.song()).map(|valid| document.apply(&valid, NOW_MS)) {
            Err(_) | Ok(Err(ApplyError::NoScenes)) => assert!(of_scenes, "{case}"),
            Ok(made) => {
                assert!(!of_scenes, "{case}");
                // A parameter that was not set is not taken away either.
                assert!(made.is_ok() || case.contains("None"), "{case}: {made:?}");
            }
        }
        check_invariants(&document);
    }
}

#[test]
fn a_new_session_says_which_schema_it_has_and_rolls_dice_of_its_own() {
    let (document, _) = begin(0);
    assert_eq!(document.raw().map("meta").unwrap().int("schema"), Some(SCHEMA_VERSION));
    let other = antiphon_model::SessionId([8; 16]);
    let (another, _) =
        SessionDocument::create(other, actor(0), jam::name("Jam"), antiphon_timeline::Tempo::DEFAULT, NOW_MS);
    assert_ne!(document.song().seed, 0);
    assert_ne!(document.song().seed, another.song().seed);
    let (mut document, bars) = (document, Bars::clamped(2));
    edit(
        &mut document,
        Edit::AddScene { scene: scene_id(0), name: jam::name("A"), order: order("V"), slots: vec![] },
    );
    let link = Edit::AddLink { link: jam::link_id(0), scene: scene_id(0), bars, order: order("V") };
    let made = change(&edit(&mut document, link));
    assert!(made.len() <= 5, "a link is a map and four values");
}
