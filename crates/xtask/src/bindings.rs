//! `cargo xtask bindings`: the TypeScript types of `antiphon-api`.

use crate::{
    Outcome,
    run::{command, run},
};

/// Writes `ui/src/backend/generated/api.ts` from the Rust types.
pub fn bindings() -> Outcome {
    let mut test = command(
        "cargo",
        &["test", "--quiet", "--package", "antiphon-api", "--lib", "committed_bindings_are_current"],
    );
    test.env("UPDATE_BINDINGS", "1");
    run(test)
}
