//! What the user does to the open session: edits, undo, transport.

use antiphon_model::Edit;
use antiphon_sync::Now;
use antiphon_timeline::{SessionTime, Ticks, TimelineOp};

use crate::{
    command::Done, effect::Change, error::CommandError, jam::Jam, launch, peer::Peer, transport::Feel,
};

impl Peer {
    pub(crate) fn edit(&mut self, edit: Edit, now: Now) -> Result<Done, CommandError> {
        let (at, lead) = (self.map.to_session(now.host), self.lead_ns());
        let ramp_ns = if let Edit::SetTempo { ramp_ns, .. } = edit { ramp_ns } else { 0 };
        let jam = self.jam_mut()?;
        let edit = launch::scheduled(edit, &jam.transport.at(at), jam.song().quantum, at + lead);
        let label = jam.edit(edit, now)?;
        self.after_edit(ramp_ns, now)?;
        Ok(Done::Label(label))
    }

    pub(crate) fn undo(&mut self, now: Now) -> Result<Done, CommandError> {
        let undone = self.jam_mut()?.sync.undo(now)?;
        self.after_edit(0, now)?;
        Ok(undone.map_or(Done::Nothing, Done::Label))
    }

    pub(crate) fn redo(&mut self, now: Now) -> Result<Done, CommandError> {
        let redone = self.jam_mut()?.sync.redo(now)?;
        self.after_edit(0, now)?;
        Ok(redone.map_or(Done::Nothing, Done::Label))
    }

    /// The document's tempo or meter may have changed: the transport goes with it, from a tick that all peers share.
    fn after_edit(&mut self, ramp_ns: i64, now: Now) -> Result<(), CommandError> {
        self.tell(Change::History);
        self.act(now, |jam, at, lead| {
            let feel = Feel::of(jam.song());
            jam.transport.follow(at, lead, feel, ramp_ns)
        })
    }

    pub(crate) fn play(&mut self, count_in_bars: u8, now: Now) -> Result<(), CommandError> {
        self.jam_mut()?.check_may_edit()?;
        self.act(now, |jam, at, lead| {
            let feel = Feel::of(jam.song());
            jam.transport.play(at, lead, feel, count_in_bars)
        })
    }

    pub(crate) fn stop(&mut self, rewind: bool, now: Now) -> Result<(), CommandError> {
        self.jam_mut()?.check_may_edit()?;
        self.act(now, |jam, at, lead| jam.transport.stop(at, lead, rewind))
    }

    pub(crate) fn locate(&mut self, to: Ticks, now: Now) -> Result<(), CommandError> {
        self.jam_mut()?.check_may_edit()?;
        self.act(now, |jam, at, lead| jam.transport.locate(at, lead, to))
    }

    /// Makes timeline operations and records them.
    fn act(
        &mut self,
        now: Now,
        make: impl FnOnce(&mut Jam, SessionTime, i64) -> Vec<TimelineOp>,
    ) -> Result<(), CommandError> {
        let (map, lead) = (self.map, self.lead_ns());
        let jam = self.jam_mut()?;
        let ops = make(jam, map.to_session(now.host), lead);
        if ops.is_empty() {
            return Ok(());
        }
        jam.record(&ops, &map, now)?;
        self.tell(Change::Transport);
        Ok(())
    }
}
