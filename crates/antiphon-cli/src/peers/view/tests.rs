use antiphon_api::views::{
    ClockPath, ClockView, IgnoredPackets, JoinRequest, MemberView, NearbyPeer, Person, Role, Standing,
    SyncQuality,
};
use ratatui::{Terminal, backend::TestBackend};

use super::{
    super::board::{Board, Seen},
    draw,
};

fn person(name: &str) -> Person {
    Person { peer: name.to_lowercase().repeat(12), name: name.into(), colour: 0 }
}

fn member(name: &str, role: Role, sync: Option<SyncQuality>) -> MemberView {
    let here = name != "Cy";
    MemberView {
        person: person(name),
        role,
        me: name == "Ada",
        here,
        track: None,
        step: None,
        sync,
        differs: None,
    }
}

fn sync(error_ms: f64, bound_ms: f64, path: ClockPath) -> SyncQuality {
    let (drift_ppm, round_trip_ms, loss) = (63.12, bound_ms * 2.0, 0.02);
    SyncQuality { locked: true, error_ms, bound_ms, round_trip_ms, drift_ppm, loss, path, suspect: None }
}

/// Ada sees Bo close by, Dee far off and suspect, Cy away.
fn seen(error_ms: f64) -> Seen {
    let mut dee = sync(-3.25, 30.1, ClockPath::Stream);
    dee.suspect = Some("its clock steps".into());
    let members = vec![
        member("Ada", Role::Owner, None),
        member("Cy", Role::Listener, None),
        member("Bo", Role::Editor, Some(sync(error_ms, 0.14, ClockPath::Udp))),
        member("Dee", Role::Editor, Some(dee)),
    ];
    let clock = ClockView {
        timebase: "1a2b3c4d5e6f7788".into(),
        host_ms: 0.0,
        session_ms: 0.0,
        rate_ppm: -12.34,
        locked: true,
        sharing: 3,
        bound_ms: Some(30.1),
        ignored: vec![IgnoredPackets { reason: "forged".into(), packets: 7 }],
        members,
    };
    let nearby = vec![NearbyPeer {
        person: person("Zoe"),
        session: None,
        standing: Standing::Stranger,
        differs: None,
    }];
    Seen { clock, nearby, asking: vec![JoinRequest { person: person("Eve"), invited: false }] }
}

fn screen(board: &Board, columns: u16, rows: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
    terminal.draw(|frame| draw(board, frame)).unwrap();
    let cells = terminal.backend().buffer().content().chunks(usize::from(columns));
    cells.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned()).collect()
}

fn a_minute() -> Board {
    let mut board = Board::new(seen(0.0), 0.0);
    for half in 1..=120 {
        board.take(seen(f64::from(half - 60) / 600.0), f64::from(half) / 2.0);
    }
    board
}

#[test]
fn eighty_columns_and_twenty_four_rows_hold_everything() {
    let expected = "\
Ada  locked, 3 in one time  bound 30.1 ms  rate -12.3 ppm  clock 1a2b3c4d
clock packets ignored: 7 forged

  name          role     clock     error ± bound   ppm     trip     loss  path
> Bo            editor   locked    +100 ± 140 µs   +63.1   280 µs   2 %   udp
  Dee           editor   suspect   -3.2 ± 30.1 ms  +63.1   60.2 ms  2 %   stream
  Cy            listener away
 Bo: error of the last minute, µs ──────────────────────────────────────────────
+110│                                                                        ⣀⣀⠤
    │                                                                ⣀⣀⡠⠤⠔⠒⠉⠉
    │                                                        ⢀⣀⡠⠤⠒⠒⠉⠉
    │                                                 ⣀⣀⠤⠤⠒⠊⠉⠁
    │                                         ⢀⣀⡠⠤⠔⠒⠉⠉
0   │⡄                                ⢀⣀⡠⠤⠤⠒⠊⠉⠁
    │⡇                         ⣀⣀⠤⠤⠒⠊⠉⠁
    │⡇                 ⢀⣀⡠⠤⠔⠒⠉⠉
    │⢸          ⣀⣀⠤⠤⠒⠒⠉⠁
    │⢸  ⣀⣀⠤⠤⠒⠊⠉⠉
-110│⠘⠉⠉
    └───────────────────────────────────────────────────────────────────────────
-60 s                                   -30 s                                now
Eve asks to join: antiphon allow \"Eve\"
nearby: Zoe
q quit   ↑ ↓ choose a peer";
    let screen = screen(&a_minute(), 80, 24).join("\n");
    assert_eq!(screen, expected, "\n{screen}");
}

