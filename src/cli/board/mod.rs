//! `embargod board`: the queue on a terminal, kept up to date.
//!
//! Promises: it changes nothing; and however it ends (a key, an error, a panic, SIGTERM, SIGHUP),
//! the terminal is as it was before.

pub mod draw;
pub mod state;
mod watch;

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use clap::Args;
use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::StreamExt;
use ratatui::DefaultTerminal;
use tokio::signal::unix::{SignalKind, signal};

use super::digest::Queue;
use super::run::runtime;
use super::{Failure, case, digest};
use crate::config::{Secrets, Settings, locate};
use crate::daemon::clock::Clock;
use crate::policy::digest::Room;
use crate::store::Store;
use draw::Palette;
use state::{Board, Key, Step};
use watch::Watch;

/// How often the store is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// More lines than anybody scrolls through, and no more than are quickly made.
const ROOM: Room = Room { section: 500, whole: 5000, rows: 500 };

/// Show the queue, kept up to date, until you leave it with q.
///
/// It only looks: cases are moved on with `embargod case`.
#[derive(Debug, Args)]
pub struct BoardArgs {
    /// As this maintainer's queue [default: the first in the configuration]
    #[arg(long = "for", value_name = "HANDLE")]
    reader: Option<String>,
}

/// Shows the board.
///
/// # Errors
/// 1 where there is no terminal or no store, 2 for an unknown maintainer.
pub fn board(config: Option<&Path>, args: &BoardArgs, clock: &Clock) -> Result<(), Failure> {
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        let why = "the board needs a terminal; `embargod digest` prints the same queue";
        return Err(Failure::Failed(anyhow::anyhow!(why)));
    }
    let settings = Settings::load(&locate(config)?, Secrets::Skip)?;
    let reader = digest::reader(&settings.maintainers, args.reader.as_deref())?;
    let store = Store::open_existing(&settings.store)?;
    let queue = Queue { store: &store, settings: &settings, reader, room: ROOM };
    runtime()?.block_on(show(&queue, clock))
}

/// The terminal while it is ours: given back when this is dropped. `ratatui` also gives it back
/// where a thread panics.
struct Screen(DefaultTerminal);

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

async fn show(queue: &Queue<'_>, clock: &Clock) -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut watch = Watch::of(&queue.settings.store);
    let mut board = Board::new(queue.at(clock.now()).await?);
    let palette = match std::env::var_os("NO_COLOR") {
        Some(value) if !value.is_empty() => Palette::Plain,
        _ => Palette::Colours,
    };
    let mut screen = Screen(ratatui::try_init()?);
    let mut keys = EventStream::new();
    let mut look = tokio::time::interval(LOOK);
    loop {
        screen.0.draw(|frame| draw::draw(&board, palette, frame.buffer_mut()))?;
        tokio::select! {
            event = keys.next() => {
                let Some(event) = event.transpose()? else { return Ok(()) };
                let Some(key) = meaning(&event) else { continue };
                let room = draw::screenful(screen.0.size()?.height);
                match board.press(key, room) {
                    Step::Draw => {}
                    Step::Leave => return Ok(()),
                    Step::Show(id) => match queue.store.case_file(id).await {
                        Ok(Some(file)) => board.open(&case::sheet(&file, clock.now())),
                        Ok(None) => board.notice = Some(format!("there is no case {id} any more")),
                        Err(error) => board.notice = Some(error.to_string()),
                    },
                }
            }
            _ = look.tick() => {
                if watch.calls_for_a_look() {
                    match queue.at(clock.now()).await {
                        Ok(digest) => board.renew(digest),
                        Err(error) => board.notice = Some(format!("not up to date: {error}")),
                    }
                }
            }
            _ = terminate.recv() => return Ok(()),
            _ = hangup.recv() => return Ok(()),
        }
    }
}

/// What a key means here.
fn meaning(event: &Event) -> Option<Key> {
    let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. }) = event else {
        return None;
    };
    if modifiers.contains(KeyModifiers::CONTROL) {
        return match code {
            KeyCode::Char('c') => Some(Key::Quit),
            KeyCode::Char('f') => Some(Key::PageDown),
            KeyCode::Char('b') => Some(Key::PageUp),
            _ => None,
        };
    }
    match code {
        KeyCode::Up | KeyCode::Char('k') => Some(Key::Up),
        KeyCode::Down | KeyCode::Char('j') => Some(Key::Down),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown | KeyCode::Char(' ') => Some(Key::PageDown),
        KeyCode::Home | KeyCode::Char('g') => Some(Key::First),
        KeyCode::End | KeyCode::Char('G') => Some(Key::Last),
        KeyCode::Enter | KeyCode::Right | KeyCode::Char('l') => Some(Key::Open),
        KeyCode::Esc | KeyCode::Left | KeyCode::Backspace | KeyCode::Char('h') => Some(Key::Back),
        KeyCode::Char('q') => Some(Key::Quit),
        _ => None,
    }
}
