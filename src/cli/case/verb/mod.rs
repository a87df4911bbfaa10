//! The commands that move a case on, and the requests they stand for.

mod ending;
mod fixing;
mod following;
mod people;
mod publishing;

use chrono_tz::Tz;
use clap::Subcommand;

use super::super::Failure;
use super::targets::Trial;
use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::policy::moment::NoMoment;
use crate::policy::verbs::Request;

/// The commands that move a case on.
#[derive(Debug, Subcommand)]
pub enum VerbCommand {
    /// Overrule a return: the report counts as received and is acknowledged
    #[command(after_help = "Example: embargod case accept EMB-2026-0001")]
    Accept(ending::AcceptArgs),
    /// Name the primary handler
    #[command(
        override_usage = "embargod case assign [OPTIONS] <CASE>... <HANDLE>",
        after_help = "Example: embargod case assign EMB-2026-0001 grace --note 'I am away from Friday'"
    )]
    Assign(people::AssignArgs),
    /// Take the handler off a case
    #[command(after_help = "Example: embargod case unassign EMB-2026-0001")]
    Unassign(people::UnassignArgs),
    /// Hear of every mail that comes into a case
    #[command(after_help = "Example: embargod case follow EMB-2026-0001 --as grace")]
    Follow(following::FollowArgs),
    /// Hear of it no longer
    #[command(after_help = "Example: embargod case unfollow EMB-2026-0001 --as grace")]
    Unfollow(following::FollowArgs),
    /// Send our letters to the reporter to somebody else too
    #[command(
        name = "add-cc",
        override_usage = "embargod case add-cc [OPTIONS] <CASE>... <ADDRESS>",
        after_help = "Whom a mail names in Cc gets nothing before this; see `embargod case show`.\n\
                      Example: embargod case add-cc EMB-2026-0001 colleague@example.net"
    )]
    AddCc(following::CopyArgs),
    /// Send them there no longer
    #[command(
        name = "drop-cc",
        override_usage = "embargod case drop-cc [OPTIONS] <CASE>... <ADDRESS>",
        after_help = "Example: embargod case drop-cc EMB-2026-0001 colleague@example.net"
    )]
    DropCc(following::CopyArgs),
    /// Write to the reporter: the detailed response, or how it goes
    #[command(after_help = "It counts for the promises once it has gone out.\n\
                      Example: embargod case reply EMB-2026-0001 --file answer.txt\n         \
                      embargod case reply EMB-2026-0001     (opens $EDITOR)")]
    Reply(people::ReplyArgs),
    /// Ask the reporter something: the clocks stand still until the answer
    #[command(
        after_help = "Example: embargod case ask EMB-2026-0001 -m 'Which version did you try?'"
    )]
    Ask(people::ReplyArgs),
    /// Note that a person answered the reporter elsewhere, such as on the platform of a relay
    #[command(
        after_help = "It counts for the promises and stays marked as a person's word; no mail is sent.\n\
                      Example: embargod case answered EMB-2026-0001 --at '2026-11-25 10:30' --note 'on the platform'"
    )]
    Answered(people::AnsweredArgs),
    /// Leave a word for the other maintainers; it is never sent
    #[command(
        override_usage = "embargod case note [OPTIONS] <CASE>... [TEXT]",
        after_help = "Example: embargod case note EMB-2026-0001 'same code as in 2024'"
    )]
    Note(people::NoteArgs),
    /// Confirm the problem: which versions have it, which lines get a fix
    #[command(
        override_usage = "embargod case confirm [OPTIONS] <CASE>... --affected <RANGE>...",
        after_help = "The checklist has the [[release_lines]] that are maintained today; without --line all\n\
                      of them are affected.\n\
                      Example: embargod case confirm EMB-2026-0001 --affected '>= 4.0.0, < 4.3.2' --line 4.x"
    )]
    Confirm(fixing::ConfirmArgs),
    /// Note that the code was searched for similar problems, and what was found
    #[command(
        override_usage = "embargod case audit [OPTIONS] <CASE>... [TEXT]",
        after_help = "Example: embargod case audit EMB-2026-0001 'all uses of resolvePath(): none alike'"
    )]
    Audit(people::NoteArgs),
    /// Note that the fix of a line of releases is ready, or that there will be none
    #[command(
        override_usage = "embargod case fix [OPTIONS] <CASE>... <LINE>",
        after_help = "Example: embargod case fix EMB-2026-0001 5.x\n         \
                      embargod case fix EMB-2026-0001 3.x --none 'support ended in 2025'"
    )]
    Fix(fixing::FixArgs),
    /// Note that a release of a line has the fix; with the last line the reporter is told
    #[command(
        override_usage = "embargod case release [OPTIONS] <CASE>... <LINE> <VERSION>",
        after_help = "Example: embargod case release EMB-2026-0001 5.x 5.2.1"
    )]
    Release(fixing::ReleaseArgs),
    /// Agree to publish nothing before a time
    #[command(
        override_usage = "embargod case embargo [OPTIONS] <CASE>... <TIME>\n       \
                          embargod case embargo [OPTIONS] <CASE>... --lift",
        after_help = "Without a zone the time is read on the clocks of [digest] timezone.\n\
                      Example: embargod case embargo EMB-2026-0001 2026-12-24 18:00 Europe/Madrid"
    )]
    Embargo(publishing::EmbargoArgs),
    /// Move the promise to disclose, and say why
    #[command(
        override_usage = "embargod case extend [OPTIONS] --reason <TEXT> <CASE>... <DAY>",
        after_help = "Example: embargod case extend EMB-2026-0001 2027-03-31 --reason 'the 4.x fix needs a new API'"
    )]
    Extend(publishing::ExtendArgs),
    /// Name somebody who is credited in the advisory
    #[command(
        override_usage = "embargod case credit [OPTIONS] <CASE>... <NAME>",
        after_help = "Example: embargod case credit EMB-2026-0001 'Rae Finder'"
    )]
    Credit(publishing::CreditArgs),
    /// State facts for the advisory
    #[command(after_help = "Each may be stated again; what is left out stays as it is.\n\
                      Example: embargod case describe EMB-2026-0001 --title 'Path traversal in static()' \\\n           \
                      --cvss CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N --cwe CWE-22")]
    Describe(publishing::DescribeArgs),
    /// Note that the problem is public, and tell the reporter
    #[command(after_help = "Example: embargod case disclose EMB-2026-0001")]
    Disclose(publishing::DiscloseArgs),
    /// Note that the vulnerability is exploited: starts the clocks of the Cyber Resilience Act
    #[command(
        after_help = "An early warning is due 24 hours after it was known, a notification after 72 hours, a\n\
                      final report 14 days after a fix is out.\n\
                      Example: embargod case exploited EMB-2026-0001 --known-since '2026-11-25 08:30 UTC'\n         \
                      embargod case exploited EMB-2026-0001 --made early-warning"
    )]
    Exploited(publishing::ExploitedArgs),
    /// End a case and tell the reporter why
    #[command(
        after_help = "Example: embargod case close EMB-2026-0002 --as duplicate --of EMB-2026-0001"
    )]
    Close(ending::CloseArgs),
    /// Work on a closed case again
    #[command(
        after_help = "Example: embargod case reopen EMB-2026-0001 --reason 'a second way to reach it'"
    )]
    Reopen(ending::ReopenArgs),
    /// End a case in favour of another one of the same reporter
    #[command(
        override_usage = "embargod case merge [OPTIONS] <CASE>... <INTO>",
        after_help = "Mail that comes into the first goes into the second from then on.\n\
                      Example: embargod case merge EMB-2026-0002 EMB-2026-0001"
    )]
    Merge(ending::MergeArgs),
    /// Open a second case for a second report in one
    #[command(
        after_help = "Example: embargod case split EMB-2026-0001 --subject 'Cookie without HttpOnly'\n         \
                      embargod case split EMB-2026-0001 --mail 12     (that mail moves there)"
    )]
    Split(ending::SplitArgs),
    /// Note that cases have to do with each other
    #[command(after_help = "Example: embargod case link EMB-2026-0001 EMB-2026-0004")]
    Link(ending::LinkArgs),
}

