//! Mail of every kind, each of its own: what a project's address gets in a busy week.

/// Where all of it goes.
pub const PROJECT: &str = "security@example.org";

/// One mail, and what it has to come to.
#[derive(Debug, Clone)]
pub struct Arriving {
    pub raw: Vec<u8>,
    pub message_id: String,
    pub opens_a_case: bool,
}

/// The n-th mail that arrives.
pub fn nth(n: usize) -> Arriving {
    let message_id = format!("mail.{n}@example.net");
    let (from, more, subject, text) = match n % 6 {
        0 | 3 => (reporter(n), String::new(), "Session fixation in the cookie parser", report(n)),
        1 => (reporter(n), String::new(), "vulnerability report", link_only(n)),
        2 => {
            let more = "List-Id: <announce.lists.example.com>\nPrecedence: list\n".to_owned();
            ("announce@lists.example.com".to_owned(), more, "Release", format!("It is {n}."))
        }
        4 => {
            let more = "Auto-Submitted: auto-replied\n".to_owned();
            (reporter(n), more, "Out of office", format!("I am back on day {n}."))
        }
        // The reporter of the report two before it has more to say.
        _ => {
            let more = format!("In-Reply-To: <mail.{}@example.net>\n", n - 2);
            (reporter(n - 2), more, "Re: Session fixation in the cookie parser", follow_up(n))
        }
    };
    let raw = format!(
        "From: {from}\nTo: {PROJECT}\nSubject: {subject}\nMessage-ID: <{message_id}>\n{more}\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    );
    let opens_a_case = matches!(n % 6, 0 | 1 | 3);
    Arriving { raw: raw.replace('\n', "\r\n").into_bytes(), message_id, opens_a_case }
}

fn reporter(n: usize) -> String {
    format!("reporter{n}@example{n}.net")
}

fn report(n: usize) -> String {
    format!(
        "Hello,\n\nsample 4.2.{n} accepts a session cookie that the client made up, and keeps it \
         after the login. An\nattacker who can set a cookie for the victim, say from sibling \
         domain {n}, is logged in as the\nvictim once the victim logs in. Affected are 4.0.0 to \
         4.2.{n}.\n\nTo reproduce: send `Cookie: sid=abc{n}` with the login request, then use \
         `sid=abc{n}` from another\nmachine. The session is the victim's. The identifier has to be \
         made anew at login.\n\nReporter {n}"
    )
}

fn link_only(n: usize) -> String {
    format!(
        "Hi team, please find my report here:\nhttps://drive.google.com/file/d/{n}aBcDeF/view\n\nThanks"
    )
}

fn follow_up(n: usize) -> String {
    format!(
        "I tried it on another machine as well, the result is the same there with release {n}: \
         the identifier\nstays, and the session of the victim is open to whoever set it."
    )
}
