//! `antiphon peers --watch`: a screen that follows the clocks, or a line of JSON a second.

use std::io::{self, IsTerminal, Write, stdin, stdout};

use antiphon_api::ErrorCode;
use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    task::spawn_blocking,
    time::{Duration, Instant, MissedTickBehavior, interval},
};

use super::{
    board::{Board, Seen},
    view,
};
use crate::{failure::Failure, reach::Reach};

/// How often the clock is asked for the screen.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often a line is printed.
const LINE_EVERY: Duration = Duration::from_secs(1);
/// Keys that wait: a person types no faster than the screen is drawn.
const KEYS_MAX: usize = 32;
/// How soon the reader of keys sees that nobody reads them any more.
const KEY_WAIT: Duration = Duration::from_millis(100);

pub async fn watch(reach: &Reach, json: bool) -> Result<(), Failure> {
    if json {
        lines(reach).await
    } else if stdin().is_terminal() && stdout().is_terminal() {
        screen(reach).await
    } else {
        Err(Failure::new(ErrorCode::Invalid, "`peers --watch` draws on a terminal, and this is none")
            .next("add --json for a line a second, or leave --watch away"))
    }
}

/// A line a second until it is interrupted, or nobody reads any more.
async fn lines(reach: &Reach) -> Result<(), Failure> {
    let mut ended = Ended::new()?;
    let mut ticks = interval(LINE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = ended.wait() => return Ok(()),
            _ = ticks.tick() => {}
        }
        let line = Seen::of(reach).await?.json()?;
        let mut out = stdout().lock();
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
            return Ok(());
        }
    }
}

async fn screen(reach: &Reach) -> Result<(), Failure> {
    // What goes wrong before the first look is told on the terminal as it was.
    let started = Instant::now();
    let mut board = Board::new(Seen::of(reach).await?, 0.0);
    let mut ended = Ended::new()?;
    let mut screen = Screen::enter().map_err(Failure::from_io)?;
    let (pressed, mut keys) = mpsc::channel(KEYS_MAX);
    spawn_blocking(move || read_keys(&pressed));
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        screen.0.draw(|frame| view::draw(&board, frame)).map_err(Failure::from_io)?;
        tokio::select! {
            () = ended.wait() => return Ok(()),
            _ = ticks.tick() => board.take(Seen::of(reach).await?, started.elapsed().as_secs_f64()),
            act = keys.recv() => match act {
                Some(Act::Choose(by)) => board.choose(by),
                Some(Act::Redraw) => {}
                Some(Act::Quit) | None => return Ok(()),
            },
        }
    }
}

/// The terminal while it is ours. Left however the view ends: by a key, a failure or a panic.
struct Screen(DefaultTerminal);

impl Screen {
    fn enter() -> io::Result<Self> {
        ratatui::try_init().map(Self)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// So many places down.
    Choose(isize),
    /// The window has another size.
    Redraw,
    Quit,
}

/// Reads keys until nobody takes them, or the terminal is gone.
fn read_keys(pressed: &mpsc::Sender<Act>) {
    while !pressed.is_closed() {
        let act = match event::poll(KEY_WAIT) {
            Ok(false) => None,
            Ok(true) => match event::read() {
                Ok(event) => act(&event),
                Err(_) => return,
            },
            Err(_) => return,
        };
        if let Some(act) = act
            && pressed.blocking_send(act).is_err()
        {
            return;
        }
    }
}

fn act(event: &Event) -> Option<Act> {
    match event {
        Event::Key(KeyEvent { kind: KeyEventKind::Release, .. }) => None,
        Event::Key(key) => match key.code {
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => Some(Act::Quit),
            KeyCode::Char('q') | KeyCode::Esc => Some(Act::Quit),
            KeyCode::Up | KeyCode::Char('k') => Some(Act::Choose(-1)),
            KeyCode::Down | KeyCode::Char('j') => Some(Act::Choose(1)),
            KeyCode::Home => Some(Act::Choose(isize::MIN)),
            KeyCode::End => Some(Act::Choose(isize::MAX)),
            _ => None,
        },
        Event::Resize(..) => Some(Act::Redraw),
        _ => None,
    }
}

/// Asked to end from outside.
struct Ended {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Ended {
    fn new() -> Result<Self, Failure> {
        let signal = |kind| signal(kind).map_err(Failure::from_io);
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_quit_and_choose() {
        let key = |code, modifiers| act(&Event::Key(KeyEvent::new(code, modifiers)));
        assert_eq!(key(KeyCode::Char('q'), KeyModifiers::NONE), Some(Act::Quit));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Act::Quit));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::NONE), None);
        assert_eq!(key(KeyCode::Down, KeyModifiers::NONE), Some(Act::Choose(1)));
        assert_eq!(act(&Event::Resize(100, 30)), Some(Act::Redraw));
    }
}
