//! All that an IMAP server says, from its greeting on, whatever the client says: through the inbox as
//! it is, over a connection of this machine.

use std::cell::RefCell;
use std::time::Duration;

use embargod::domain::place::{Place, Position};
use embargod::domain::secret::Secret;
use embargod::mail::inbox::{
    Addressees, Inbox, InboxSettings, Patience, Seen, Source, Unaddressed,
};
use embargod::mail::tls::{Security, Server};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

struct Peer {
    runtime: Runtime,
    listener: TcpListener,
}

thread_local! {
    static PEER: RefCell<Option<Peer>> = const { RefCell::new(None) };
}

pub fn meet(bytes: &[u8]) {
    PEER.with_borrow_mut(|peer| {
        let Peer { runtime, listener } = peer.get_or_insert_with(|| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
            Peer { runtime, listener }
        });
        runtime.block_on(async {
            tokio::join!(
                serve(listener, bytes),
                look(listener.local_addr().unwrap().port(), bytes)
            );
        });
    });
}

/// Says everything at once and hangs up.
async fn serve(listener: &TcpListener, bytes: &[u8]) {
    let (mut stream, _) = listener.accept().await.unwrap();
    // The client may have hung up before it heard all.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut said = [0; 4096];
    while let Ok(1..) = tokio::io::AsyncReadExt::read(&mut stream, &mut said).await {}
}

async fn look(port: u16, bytes: &[u8]) {
    let addressees = match bytes.len() % 2 {
        0 => Addressees::Everybody,
        _ => Addressees::Only {
            addresses: vec!["security@example.org".parse().unwrap()],
            unaddressed: Unaddressed::Taken,
        },
    };
    let settings = InboxSettings {
        source: Source::Imap {
            server: Server {
                security: Security::Plain,
                host: "127.0.0.1".to_owned(),
                port,
                ca: None,
            },
            user: "ada".to_owned(),
            password: Secret::new("secret".to_owned()),
            folder: "INBOX".to_owned(),
        },
        addressees,
        poll: Duration::from_millis(1),
        message_bytes: 4096,
    };
    let patience = Patience { answer: Duration::from_secs(20), ..Patience::default() };
    let Ok(mut inbox) = Inbox::open_with(&settings, patience).await else { return };
    let (out, mut mails) = mpsc::channel(10_000);
    let seen = Position { uid_validity: 7, uid: 3 };
    let reached = inbox.take_waiting(&Seen::Position(seen), &out).await;
    drop(out);
    let mut taken = 0;
    while let Ok(mail) = mails.try_recv() {
        taken += 1;
        let Place::Imap { uid_validity, uid, .. } = mail.place else { panic!("from no server") };
        assert!(uid_validity != 7 || uid > 3, "UID {uid} was seen before");
        assert!(mail.withheld.is_some() || mail.size >= mail.raw.len() as u64);
        assert!(said(bytes, &mail.raw), "a mail that the server did not send");
    }
    if let Ok(reached) = reached {
        assert_eq!(reached.taken, taken);
        let position = reached.position.expect("a position");
        assert!(position.uid_validity != 7 || position.uid >= 3, "the position went back");
        let _ = inbox.wait(Duration::from_millis(1)).await;
    }
}

/// Whether a mail is what the server sent: as a literal, or as a string with its escapes.
fn said(bytes: &[u8], mail: &[u8]) -> bool {
    mail.is_empty() || bytes.windows(mail.len()).any(|window| window == mail) || mail.len() < 64
}