#[test]
fn a_small_window_still_shows_peers_and_keys() {
    let screen = screen(&a_minute(), 40, 10);
    assert!(screen[4].starts_with("> Bo") && screen[6].starts_with("  Cy"), "{screen:#?}");
    assert_eq!(screen[9], "q quit   ↑ ↓ choose a peer");
    assert!(
        (0..=4).all(|rows| super::tests::screen(&a_minute(), 3, rows + 1).len() == usize::from(rows) + 1)
    );
}

#[test]
fn more_peers_than_rows_scroll_to_the_chosen_one() {
    let mut crowd = seen(0.0);
    let names = (0..30).map(|number| member(&format!("Peer {number}"), Role::Editor, None));
    crowd.clock.members.extend(names);
    let mut board = Board::new(crowd, 0.0);
    board.choose(29);
    let screen = screen(&board, 80, 24);
    assert!(screen.iter().any(|row| row.starts_with("> Peer 27")), "{screen:#?}");
    assert!(screen.iter().any(|row| row.starts_with(" Peer 27: error of the last minute")), "{screen:#?}");
}

#[test]
fn alone_the_view_says_so() {
    let mut alone = seen(0.0);
    alone.clock.members.truncate(1);
    alone.clock.ignored.clear();
    (alone.clock.sharing, alone.clock.bound_ms) = (1, None);
    let screen = screen(&Board::new(alone, 0.0), 80, 24);
    assert_eq!(screen[0], "Ada  alone  rate -12.3 ppm  clock 1a2b3c4d");
    assert_eq!(screen[1], "no clock packet was ignored");
    assert_eq!(screen[3], "nobody else belongs to this session");
}

#[test]
fn a_long_name_gives_way_to_the_figures() {
    let mut seen = seen(0.0);
    seen.clock.members[0].person.name = "Adalbert Gottfried Zimmermann von Hohenstein".into();
    let board = Board::new(seen, 0.0);
    let figures = "  locked, 3 in one time  bound 30.1 ms  rate -12.3 ppm  clock 1a2b3c4d";
    let line = |columns| screen(&board, columns, 24).swap_remove(0);
    assert_eq!(line(80), format!("Adalbert \u{2026}{figures}"));
    assert_eq!(line(84), format!("Adalbert Gott\u{2026}{figures}"));
    assert_eq!(line(120), format!("Adalbert Gottfried Zimmermann von Hohenstein{figures}"));
    // In the narrowest the end is cut, and that is the clock's name.
    assert_eq!(line(60), format!("Adalber\u{2026}{}", &figures[..52].trim_end()));
}

#[test]
fn a_name_of_wide_letters_is_cut_by_columns() {
    assert_eq!(super::shortened("\u{97f3}\u{697d}\u{5bb6}", 6), "\u{97f3}\u{697d}\u{5bb6}");
    assert_eq!(super::shortened("\u{97f3}\u{697d}\u{5bb6}", 5), "\u{97f3}\u{697d}\u{2026}");
    assert_eq!(super::shortened("\u{97f3}\u{697d}\u{5bb6}", 4), "\u{97f3}\u{2026}");
}

#[test]
fn arrows_choose_whose_curve_is_drawn() {
    let mut board = a_minute();
    board.choose(1);
    assert!(screen(&board, 80, 24)[7].starts_with(" Dee: suspect, its clock steps "));
    board.choose(isize::MAX);
    assert!(screen(&board, 80, 24)[7].starts_with(" Cy: error of the last minute"));
    board.choose(isize::MIN);
    assert!(screen(&board, 80, 24)[7].starts_with(" Bo: error of the last minute"));
}

#[test]
fn errors_older_than_a_minute_are_forgotten() {
    let mut board = Board::new(seen(1.0), 0.0);
    board.take(seen(2.0), 59.0);
    board.take(seen(3.0), 61.0);
    let errors: Vec<f64> = board.errors(&person("Bo").peer).map(|point| point.error_ms).collect();
    assert_eq!(errors, [2.0, 3.0]);
}

#[test]
fn a_length_of_time_has_the_unit_and_the_digits_that_suit_it() {
    let lengths = [0.0004, 0.14, 0.9994, 1.0, 9.87, 30.1, 1_234.0].map(super::span_of);
    assert_eq!(lengths, ["0 µs", "140 µs", "999 µs", "1.00 ms", "9.87 ms", "30.1 ms", "1234 ms"]);
}
