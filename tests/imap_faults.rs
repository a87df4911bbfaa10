//! What an IMAP server can do wrong, by a peer that follows a script. Whatever it does, the inbox
//! ends with all the mails or with an error: never with a wrong "nothing there", never for ever.

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

use std::time::Duration;

use common::scripted_imap::{ScriptedImap, opened};
use embargod::domain::place::{Place, Position};
use embargod::mail::inbox::{
    Addressees, Arrived, Inbox, InboxError, InboxSettings, Patience, Reached, Seen, Step, Wake,
};
use tokio::sync::mpsc;

fn settings(peer: &ScriptedImap) -> InboxSettings {
    InboxSettings {
        source: peer.inbox(),
        addressees: Addressees::Everybody,
        poll: Duration::from_millis(20),
        message_bytes: 1000,
    }
}

async fn open(peer: &ScriptedImap) -> Inbox {
    Inbox::open(&settings(peer)).await.unwrap()
}

fn after(uid: u32) -> Seen {
    Seen::Position(Position { uid_validity: 7, uid })
}

/// Takes what waits; the mails that came, and how it ended.
async fn take(inbox: &mut Inbox, seen: &Seen) -> (Vec<Arrived>, Result<Reached, InboxError>) {
    let (out, mut mails) = mpsc::channel(1);
    let collecting = tokio::spawn(async move {
        let mut came = Vec::new();
        while let Some(mail) = mails.recv().await {
            came.push(mail);
        }
        came
    });
    let result = inbox.take_waiting(seen, &out).await;
    drop(out);
    (collecting.await.unwrap(), result)
}

fn uids(mails: &[Arrived]) -> Vec<u32> {
    let uid = |mail: &Arrived| match mail.place {
        Place::Imap { uid, .. } => uid,
        Place::Maildir { .. } | Place::Archive { .. } => panic!("from no server"),
    };
    mails.iter().map(uid).collect()
}

fn reached(uid: u32) -> Option<Position> {
    Some(Position { uid_validity: 7, uid })
}

const LIST: &str = "C: UID FETCH 1:* (UID)\n\
    S: * 1 FETCH (UID 4)\nS: * 2 FETCH (UID 5)\nS: $ OK\n";
const METADATA: &str = "C: UID FETCH 4:5 (UID RFC822.SIZE INTERNALDATE)\n\
    S: * 1 FETCH (UID 4 RFC822.SIZE 5 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\n\
    S: * 2 FETCH (UID 5 RFC822.SIZE 5 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\n\
    S: $ OK\n";
const CONTENTS: &str = "C: UID FETCH 4:5 (UID BODY.PEEK[])\n";

#[tokio::test]
async fn the_mails_come_whole_and_in_order_even_where_the_server_answers_in_another() {
    let peer = ScriptedImap::start([opened(2)
        + LIST
        + METADATA
        + CONTENTS
        + "S: * 2 FETCH (UID 5 BODY[] \"five!\")\n\
           S: * 1 FETCH (FLAGS (\\Seen))\n\
           S: * 1 FETCH (BODY[] {5}\nS: four! UID 4)\nS: $ OK\n"]);
    let mut inbox = open(&peer).await;
    let (mails, result) = take(&mut inbox, &after(0)).await;
    assert_eq!(uids(&mails), [4, 5]);
    assert_eq!((mails[0].raw.as_slice(), mails[0].size), (b"four!".as_slice(), 5));
    assert_eq!(mails[0].arrived_at.to_rfc3339(), "1996-07-17T09:44:25+00:00");
    assert_eq!(result.unwrap().position, reached(5));
    peer.finish();
}

#[tokio::test]
async fn a_refused_list_is_an_error_and_not_an_empty_folder() {
    for refusal in ["NO [SERVERBUG] not now", "BAD what"] {
        let script = format!("C: UID FETCH 1:* (UID)\nS: $ {refusal}\n");
        let peer = ScriptedImap::start([opened(2) + &script]);
        let mut inbox = open(&peer).await;
        let (mails, result) = take(&mut inbox, &after(0)).await;
        assert!(mails.is_empty());
        assert!(matches!(result, Err(InboxError::Refused { step: Step::Reading, .. })));
        peer.finish();
    }
}

