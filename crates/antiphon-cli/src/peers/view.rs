//! The screen of `antiphon peers --watch`, drawn from a [`Board`] alone.
//!
//! From the top: my own clock, a row a peer, the chosen peer's error over the last minute, who asks and is nearby, the
//! keys. Eighty columns and twenty-four rows hold it; a larger window gives the curve more room.

use std::borrow::Cow;

use antiphon_api::views::{ClockView, MemberView, Role, SyncQuality};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Modifier, Style, Stylize},
    symbols::Marker,
    text::{Line, Span},
    widgets::{Axis, Block, Borders, Cell, Chart, Dataset, GraphType, Paragraph, Row, Table, TableState},
};

use super::{
    board::{Board, MINUTE},
    path_word,
};

/// What is told of myself, and a gap.
const OWN_ROWS: u16 = 3;
/// A name is shortened to that at most: who runs several peers tells them apart by it.
const NAME_COLUMNS_MIN: usize = 8;
/// The head and three peers: fewer only in a window that has no more.
const PEER_ROWS_MIN: u16 = 4;
/// Rows that the curve has at the least: its title, its axis and some height.
const CURVE_ROWS: u16 = 8;
/// The curve's scale is at least so wide, either way: less is noise of the measurement.
const SCALE_MS_MIN: f64 = 0.01;

pub fn draw(board: &Board, frame: &mut Frame) {
    let others = board.others();
    let news = news(board);
    let [own, table, curve, rest, keys] = areas(frame.area(), others.len(), news.len());
    frame.render_widget(Paragraph::new(own_lines(board, own.width)), own);
    draw_table(board, &others, frame, table);
    if let Some(member) = board.chosen().and_then(|at| others.get(at)) {
        draw_curve(board, member, frame, curve);
    }
    frame.render_widget(Paragraph::new(news), rest);
    frame.render_widget(Paragraph::new("q quit   \u{2191} \u{2193} choose a peer".dim()), keys);
}

/// Where everything goes. In a small window the rows of peers, which scroll, come before the curve and the news.
fn areas(window: Rect, peers: usize, news: usize) -> [Rect; 5] {
    let (peers, news) = (peers.clamp(1, 1_000) as u16 + 1, news as u16);
    let free = window.height.saturating_sub(OWN_ROWS + 1);
    let with_curve = free >= PEER_ROWS_MIN + CURVE_ROWS + news;
    let table = if with_curve { peers.min(free - CURVE_ROWS - news) } else { peers.min(free) };
    let news = news.min(free - table);
    Layout::vertical([
        Constraint::Length(OWN_ROWS),
        Constraint::Length(table),
        if with_curve { Constraint::Fill(1) } else { Constraint::Length(0) },
        Constraint::Length(news),
        Constraint::Length(1),
    ])
    .areas(window)
}

/// First what matters most: a narrow window cuts the line at its end. The name has what the rest leaves.
fn own_lines(board: &Board, columns: u16) -> Vec<Line<'_>> {
    let clock = &board.seen.clock;
    let state = match (clock.locked, clock.sharing) {
        (false, _) => "measuring".yellow(),
        (true, 1) => "alone".into(),
        (true, sharing) => format!("locked, {sharing} in one time").green(),
    };
    let bound = clock.bound_ms.map_or(String::new(), |bound| format!("bound {}  ", span_of(bound)));
    let timebase = clock.timebase.get(..8).unwrap_or("?");
    let figures = format!("{bound}rate {:+.1} ppm  clock {timebase}", clock.rate_ppm);
    let gap = || Span::from("  ");
    let rest = [gap(), state, gap(), figures.into()];
    let taken: usize = rest.iter().map(Span::width).sum();
    let room = usize::from(columns).saturating_sub(taken).max(NAME_COLUMNS_MIN);
    let name = board.me().map_or("no session is open", |me| &me.person.name);
    let name = Span::from(shortened(name, room)).bold();
    vec![
        Line::from_iter(std::iter::once(name).chain(rest)),
        Line::from(ignored(clock)).dim(),
        Line::default(),
    ]
}

/// The beginning of a name that has too many columns, marked as one.
fn shortened(name: &str, columns: usize) -> Cow<'_, str> {
    if Span::from(name).width() <= columns {
        return name.into();
    }
    let mut short = String::new();
    for letter in name.chars() {
        short.push(letter);
        if Span::from(short.as_str()).width() >= columns {
            short.pop();
            break;
        }
    }
    short.push('\u{2026}');
    short.into()
}

fn ignored(clock: &ClockView) -> String {
    let counts = clock.ignored.iter().map(|one| format!("{} {}", one.packets, one.reason));
    match counts.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "no clock packet was ignored".into(),
        some => format!("clock packets ignored: {some}"),
    }
}

