//! Who opens outputs and looks which there are: beside the keeper, because systems may take seconds over it, or
//! never come back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use crate::{
    card::{Cards, OutputInfo},
    error::OpenOutputError,
    limits::HANDS_HANGING_MAX,
    stream::{OpenStream, Opening},
    turns::Turn,
};

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Job {
    /// Open this output, or the default one; that one too in place of one that is not there.
    Open { wanted: Option<String>, may_stand_in: bool, turn: Turn },
    /// Look which outputs there are.
    Look,
}

/// What became of it.
pub(crate) enum Done {
    Opened(Result<OpenStream, OpenOutputError>),
    Seen(Vec<OutputInfo>),
}

type Numbered = (u64, Done);
type Work = dyn Fn(Job) -> Done + Send + Sync;

/// Does one job at a time.
pub(crate) struct Hands {
    work: Arc<Work>,
    /// Without threads a job is done when it is asked for.
    threads: bool,
    /// Results by the number of their job; those of jobs that were given up come late or never.
    tell: Sender<Numbered>,
    told: Receiver<Numbered>,
    job: u64,
    running: Arc<AtomicUsize>,
}

impl Hands {
    pub(crate) fn new(cards: impl Cards, opening: Arc<Opening>, threads: bool) -> Self {
        let work = move |job| match job {
            Job::Look => Done::Seen(cards.outputs()),
            Job::Open { wanted, may_stand_in, turn } => {
                Done::Opened(open(&cards, &opening, wanted.as_deref(), may_stand_in, turn))
            }
        };
        let (tell, told) = channel();
        Self { work: Arc::new(work), threads, tell, told, job: 0, running: Arc::default() }
    }

    /// Begins a job. False when too many hang.
    pub(crate) fn begin(&mut self, job: Job) -> bool {
        self.job += 1;
        let (number, tell) = (self.job, self.tell.clone());
        if !self.threads {
            return tell.send((number, (self.work)(job))).is_ok();
        }
        if self.running.load(Ordering::Relaxed) >= HANDS_HANGING_MAX {
            return false;
        }
        let (work, running) = (self.work.clone(), self.running.clone());
        running.fetch_add(1, Ordering::Relaxed);
        let run = move || {
            let _ = tell.send((number, work(job)));
            running.fetch_sub(1, Ordering::Relaxed);
        };
        thread::Builder::new().name("antiphon-cards".into()).spawn(run).is_ok()
    }

    /// What became of the job, once it is done.
    pub(crate) fn poll(&mut self) -> Option<Done> {
        while let Ok((number, done)) = self.told.try_recv() {
            match done {
                done if number == self.job => return Some(done),
                Done::Opened(Ok(late)) => self.close(late),
                _ => {}
            }
        }
        None
    }

    /// The job takes too long: nobody waits for it any more.
    pub(crate) fn give_up(&mut self) {
        self.job += 1;
    }

    /// Stops a stream.
    pub(crate) fn close(&self, stream: OpenStream) {
        stream.turn.revoke();
        if self.threads {
            // The thread is not counted: a stream that cannot be closed must not keep others from opening.
            let closing = thread::Builder::new().name("antiphon-closing".into()).spawn(move || drop(stream));
            if let Err(error) = closing {
                tracing::error!(%error, "no thread to close an output");
            }
        }
    }
}

fn open<C: Cards>(
    cards: &C,
    opening: &Opening,
    wanted: Option<&str>,
    may_stand_in: bool,
    turn: Turn,
) -> Result<OpenStream, OpenOutputError> {
    let found = cards.find(wanted);
    match (found, wanted) {
        (Err(missing), Some(_)) if may_stand_in => match cards.find(None) {
            Ok(default) => opening.open(&default, turn),
            Err(_) => Err(missing),
        },
        (found, _) => opening.open(&found?, turn),
    }
}