#[tokio::test]
async fn a_connection_closed_within_a_list_is_an_error_and_not_the_end_of_it() {
    let script = "C: UID FETCH 1:* (UID)\nS: * 1 FETCH (UID 4)\nEOF\n";
    let peer = ScriptedImap::start([opened(2) + script]);
    let mut inbox = open(&peer).await;
    let (mails, result) = take(&mut inbox, &after(0)).await;
    assert!(mails.is_empty());
    assert!(matches!(result, Err(InboxError::Lost { step: Step::Reading, .. })));
    peer.finish();
}

#[tokio::test]
async fn a_farewell_within_a_fetch_is_an_error_that_carries_the_reason() {
    let script = LIST.to_owned() + METADATA + CONTENTS + "S: * BYE shutting down\nEOF\n";
    let peer = ScriptedImap::start([opened(2) + &script]);
    let mut inbox = open(&peer).await;
    let (_, result) = take(&mut inbox, &after(0)).await;
    let Err(InboxError::Closed { said, .. }) = result else { panic!("{result:?}") };
    assert_eq!(said, "shutting down");
    peer.finish();
}

#[tokio::test]
async fn a_connection_closed_within_a_mail_keeps_the_mails_before_it() {
    let first = LIST.to_owned()
        + METADATA
        + CONTENTS
        + "S: * 1 FETCH (UID 4 BODY[] \"four!\")\nS: * 2 FETCH (UID 5 BODY[] {5}\nS: fi\nEOF\n";
    // On the next connection the batch that failed is asked for mail by mail.
    let second = "C: UID FETCH 5:* (UID)\nS: * 2 FETCH (UID 5)\nS: $ OK\n\
        C: UID FETCH 5 (UID RFC822.SIZE INTERNALDATE)\n\
        S: * 2 FETCH (UID 5 RFC822.SIZE 5 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\nS: $ OK\n\
        C: UID FETCH 5 (UID BODY.PEEK[]<0.1000>)\n\
        S: * 2 FETCH (UID 5 BODY[]<0> \"five!\")\nS: $ OK\n";
    let peer = ScriptedImap::start([opened(2) + &first, opened(2) + second]);
    let mut inbox = open(&peer).await;
    let (mails, result) = take(&mut inbox, &after(0)).await;
    assert_eq!(uids(&mails), [4]);
    assert!(matches!(result, Err(InboxError::Lost { .. })), "{result:?}");

    let (mails, result) = take(&mut inbox, &after(4)).await;
    assert_eq!(uids(&mails), [5]);
    assert_eq!((mails[0].size, mails[0].raw.len()), (5, 5));
    assert_eq!(result.unwrap().position, reached(5));
    peer.finish();
}

#[tokio::test]
async fn a_mail_left_out_that_is_gone_is_passed() {
    let script = LIST.to_owned()
        + METADATA
        + CONTENTS
        + "S: * 2 FETCH (UID 5 BODY[] \"five!\")\nS: $ OK\n\
           C: NOOP\nS: * 1 EXPUNGE\nS: $ OK\n\
           C: UID FETCH 4 (UID)\nS: $ OK\n";
    let peer = ScriptedImap::start([opened(2) + &script]);
    let mut inbox = open(&peer).await;
    let (mails, result) = take(&mut inbox, &after(0)).await;
    assert_eq!(uids(&mails), [5]);
    assert_eq!(result.unwrap().position, reached(5));
    peer.finish();
}

