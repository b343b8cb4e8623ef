//! `cargo xtask layers`: a crate depends only on crates of layers above it.
//!
//! Normal and build edges are held to the order of [`LAYERS`]; dev edges are free, so that every crate may
//! test with `antiphon-testkit`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    Outcome,
    run::{command, output},
};

/// From the values at the top to the shells at the bottom. Crates of one layer do not use one another.
const LAYERS: &[&[&str]] = &[
    &["antiphon-timeline", "antiphon-dsp", "antiphon-analysis", "antiphon-identity"],
    &["antiphon-clock", "antiphon-model"],
    &["antiphon-document", "antiphon-engine", "antiphon-membership", "antiphon-beat"],
    &["antiphon-sync"],
    &["antiphon-peer"],
    &["antiphon-net", "antiphon-store", "antiphon-media", "antiphon-audio-io"],
    &["antiphon-node"],
    &["antiphon-api"],
    &["antiphon-door"],
    &["antiphon-cli", "antiphon-desktop"],
    &["antiphon-testkit", "xtask"],
    &["antiphon-tests"],
];

/// Outside libraries that only these crates may name.
const DOORS: &[(&str, &[&str])] = &[
    ("automerge", &["antiphon-document", "antiphon-sync"]),
    ("libp2p", &["antiphon-net"]),
    ("cpal", &["antiphon-audio-io"]),
    ("symphonia", &["antiphon-media"]),
    ("sled", &["antiphon-store"]),
    ("ed25519-dalek", &["antiphon-identity"]),
    ("tauri", &["antiphon-desktop"]),
    ("axum", &["antiphon-door"]),
];

/// Checks every edge of the workspace.
pub fn layers() -> Outcome {
    let text = output(command("cargo", &["metadata", "--format-version", "1", "--no-deps", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let faults = faults(&edges(&metadata));
    if faults.is_empty() {
        println!("layers: in order");
        return Ok(());
    }
    Err(format!("crates out of order:\n  {}", faults.join("\n  ")))
}

type Edges = BTreeMap<String, Vec<String>>;

/// Normal and build dependencies of each package.
fn edges(metadata: &Value) -> Edges {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let uses = list(&package["dependencies"]);
            let uses =
                uses.iter().filter(|used| used["kind"] != "dev").map(|used| text(&used["name"])).collect();
            (text(&package["name"]), uses)
        })
        .collect()
}

fn layer(package: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&package))
}

fn faults(edges: &Edges) -> Vec<String> {
    let mut faults = Vec::new();
    for (package, uses) in edges {
        let Some(own) = layer(package) else {
            faults.push(format!("{package} has no layer; give it one in xtask/src/layers.rs"));
            continue;
        };
        for used in uses {
            if layer(used).is_some_and(|above| above >= own) {
                faults.push(format!("{package} uses {used}, which is not above it"));
            }
            let door = DOORS.iter().find(|(library, _)| library == used);
            if let Some((_, allowed)) = door.filter(|(_, allowed)| !allowed.contains(&package.as_str())) {
                faults.push(format!("{package} uses {used}, which only {} may", allowed.join(" and ")));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(pairs: &[(&str, &[&str])]) -> Edges {
        pairs
            .iter()
            .map(|(name, uses)| ((*name).into(), uses.iter().map(|used| (*used).into()).collect()))
            .collect()
    }

    #[test]
    fn an_upward_edge_is_in_order() {
        assert!(faults(&edges(&[("antiphon-engine", &["antiphon-model", "libm"])])).is_empty());
    }

    #[test]
    fn a_downward_edge_a_stranger_and_a_second_door_are_faults() {
        let found = faults(&edges(&[
            ("antiphon-model", &["antiphon-engine"]),
            ("antiphon-newcomer", &[]),
            ("antiphon-peer", &["libp2p"]),
        ]));
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
