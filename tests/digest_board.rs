//! The board: the digest's queue on a terminal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::panic,
    missing_docs
)]

mod common;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use common::work::{busy_day, case, flooded_day, handled, made, respond_in};
use embargod::cli::board::draw::{Palette, draw};
use embargod::cli::board::state::{Board, Key, Step};
use embargod::domain::case_id::CaseId;
use embargod::domain::views::WorkView;
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::termios::tcgetattr;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;

fn shown(board: &Board, width: u16, height: u16) -> TestBackend {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(board, Palette::Colours, frame.buffer_mut())).unwrap();
    terminal.backend().clone()
}

fn text(board: &Board, width: u16, height: u16) -> String {
    shown(board, width, height).to_string()
}

/// A board with a line chosen by its number.
fn choosing(view: &WorkView, number: &str) -> Board {
    let mut board = Board::new(made(view));
    while board.choice().unwrap().1.number != number {
        board.press(Key::Down, 10);
    }
    board
}

#[test]
fn a_busy_day_on_a_small_terminal() {
    insta::assert_snapshot!(text(&Board::new(made(&busy_day())), 60, 20));
}

#[test]
fn a_busy_day_on_a_wide_terminal() {
    insta::assert_snapshot!(text(&choosing(&busy_day(), "EMB-2026-0009"), 120, 40));
}

#[test]
fn a_flood_of_subjects_in_every_script() {
    insta::assert_snapshot!(text(&choosing(&flooded_day(), "EMB-2026-0152"), 120, 40));
}

#[test]
fn a_day_with_nothing_to_do() {
    insta::assert_snapshot!(text(&Board::new(made(&WorkView::default())), 60, 20));
}

#[test]
fn a_case_over_the_queue() {
    let mut board = choosing(&busy_day(), "EMB-2026-0005");
    assert_eq!(board.press(Key::Open, 10), Step::Show(CaseId { year: 2026, number: 5 }));
    let sheet: Vec<String> = (1..=30).map(|line| format!("line {line} of the case")).collect();
    board.open(&sheet.join("\n"));
    board.press(Key::Down, 7);
    insta::assert_snapshot!(text(&board, 60, 10));
    board.press(Key::Last, 7);
    assert!(text(&board, 60, 10).contains("line 30 of the case"));
    assert_eq!(board.press(Key::Back, 7), Step::Draw);
    assert!(text(&board, 60, 10).contains("EMB-2026-0005"));
}

#[test]
fn the_keys_do_what_the_help_line_says() {
    let mut board = choosing(&busy_day(), "EMB-2026-0005");
    let number = |board: &Board| board.choice().unwrap().1.number.clone();
    assert_eq!(number(&board), "EMB-2026-0005");
    board.press(Key::Down, 10);
    assert_eq!(number(&board), "EMB-2026-0004");
    board.press(Key::Up, 10);
    assert_eq!(number(&board), "EMB-2026-0005");
    board.press(Key::First, 10);
    board.press(Key::Up, 10);
    assert_eq!(number(&board), "EMB-2026-0010");
    board.press(Key::Last, 10);
    assert_eq!(number(&board), "EMB-2026-0002");
    board.press(Key::Down, 10);
    assert_eq!(number(&board), "EMB-2026-0002");
    assert_eq!(board.press(Key::Back, 10), Step::Draw);
    assert_eq!(board.press(Key::Quit, 10), Step::Leave);
}

#[test]
fn a_mail_without_a_case_says_so_when_it_is_opened() {
    let mut board = choosing(&busy_day(), "mail 12");
    assert_eq!(board.press(Key::Open, 10), Step::Draw);
    assert!(text(&board, 60, 20).contains("this mail belongs to no case"));
}

#[test]
fn what_is_chosen_stays_chosen_when_the_queue_moves_below_it() {
    let mut board = choosing(&busy_day(), "EMB-2026-0003");
    let mut view = busy_day();
    view.open.push(handled(respond_in(case(50, "Newly overdue", 99), -1), "ada"));
    board.renew(made(&view));
    assert_eq!(board.choice().unwrap().1.number, "EMB-2026-0003");
    let gone = WorkView { open: vec![case(60, "The only one", 2)], ..WorkView::default() };
    board.renew(made(&gone));
    assert_eq!(board.choice().unwrap().1.number, "EMB-2026-0060");
    board.renew(made(&WorkView::default()));
    assert!(board.choice().is_none());
}

