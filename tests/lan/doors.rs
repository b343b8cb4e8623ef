//! The ways in where discovery does not reach, and the ways to be kept out.

use antiphon_tests::{Home, Lan, may_use_namespaces, until};
use serde_json::{Value, json};

use crate::{
    alone,
    friends::{Friend, LIMIT, agree, company, start_hidden, step},
};

const PORT: u16 = 4_001;

/// Two who know nothing of one another.
fn hidden(lan: &Lan, homes: &[Home; 2]) -> [Friend; 2] {
    let ada = start_hidden(&homes[0], &lan.places()[0], PORT);
    let bo = start_hidden(&homes[1], &lan.places()[1], 0);
    [ada, bo]
}

#[test]
fn an_invite_link_leads_to_the_owners_door() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let (lan, homes) = (Lan::new(2), [Home::new(), Home::new()]);
    let [mut ada, mut bo] = hidden(&lan, &homes);
    let invite = ada.door.call("invite", Value::Null);
    bo.door.call("join", json!({ "link": invite["link"] }));
    until("the guest knocks with the invite", LIMIT, || {
        let requests = ada.door.call("join_requests", Value::Null);
        requests[0]["person"]["peer"] == bo.id && requests[0]["invited"] == true
    });
    ada.allow(&bo.id);
    agree(&mut ada, &mut bo);
    company(&mut bo, 1);
}

#[test]
fn an_address_leads_there_too_and_a_listener_only_listens() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let (lan, homes) = (Lan::new(2), [Home::new(), Home::new()]);
    let [mut ada, mut bo] = hidden(&lan, &homes);
    bo.door.call("join", json!({ "address": format!("{}:{PORT}", lan.places()[0].address()) }));
    until("the guest knocks", LIMIT, || !ada.door.call("join_requests", Value::Null)[0].is_null());
    ada.door.call("answer_join", json!({ "peer": bo.id, "role": "listener" }));
    agree(&mut ada, &mut bo);
    let (song, track) = (ada.open().song().clone(), bo.open().track_id(0));
    let refusal = bo.door.refused("edit", step(&track, 0, 99));
    assert_eq!(refusal.code, "notAllowed", "{refusal:?}");
    assert!(refusal.next_step.is_some());
    let refusal = bo.door.refused("play", Value::Null);
    assert_eq!(refusal.code, "notAllowed", "{refusal:?}");
    ada.edit(step(&track, 1, 98));
    agree(&mut ada, &mut bo);
    assert_ne!(&song, bo.open().song(), "a listener hears what others change");
}

#[test]
fn a_no_is_told_and_lets_nothing_through() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let (lan, homes) = (Lan::new(2), [Home::new(), Home::new()]);
    let [mut ada, mut bo] = hidden(&lan, &homes);
    let own = bo.open().id().to_owned();
    bo.door.call("join", json!({ "address": format!("{}:{PORT}", lan.places()[0].address()) }));
    until("the guest knocks", LIMIT, || !ada.door.call("join_requests", Value::Null)[0].is_null());
    ada.door.call("answer_join", json!({ "peer": bo.id, "role": null }));
    until("the guest is told", LIMIT, || {
        bo.door.call("nearby", Value::Null)[0]["standing"]["state"] == "refused"
    });
    assert_eq!(bo.open().id(), own, "their own session stays open");
    assert_eq!(ada.open().others_here(), 0);
    assert!(ada.door.call("join_requests", Value::Null)[0].is_null(), "the answer was given");
}

#[test]
fn an_address_where_nobody_answers_is_told_of() {
    if !may_use_namespaces() {
        return;
    }
    let _alone = alone();
    let (lan, homes) = (Lan::new(2), [Home::new(), Home::new()]);
    let [_ada, mut bo] = hidden(&lan, &homes);
    // The machine is there, the port is not.
    let address = format!("{}:{}", lan.places()[0].address(), PORT + 1);
    bo.door.call("join", json!({ "address": address }));
    let (_, text) = bo.door.wait_for("a notice", LIMIT, |event| {
        (event["type"] == "notice").then(|| event["text"].as_str().unwrap_or_default().to_owned())
    });
    assert!(text.contains(&address), "{text}");
}
