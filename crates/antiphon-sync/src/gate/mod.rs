//! The only door from a peer's bytes to Automerge.
//!
//! Automerge panics on malformed changes, believes any count it reads, takes changes that make a document
//! nobody can load again, and one well-formed change can end all editing. So every envelope passes these
//! steps, in this order, the cheap ones first; whatever fails one is a [`Violation`] by its sender:
//!
//! 1. the size, and that it is one plain change chunk with every count within bounds (`scan`)
//! 2. the actor bound to device and grant, the grant's role, then the signature
//! 3. `Change::from_bytes` under `catch_unwind`
//! 4. written again, it gives the same bytes: nothing extra, nothing said in two ways
//! 5. every dependency admitted (or the change is held until it is), `start_op` and `seq` continuous, other
//!    actors known
//! 6. only values, deletions and maps under map keys, within bounds, on maps and over values that its author
//!    had seen (5 and 6 are `antiphon_document::GateView::check`, beside the index they ask)
//!
//! All of it is a pure function of the change, its causal past and the roster, never of arrival order: what
//! one honest peer admits, every other one does.

mod scan;
mod violation;

use std::panic::{AssertUnwindSafe, catch_unwind};

use antiphon_document::{ActorId, GateView, Inadmissible};
use antiphon_membership::{Role, Roster};
use automerge::Change;

use self::scan::{Scanned, scan};
pub use self::violation::Violation;
use crate::envelope::Envelope;

/// What the gate says to an envelope.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It may be applied.
    Pass(Box<Passed>),
    /// It is admitted already.
    Known,
    /// It follows a change that is not here yet.
    Early { hash: [u8; 32], missing: [u8; 32] },
    /// Its author signed two different changes with one number.
    Forked { actor: ActorId },
    /// The document has no room for it.
    Full,
    /// It is not what an honest peer sends.
    Refused(Violation),
}

/// A change that passed.
#[derive(Debug)]
pub(crate) struct Passed {
    pub change: Change,
    pub actor: ActorId,
    pub hash: [u8; 32],
    pub seq: u64,
}

/// The actor and number that a change claims; only to recognise one that is here already.
pub(crate) fn named(envelope: &Envelope) -> Option<([u8; 32], u64)> {
    scan(&envelope.change).ok().map(|scanned| (scanned.actor, scanned.seq))
}

/// Reads an envelope that passed the gate before it was stored.
pub(crate) fn read_again(roster: &Roster, envelope: &Envelope) -> Result<(ActorId, Change), Violation> {
    let scanned = check_bound(roster, envelope)?;
    let change =
        guarded(|| Change::from_bytes(envelope.change.clone()))?.map_err(|_| Violation::Malformed)?;
    Ok((ActorId(scanned.actor), change))
}

/// Puts an envelope through every step.
pub(crate) fn check(document: GateView<'_>, roster: &Roster, envelope: &Envelope) -> Verdict {
    examine(document, roster, envelope).unwrap_or_else(Verdict::Refused)
}

fn examine(document: GateView<'_>, roster: &Roster, envelope: &Envelope) -> Result<Verdict, Violation> {
    let scanned = check_bound(roster, envelope)?;
    envelope.verify(roster.session()).map_err(|_| Violation::Signature)?;
    let change = guarded(|| read(&envelope.change))??;
    let (actor, seq, hash) = (ActorId(scanned.actor), scanned.seq, change.hash());
    if document.has_change(&hash.into()) {
        return Ok(Verdict::Known);
    }
    if document.change_of(&actor, seq).is_some() {
        return Ok(Verdict::Forked { actor });
    }
    // Only the owner begins a session; that nobody begins it twice is the document's to say.
    if change.deps().is_empty() && envelope.device != roster.owner() {
        return Err(Violation::OthersBeginning);
    }
    let verdict = guarded(|| document.check(&change))?;
    match verdict {
        Ok(()) => Ok(Verdict::Pass(Box::new(Passed { change, actor, hash: hash.0, seq }))),
        Err(Inadmissible::MissingDependency(missing)) => {
            Ok(Verdict::Early { hash: hash.0, missing: missing.0 })
        }
        Err(Inadmissible::Known(_)) => Ok(Verdict::Known),
        Err(Inadmissible::DocumentFull | Inadmissible::TooManyActors { .. }) => Ok(Verdict::Full),
        Err(other) => {
            tracing::debug!(author = %envelope.device.short(), reason = %other, "change refused");
            Err(Violation::Inadmissible)
        }
    }
}

/// Scans the change, and checks that its actor is its device's under a grant that lets it edit.
fn check_bound(roster: &Roster, envelope: &Envelope) -> Result<Scanned, Violation> {
    let scanned = scan(&envelope.change)?;
    if scanned.actor != envelope.actor() {
        return Err(Violation::UnboundActor);
    }
    let grant = roster.grant_by_id(envelope.grant).ok_or(Violation::UnknownGrant)?;
    if grant.device != envelope.device {
        return Err(Violation::OthersGrant);
    }
    if grant.role == Role::Listener { Err(Violation::Listener) } else { Ok(scanned) }
}

/// Reads a scanned change with Automerge, and writes it again to compare.
fn read(bytes: &[u8]) -> Result<Change, Violation> {
    let change = Change::from_bytes(bytes.to_vec()).map_err(|_| Violation::Malformed)?;
    if Change::from(change.decode()).raw_bytes() == bytes { Ok(change) } else { Err(Violation::NotCanonical) }
}

/// Runs what reads a peer's bytes; a panic in it is a fault of theirs.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Violation> {
    // The work only reads; what it was building is dropped with the panic.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Violation::Panicked)
}