#[test]
fn without_colours_there_is_none_and_with_them_what_is_overdue_is_red() {
    let board = Board::new(made(&busy_day()));
    let colours = |palette| -> Vec<Color> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
        draw(&board, palette, &mut buffer);
        let cells = buffer.content().iter();
        cells.flat_map(|cell| [cell.fg, cell.bg]).filter(|c| *c != Color::Reset).collect()
    };
    assert_eq!(colours(Palette::Plain), vec![]);
    assert!(colours(Palette::Colours).contains(&Color::Red));
}

#[test]
fn without_a_terminal_the_command_says_what_to_do_instead() {
    let output = Command::new(env!("CARGO_BIN_EXE_embargod")).arg("board").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("needs a terminal") && told.contains("embargod digest"), "{told}");
    assert!(output.stdout.is_empty());
}

/// A store with a case in it, and the configuration that names it.
fn project(folder: &Path) -> PathBuf {
    let demo =
        Command::new(env!("CARGO_BIN_EXE_embargod")).arg("demo").arg(folder).output().unwrap();
    assert!(demo.status.success());
    folder.join("daemon.toml")
}

/// Reads what was written to a terminal until `mark` comes or nobody is left to write.
fn read_until(terminal: &mut File, mark: &str) -> String {
    let mut read = Vec::new();
    let mut part = [0; 4096];
    while !String::from_utf8_lossy(&read).contains(mark) {
        match terminal.read(&mut part) {
            Ok(0) | Err(_) => break,
            Ok(count) => read.extend_from_slice(&part[..count]),
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// Shows the board on a terminal of its own, ends it in some way, and gives back what the terminal
/// was told at the end, and whether its modes are what they were.
fn ended(end: impl FnOnce(&mut File, &Child)) -> (String, bool) {
    let folder = tempfile::tempdir().unwrap();
    let config = project(&folder.path().join("demo"));
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let OpenptyResult { master, slave } = openpty(&size, None).unwrap();
    let modes = |of: &OwnedFd| format!("{:?}", tcgetattr(of).unwrap());
    let before = modes(&slave);
    let mut board = Command::new(env!("CARGO_BIN_EXE_embargod"))
        .arg("--config")
        .arg(config)
        .arg("board")
        .env("TERM", "xterm-256color")
        .stdin(slave.try_clone().unwrap())
        .stdout(slave.try_clone().unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut terminal = File::from(master);
    let shown = read_until(&mut terminal, "q quit");
    assert!(shown.contains("EMB-"), "{shown}");
    assert_ne!(modes(&slave), before, "keys are read one by one");
    end(&mut terminal, &board);
    assert!(board.wait().unwrap().success());
    let after = modes(&slave);
    drop(slave);
    (read_until(&mut terminal, "no such mark"), after == before)
}

const LEAVES_THE_OTHER_SCREEN: &str = "\u{1b}[?1049l";

#[test]
fn the_terminal_is_given_back_after_q() {
    let (told, restored) = ended(|terminal, _| terminal.write_all(b"jjq").unwrap());
    assert!(told.contains(LEAVES_THE_OTHER_SCREEN) && restored, "{told:?}");
}

#[test]
fn the_terminal_is_given_back_after_a_signal() {
    let (told, restored) = ended(|_, board| {
        let pid = board.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    });
    assert!(told.contains(LEAVES_THE_OTHER_SCREEN) && restored, "{told:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn at_any_size_it_is_drawn_and_the_chosen_line_is_seen(
        width in 1_u16..200,
        height in 1_u16..70,
        downs in 0_usize..90,
    ) {
        let mut board = Board::new(made(&flooded_day()));
        for _ in 0..downs {
            board.press(Key::Down, 10);
        }
        let screen = shown(&board, width, height);
        if width >= 20 && height >= 6 {
            let number = board.choice().unwrap().1.number.clone();
            let chosen = format!("› {number}");
            prop_assert!(screen.to_string().contains(&chosen), "{}", screen);
        }
    }
}
