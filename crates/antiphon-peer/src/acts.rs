//! What the user does to the open session: edits, undo, transport.

use antiphon_model::Edit;
use antiphon_sync::Now;
use antiphon_timeline::{SessionTime, Ticks, TimelineOp};

use crate::{command::Done, effect::Change, error::CommandError, jam::Jam, launch, peer::Peer};

impl Peer {
    pub(crate) fn edit(&mut self, edit: Edit, now: Now) -> Result<Done, CommandError> {
        let (at, lead) = (self.map.to_session(now.host), self.lead_ns());
        let jam = self.jam_mut()?;
        let edit = launch::scheduled(edit, &jam.transport.at(at), at, lead);
        let label = jam.edit(edit, now)?;
        self.after_edit(now)?;
        Ok(Done::Label(label))
    }

    pub(crate) fn undo(&mut self, now: Now) -> Result<Done, CommandError> {
        let undone = self.jam_mut()?.sync.undo(now)?;
        self.after_edit(now)?;
        Ok(undone.map_or(Done::Nothing, Done::Label))
    }

    pub(crate) fn redo(&mut self, now: Now) -> Result<Done, CommandError> {
        let redone = self.jam_mut()?.sync.redo(now)?;
        self.after_edit(now)?;
        Ok(redone.map_or(Done::Nothing, Done::Label))
    }

    /// The document's tempo may have changed: the transport goes with it, from a tick that all peers share.
    fn after_edit(&mut self, now: Now) -> Result<(), CommandError> {
        self.tell(Change::History);
        self.act(now, |jam, at, lead| {
            let tempo = jam.song().tempo;
            jam.transport.follow_tempo(at, lead, tempo)
        })
    }

    pub(crate) fn play(&mut self, now: Now) -> Result<(), CommandError> {
        self.jam_mut()?.check_may_edit()?;
        self.act(now, |jam, at, lead| {
            let tempo = jam.song().tempo;
            jam.transport.play(at, lead, tempo)
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
