//! Who exchanges changes with whom, so that in a room where everybody is connected a change travels once to each.
//!
//! A peer tells its company: all to whom it has an open link. Whoever receives a change passes it on to those
//! that its sender does not reach, and leaves the others to the sender. So everybody is served: a neighbour of
//! anyone who has a change is sent it by that one, or is a neighbour of the one from whom it came, and so on back
//! to the author, who sends to all. A link counts only while both of its ends say that it is open.
//!
//! What a peer said may be out of date. Where it takes back that it reaches somebody, both are compared with at
//! once, and comparing goes on anyway, so nothing is lost by having believed it.

use std::collections::BTreeSet;

use antiphon_identity::PeerId;
use antiphon_timeline::HostTime;

use crate::{
    link::COMPANY_AFTER_NS,
    session::{Now, SessionSync},
    wire::{CompanyForm, Message},
};

impl SessionSync {
    /// A link opened or closed: everybody is told soon.
    pub(crate) fn company_changed(&mut self, now: HostTime) {
        for link in self.links.values_mut().filter(|link| link.is_open()) {
            link.company_at.get_or_insert(now + COMPANY_AFTER_NS);
        }
    }

    pub(crate) fn tell_company(&mut self, peer: PeerId) {
        if let Some(link) = self.links.get_mut(&peer) {
            link.company_at = None;
        }
        let peers = self.open_links().filter(|other| *other != peer).map(|other| other.0).collect();
        self.send(peer, &Message::Company(CompanyForm { peers }));
    }

    pub(crate) fn handle_company(&mut self, peer: PeerId, form: &CompanyForm, now: Now) {
        let Some(link) = self.links.get_mut(&peer) else { return };
        let company = form.peers.iter().copied().map(PeerId).collect::<BTreeSet<_>>();
        let left: Vec<PeerId> = link.company.difference(&company).copied().collect();
        link.company = company;
        for other in left {
            // What one of them made last may not have reached the other, and was not passed on by us.
            for lacking in [peer, other] {
                if let Some(link) = self.links.get_mut(&lacking) {
                    link.compare_soon(now.host);
                }
            }
        }
    }

    /// The neighbours of ours that `from` reaches itself, as they and it say.
    pub(crate) fn covered_by(&self, from: PeerId) -> BTreeSet<PeerId> {
        let Some(sender) = self.links.get(&from) else { return BTreeSet::new() };
        let agrees = |peer: &PeerId| self.links.get(peer).is_some_and(|link| link.company.contains(&from));
        sender.company.iter().copied().filter(agrees).collect()
    }
}