#[tokio::test]
async fn a_mail_left_out_that_is_still_there_is_an_error_and_not_passed() {
    for contents in ["", "S: * 1 FETCH (UID 4 BODY[] \"\")\n", "S: * 1 FETCH (UID 4 BODY[] NIL)\n"]
    {
        let script = LIST.to_owned()
            + METADATA
            + CONTENTS
            + contents
            + "S: * 2 FETCH (UID 5 BODY[] \"five!\")\nS: $ OK\n\
               C: NOOP\nS: $ OK\n\
               C: UID FETCH 4 (UID)\nS: * 1 FETCH (UID 4)\nS: $ OK\n";
        let peer = ScriptedImap::start([opened(2) + &script]);
        let mut inbox = open(&peer).await;
        let (mails, result) = take(&mut inbox, &after(0)).await;
        // UID 5 must wait as well: a position past it would be a position past UID 4.
        assert!(mails.is_empty());
        assert!(matches!(result, Err(InboxError::Withheld { uid: 4 })), "{result:?}");
        peer.finish();
    }
}

#[tokio::test]
async fn a_mail_that_is_refused_for_too_long_does_not_stop_the_mails_behind_it() {
    let refused = "C: UID FETCH 1:* (UID)\nS: * 1 FETCH (UID 4)\nS: * 2 FETCH (UID 5)\nS: $ OK\n\
        C: UID FETCH 4 (UID RFC822.SIZE INTERNALDATE)\nS: $ NO [SERVERBUG] broken\n";
    let scripts = [
        opened(2) + LIST + METADATA + CONTENTS + "S: $ NO [SERVERBUG] broken\n",
        opened(2) + refused,
        opened(2) + refused,
        opened(2) + refused,
        opened(2)
            + LIST
            + "C: UID FETCH 5 (UID RFC822.SIZE INTERNALDATE)\n\
               S: * 2 FETCH (UID 5 RFC822.SIZE 5 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\nS: $ OK\n\
               C: UID FETCH 5 (UID BODY.PEEK[]<0.1000>)\n\
               S: * 2 FETCH (UID 5 BODY[]<0> \"five!\")\nS: $ OK\n",
    ];
    let peer = ScriptedImap::start(scripts);
    let patience = Patience { refused: Duration::ZERO, ..Patience::default() };
    let mut inbox = Inbox::open_with(&settings(&peer), patience).await.unwrap();
    for _ in 0..4 {
        let (mails, result) = take(&mut inbox, &after(0)).await;
        assert!(mails.is_empty());
        assert!(matches!(result, Err(InboxError::Refused { .. })), "{result:?}");
    }
    let (mails, result) = take(&mut inbox, &after(0)).await;
    assert_eq!(uids(&mails), [4, 5]);
    assert!(mails[0].raw.is_empty() && mails[0].withheld.as_ref().unwrap().contains("UID 4"));
    assert_eq!((&*mails[1].raw, &mails[1].withheld), (&b"five!"[..], &None));
    assert_eq!(result.unwrap().position, reached(5));
    peer.finish();
}

#[tokio::test]
async fn a_mail_larger_than_announced_is_cut_off_before_it_fills_the_memory() {
    let endless = format!(
        "S: * 1 FETCH (UID 4 BODY[] {{100000000}}\nS: {}\nSILENCE\n",
        "x".repeat(6_000_000)
    );
    let script = LIST.to_owned() + METADATA + CONTENTS + &endless;
    let peer = ScriptedImap::start([opened(2) + &script]);
    let mut inbox = open(&peer).await;
    let (mails, result) = take(&mut inbox, &after(0)).await;
    assert!(mails.is_empty());
    assert!(matches!(result, Err(InboxError::TooMuch { step: Step::Reading })), "{result:?}");
    drop(inbox);
    peer.finish();
}

#[tokio::test]
async fn a_mail_over_the_limit_is_read_only_at_its_beginning() {
    let script = "C: UID FETCH 1:* (UID)\nS: * 1 FETCH (UID 4)\nS: $ OK\n\
        C: UID FETCH 4 (UID RFC822.SIZE INTERNALDATE)\n\
        S: * 1 FETCH (UID 4 RFC822.SIZE 1001 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\nS: $ OK\n\
        C: UID FETCH 4 (UID BODY.PEEK[]<0.1000>)\n"
        .to_owned()
        + &format!("S: * 1 FETCH (UID 4 BODY[]<0> {{1000}}\nS: {})\nS: $ OK\n", "x".repeat(1000));
    let peer = ScriptedImap::start([opened(1) + &script]);
    let mut inbox = open(&peer).await;
    let (mails, _) = take(&mut inbox, &after(0)).await;
    assert_eq!((mails[0].size, mails[0].raw.len()), (1001, 1000));
    peer.finish();
}