fn draw_table(board: &Board, others: &[&MemberView], frame: &mut Frame, area: Rect) {
    if others.is_empty() {
        frame.render_widget(Paragraph::new("nobody else belongs to this session"), area);
        return;
    }
    let widths = [12, 8, 9, 15, 7, 8, 5, 6].map(Constraint::Length);
    let widths = std::iter::once(Constraint::Min(12)).chain(widths.into_iter().skip(1));
    let head = ["name", "role", "clock", "error \u{b1} bound", "ppm", "trip", "loss", "path"];
    let table = Table::new(others.iter().map(|member| row(member)), widths)
        .header(Row::new(head).dim())
        .row_highlight_style(Style::new().add_modifier(Modifier::BOLD))
        .highlight_symbol("> ");
    let mut chosen = TableState::new().with_selected(board.chosen());
    frame.render_stateful_widget(table, area, &mut chosen);
}

fn row(member: &MemberView) -> Row<'_> {
    let role = match member.role {
        Role::Owner => "owner",
        Role::Editor => "editor",
        Role::Listener => "listener",
    };
    let head = [Cell::from(member.person.name.as_str()), role.into()];
    let figures = match &member.sync {
        _ if !member.here => vec![Cell::from("away".dim())],
        None => vec!["measuring".yellow().into()],
        Some(sync) => vec![
            clock_word(sync).into(),
            agreement(sync).into(),
            format!("{:+.1}", sync.drift_ppm).into(),
            span_of(sync.round_trip_ms).into(),
            format!("{:.0} %", sync.loss * 100.0).into(),
            path_word(sync.path).into(),
        ],
    };
    Row::new(head.into_iter().chain(figures))
}

fn clock_word(sync: &SyncQuality) -> Span<'static> {
    match (&sync.suspect, sync.locked) {
        (Some(_), _) => "suspect".red(),
        (None, true) => "locked".green(),
        (None, false) => "measuring".yellow(),
    }
}

/// Error and bound in one unit: `+12 ± 140 µs`, or `-3.2 ± 30.1 ms`.
fn agreement(sync: &SyncQuality) -> String {
    let SyncQuality { error_ms, bound_ms, .. } = *sync;
    let (unit, scale, digits) = unit(error_ms.abs().max(bound_ms));
    format!("{:+.digits$} \u{b1} {:.digits$} {unit}", error_ms * scale, bound_ms * scale)
}

/// A length of time: `140 µs`, or `12.3 ms`.
fn span_of(ms: f64) -> String {
    let (unit, scale, digits) = unit(ms);
    format!("{:.digits$} {unit}", ms * scale)
}

/// The unit that suits a length of time, how many of it are a millisecond, and digits that say enough.
fn unit(largest_ms: f64) -> (&'static str, f64, usize) {
    match largest_ms {
        ..1.0 => ("\u{b5}s", 1e3, 0),
        ..10.0 => ("ms", 1.0, 2),
        ..100.0 => ("ms", 1.0, 1),
        _ => ("ms", 1.0, 0),
    }
}

fn draw_curve(board: &Board, member: &MemberView, frame: &mut Frame, area: Rect) {
    let points: Vec<(f64, f64)> =
        board.errors(&member.person.peer).map(|point| (point.at - board.now, point.error_ms)).collect();
    let largest = points.iter().fold(SCALE_MS_MIN, |largest, (_, error)| largest.max(error.abs()));
    let (unit, scale, digits) = unit(largest);
    let points: Vec<(f64, f64)> = points.into_iter().map(|(at, error)| (at, error * scale)).collect();
    let largest = largest * scale;
    let dataset = Dataset::default().marker(Marker::Braille).graph_type(GraphType::Line).cyan().data(&points);
    let label = |value: f64| format!("{value:+.digits$}");
    let chart = Chart::new(vec![dataset])
        .block(Block::new().borders(Borders::TOP).title(title(member, unit)))
        .x_axis(
            Axis::default().bounds([-MINUTE, 0.0]).labels(["-60 s", "-30 s", "now"]).style(Color::DarkGray),
        )
        .y_axis(
            Axis::default()
                .bounds([-largest * 1.1, largest * 1.1])
                .labels([label(-largest * 1.1), "0".into(), label(largest * 1.1)])
                .style(Color::DarkGray),
        );
    frame.render_widget(chart, area);
}

fn title<'a>(member: &'a MemberView, unit: &'a str) -> Line<'a> {
    let name = member.person.name.as_str();
    let why = member.sync.as_ref().and_then(|sync| sync.suspect.as_deref());
    match (why, &member.differs) {
        (Some(why), _) => Line::from(format!(" {name}: suspect, {why} ")).red(),
        (None, Some(how)) => Line::from(format!(" {name} {how} ")).yellow(),
        (None, None) => Line::from(format!(" {name}: error of the last minute, {unit} ")),
    }
}

/// Who asks to come in, and who else is in reach.
fn news(board: &Board) -> Vec<Line<'_>> {
    let asking = board.seen.asking.iter().map(|request| {
        let name = &request.person.name;
        Line::from(format!("{name} asks to join: antiphon allow \"{name}\"")).yellow()
    });
    let strangers =
        board.seen.nearby.iter().filter(|near| {
            board.seen.clock.members.iter().all(|member| member.person.peer != near.person.peer)
        });
    let names: Vec<_> = strangers.map(|near| near.person.name.as_str()).collect();
    let nearby = (!names.is_empty()).then(|| Line::from(format!("nearby: {}", names.join(", "))).dim());
    asking.take(2).chain(nearby).collect()
}

#[cfg(test)]
mod tests;