/// What a command comes to.
#[derive(Debug)]
pub struct Order {
    /// What is wanted of which case: each is a change of its own.
    pub requests: Vec<(CaseId, Request)>,
    /// Whether it is only tried.
    pub trial: Trial,
}

impl Order {
    /// The same for each of some cases.
    fn each(ids: Vec<CaseId>, trial: Trial, request: Request) -> Self {
        Self { requests: ids.into_iter().map(|id| (id, request.clone())).collect(), trial }
    }
}

/// Where a command is given.
#[derive(Debug)]
pub struct Place {
    /// On whose clocks times without a zone are read.
    pub zone: Tz,
    /// When it is given.
    pub now: Timestamp,
    /// Tells the editor's file from all others.
    pub token: String,
}

impl VerbCommand {
    /// What is asked for.
    ///
    /// # Errors
    /// [`Failure::Wrong`] where the command line makes no sense, and whatever goes wrong where its
    /// words are read.
    pub fn order(self, place: &Place) -> Result<Order, Failure> {
        match self {
            Self::Accept(args) => Ok(args.order()),
            Self::Assign(args) => args.order(),
            Self::Unassign(args) => Ok(args.order()),
            Self::Follow(args) => Ok(args.order(|handle| Request::Follow { handle })),
            Self::Unfollow(args) => Ok(args.order(|handle| Request::Unfollow { handle })),
            Self::AddCc(args) => args.order(|address| Request::AddCc { address }),
            Self::DropCc(args) => args.order(|address| Request::DropCc { address }),
            Self::Reply(args) => args.order(place, people::Says::Reply),
            Self::Ask(args) => args.order(place, people::Says::Question),
            Self::Answered(args) => args.order(place),
            Self::Note(args) => args.order(place, people::Keeps::Note),
            Self::Audit(args) => args.order(place, people::Keeps::Audit),
            Self::Confirm(args) => args.order(),
            Self::Fix(args) => Ok(args.order()),
            Self::Release(args) => args.order(),
            Self::Embargo(args) => args.order(place),
            Self::Extend(args) => args.order(place),
            Self::Credit(args) => args.order(),
            Self::Describe(args) => Ok(args.order()),
            Self::Disclose(args) => Ok(args.order()),
            Self::Exploited(args) => args.order(place),
            Self::Close(args) => args.order(),
            Self::Reopen(args) => Ok(args.order()),
            Self::Merge(args) => args.order(),
            Self::Split(args) => Ok(args.order()),
            Self::Link(args) => args.order(),
        }
    }
}

impl From<NoMoment> for Failure {
    fn from(error: NoMoment) -> Self {
        Self::Wrong(error.to_string())
    }
}