#[tokio::test]
async fn what_cannot_be_parsed_is_an_error_that_quotes_nothing() {
    let script =
        LIST.to_owned() + METADATA + CONTENTS + "S: * 1 FETCH (UID 4 BODY[] (((secret words\nEOF\n";
    let peer = ScriptedImap::start([opened(2) + &script]);
    let mut inbox = open(&peer).await;
    let (_, result) = take(&mut inbox, &after(0)).await;
    let error = result.unwrap_err();
    assert!(matches!(error, InboxError::Unintelligible { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("secret"));
    peer.finish();
}

#[tokio::test]
async fn eight_bit_text_right_behind_a_response_code_is_an_error_and_no_panic() {
    let logged_in = "S: * OK ready\nC: LOGIN \"ada\" \"secret\"\n";
    let within =
        [logged_in.to_owned() + "S: $ NO [ALERT]été\n", opened(2) + LIST + "S: * OK [ALERT]été\n"];
    let greeting = "S: * OK [ALERT]été\n".to_owned();
    let peer = ScriptedImap::start([greeting].into_iter().chain(within));
    for step in [Step::Greeting, Step::Login] {
        let error = Inbox::open(&settings(&peer)).await.unwrap_err();
        assert!(matches!(error, InboxError::Unintelligible { .. }), "{error:?}");
        assert_eq!(error.step(), step);
    }
    let mut inbox = open(&peer).await;
    let (_, result) = take(&mut inbox, &after(0)).await;
    assert!(matches!(result, Err(InboxError::Unintelligible { step: Step::Reading })));
    peer.finish();
}

#[tokio::test]
async fn a_range_turned_around_by_the_server_brings_no_mail_twice() {
    let script = "C: UID FETCH 6:* (UID)\nS: * 2 FETCH (UID 5)\nS: $ OK\n";
    let peer = ScriptedImap::start([opened(2) + script]);
    let mut inbox = open(&peer).await;
    let (mails, result) = take(&mut inbox, &after(5)).await;
    assert!(mails.is_empty());
    assert_eq!(result.unwrap().position, reached(5));
    peer.finish();
}

#[tokio::test]
async fn an_empty_folder_is_empty_only_after_the_server_was_asked_again() {
    let script = "C: NOOP\nS: * 1 EXISTS\nS: $ OK\n\
        C: UID FETCH 1:* (UID)\nS: * 1 FETCH (UID 9)\nS: $ OK\n\
        C: UID FETCH 9 (UID RFC822.SIZE INTERNALDATE)\n\
        S: * 1 FETCH (UID 9 RFC822.SIZE 5 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\")\nS: $ OK\n\
        C: UID FETCH 9 (UID BODY.PEEK[])\nS: * 1 FETCH (UID 9 BODY[] \"nine!\")\nS: $ OK\n";
    let peer = ScriptedImap::start([opened(0) + script, opened(0) + "C: NOOP\nS: $ OK\n"]);
    let mut inbox = open(&peer).await;
    let (mails, result) = take(&mut inbox, &after(0)).await;
    assert_eq!(uids(&mails), [9]);
    assert_eq!(result.unwrap().position, reached(9));

    let mut inbox = open(&peer).await;
    let (mails, result) = take(&mut inbox, &after(3)).await;
    assert!(mails.is_empty());
    assert_eq!(result.unwrap().position, reached(3));
    peer.finish();
}

#[tokio::test]
async fn a_folder_made_anew_under_our_feet_is_an_error() {
    let script = LIST.to_owned() + "C: UID FETCH 4:5\nS: * OK [UIDVALIDITY 8] new\nS: $ OK\n";
    let peer = ScriptedImap::start([opened(2) + &script]);
    let mut inbox = open(&peer).await;
    let (mails, result) = take(&mut inbox, &after(0)).await;
    assert!(mails.is_empty());
    assert!(matches!(result, Err(InboxError::Refused { .. })), "{result:?}");
    peer.finish();
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let patience = Patience { answer: Duration::from_millis(100), ..Patience::default() };
    let peer = ScriptedImap::start([opened(2) + "C: UID FETCH 1:*\nSILENCE\n"]);
    let mut inbox = Inbox::open_with(&settings(&peer), patience).await.unwrap();
    let (_, result) = take(&mut inbox, &after(0)).await;
    assert!(matches!(result, Err(InboxError::TimedOut { step: Step::Reading, .. })), "{result:?}");
    peer.finish();

    let peer = ScriptedImap::start(["SILENCE\n".to_owned()]);
    let result = Inbox::open_with(&settings(&peer), patience).await;
    assert!(matches!(result, Err(InboxError::TimedOut { step: Step::Greeting, .. })), "{result:?}");
    peer.finish();
}

#[tokio::test]
async fn idle_wakes_on_mail_and_ends_politely() {
    let script = "C: IDLE\nS: + idling\nS: * OK still here\nS: * 3 EXISTS\n\
        C! DONE\nS: $ OK\n";
    let peer = ScriptedImap::start([opened(2) + script]);
    let mut inbox = open(&peer).await;
    assert_eq!(inbox.wait(Duration::from_secs(60)).await.unwrap(), Wake::News);
    peer.finish();
}

#[tokio::test]
async fn mail_announced_before_idle_began_is_not_waited_for() {
    let script = LIST.to_owned()
        + METADATA
        + CONTENTS
        + "S: * 1 FETCH (UID 4 BODY[] \"four!\")\nS: * 2 FETCH (UID 5 BODY[] \"five!\")\n\
           S: * 3 EXISTS\nS: $ OK\n";
    let peer = ScriptedImap::start([opened(2) + &script]);
    let mut inbox = open(&peer).await;
    let (mails, _) = take(&mut inbox, &after(0)).await;
    assert_eq!(uids(&mails), [4, 5]);
    assert_eq!(inbox.wait(Duration::from_secs(60)).await.unwrap(), Wake::News);
    peer.finish();
}

#[tokio::test]
async fn a_repeated_count_is_no_news() {
    let script = "C: IDLE\nS: + idling\nS: * 2 EXISTS\nS: * 1 EXPUNGE\nS: * 1 EXISTS\n\
        C! DONE\nS: $ OK\n";
    let peer = ScriptedImap::start([opened(2) + script]);
    let mut inbox = open(&peer).await;
    assert_eq!(inbox.wait(Duration::from_millis(100)).await.unwrap(), Wake::Quiet);
    peer.finish();
}

#[tokio::test]
async fn a_server_that_refuses_idle_is_asked_now_and_then() {
    for refusal in ["NO not today", "BAD unknown", "OK done already"] {
        let script =
            format!("C: IDLE\nS: $ {refusal}\nC: NOOP\nS: $ OK\nC: NOOP\nS: * 3 EXISTS\nS: $ OK\n");
        let peer = ScriptedImap::start([opened(2) + &script]);
        let mut inbox = open(&peer).await;
        assert_eq!(inbox.wait(Duration::from_secs(60)).await.unwrap(), Wake::News);
        peer.finish();
    }
}

#[tokio::test]
async fn a_connection_lost_in_idle_is_an_error_and_the_next_look_connects_anew() {
    let peer = ScriptedImap::start([
        opened(2) + "C: IDLE\nS: + idling\nEOF\n",
        opened(2),
        opened(2) + "C: IDLE\nS: + idling\nS: * BYE going down\nEOF\n",
    ]);
    let mut inbox = open(&peer).await;
    let result = inbox.wait(Duration::from_secs(60)).await;
    assert!(matches!(result, Err(InboxError::Lost { step: Step::Waiting, .. })), "{result:?}");
    // Nobody told of what came in meanwhile.
    assert_eq!(inbox.wait(Duration::from_secs(60)).await.unwrap(), Wake::News);
    drop(inbox);

    let mut inbox = open(&peer).await;
    let result = inbox.wait(Duration::from_secs(60)).await;
    assert!(matches!(result, Err(InboxError::Closed { .. })), "{result:?}");
    peer.finish();
}

#[tokio::test]
async fn a_server_that_does_not_answer_done_is_lost() {
    let patience = Patience { answer: Duration::from_millis(100), ..Patience::default() };
    let peer = ScriptedImap::start([opened(2) + "C: IDLE\nS: + idling\nC! DONE\nSILENCE\n"]);
    let mut inbox = Inbox::open_with(&settings(&peer), patience).await.unwrap();
    let result = inbox.wait(Duration::from_millis(20)).await;
    assert!(matches!(result, Err(InboxError::TimedOut { step: Step::Waiting, .. })), "{result:?}");
    peer.finish();
}

#[tokio::test]
async fn a_call_dropped_half_way_leaves_nothing_for_the_next() {
    let peer = ScriptedImap::start([
        opened(2) + "C: IDLE\nS: + idling\nSILENCE\n",
        opened(2) + "C: UID FETCH 6:* (UID)\nS: $ OK\n",
    ]);
    let mut inbox = open(&peer).await;
    let stopped =
        tokio::time::timeout(Duration::from_millis(100), inbox.wait(Duration::from_secs(60)));
    assert!(stopped.await.is_err());
    let (_, result) = take(&mut inbox, &after(5)).await;
    assert_eq!(result.unwrap().position, reached(5));
    peer.finish();
}

#[tokio::test]
async fn each_step_of_the_login_fails_under_its_own_name() {
    let greeting = "S: * OK ready\n";
    let login = "C: LOGIN\nS: $ OK in\nC: CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: $ OK\n";
    let cases = [
        ("S: * BYE too many of you\n".to_owned(), Step::Greeting),
        ("S: * PREAUTH welcome back\n".to_owned(), Step::Greeting),
        ("EOF\n".to_owned(), Step::Greeting),
        ("S: HTTP/1.1 400 Bad Request\nEOF\n".to_owned(), Step::Greeting),
        ("S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\n".to_owned(), Step::Login),
        (format!("{greeting}C: LOGIN\nS: $ NO [AUTHENTICATIONFAILED] no\n"), Step::Login),
        (format!("{greeting}C: LOGIN\nEOF\n"), Step::Login),
        (format!("{greeting}C: LOGIN\nS: $ OK\nC: CAPABILITY\nS: $ BAD\n"), Step::Login),
        (format!("{greeting}{login}C: EXAMINE\nS: $ NO no such folder\n"), Step::Folder),
        (
            format!("{greeting}{login}C: EXAMINE\nS: * 1 EXISTS\nS: $ OK no UIDs here\n"),
            Step::Folder,
        ),
        (format!("{greeting}{login}C: EXAMINE\nEOF\n"), Step::Folder),
    ];
    for (script, step) in cases {
        let peer = ScriptedImap::start([script.clone()]);
        let error = Inbox::open(&settings(&peer)).await.unwrap_err();
        assert_eq!(error.step(), step, "{script}\n{error}");
        peer.finish();
    }
}

#[tokio::test]
async fn a_refusal_that_repeats_the_password_is_not_repeated() {
    let script = "S: * OK ready\nC: LOGIN\nS: $ BAD cannot parse LOGIN \"ada\" \"secret\"\n";
    let peer = ScriptedImap::start([script.to_owned()]);
    let error = Inbox::open(&settings(&peer)).await.unwrap_err();
    assert!(matches!(error, InboxError::Login { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    peer.finish();
}

#[tokio::test]
async fn where_login_is_disabled_a_password_goes_by_authenticate() {
    let script = "S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN] ready\n\
        C: AUTHENTICATE PLAIN\nS: + \nC! AGFkYQBzZWNyZXQ=\nS: $ OK in\n\
        C: CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: $ OK\n\
        C: EXAMINE \"INBOX\"\nS: * 0 EXISTS\nS: * OK [UIDVALIDITY 7] valid\nS: $ OK\n";
    let peer = ScriptedImap::start([script.to_owned()]);
    open(&peer).await;
    peer.finish();
}
