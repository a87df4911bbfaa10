//! Commands carried out one after another on cases as each finds them, all or none.

use std::collections::BTreeMap;

use crate::domain::Timestamp;
use crate::domain::case_id::CaseId;
use crate::domain::confirmation::Done;
use crate::domain::event::{Actor, Change};
use crate::domain::letter::Letter;
use crate::domain::lookup::Known;
use crate::domain::views::{CaseFile, Direction};
use crate::policy::capability::Token;
use crate::policy::command::{Command, Wish};
use crate::policy::disclosure::too_long;
use crate::policy::rules::Rules;
use crate::policy::verbs::{Asked, Changed, Ending, Medium, Refusal, Request, perform};

/// What came of it all.
#[derive(Debug, Default)]
pub(super) struct Ran {
    /// Each command with what happened.
    pub done: Vec<Done>,
    /// Every case that changed, in the order of the first change.
    pub changed: Vec<Changed>,
    /// What is written to people outside.
    pub letters: Vec<Letter>,
    /// Incoming mails that move to other cases.
    pub moved: Vec<(i64, CaseId)>,
    /// What else to know.
    pub remarks: Vec<String>,
    /// Whether somebody asked which commands there are.
    pub help: bool,
}

/// The command that could not be carried out.
#[derive(Debug)]
pub(super) struct Stopped {
    /// Its line.
    pub line: String,
    /// Why.
    pub why: String,
}

/// Commands in the making.
pub(super) struct Run<'a> {
    files: BTreeMap<CaseId, CaseFile>,
    next_case: CaseId,
    /// The case of the mail that is answered.
    bound: Option<CaseId>,
    actor: &'a Actor,
    now: Timestamp,
    rules: &'a Rules,
    ran: Ran,
}

impl<'a> Run<'a> {
    pub fn new(
        known: &Known,
        bound: Option<CaseId>,
        actor: &'a Actor,
        now: Timestamp,
        rules: &'a Rules,
    ) -> Self {
        let files = known.files.iter().map(|file| (file.case.id, file.clone())).collect();
        let next_case = known.next_case;
        Self { files, next_case, bound, actor, now, rules, ran: Ran::default() }
    }

    /// Carries all of them out, or none.
    pub fn all(mut self, commands: &[Command]) -> Result<Ran, Stopped> {
        for command in commands {
            let stopped = |why| Stopped { line: command.line.clone(), why };
            match &command.wish {
                Wish::Help => self.ran.help = true,
                Wish::Do(request) => {
                    let mut events = Vec::new();
                    for case in self.cases(command).map_err(stopped)? {
                        events.extend(self.one(case, request).map_err(stopped)?);
                    }
                    self.ran.done.push(Done { line: command.line.clone(), events });
                }
            }
        }
        Ok(self.ran)
    }

    /// The cases that a command is about.
    fn cases(&self, command: &Command) -> Result<Vec<CaseId>, String> {
        match (self.bound, command.cases.as_slice()) {
            (Some(bound), []) => Ok(vec![bound]),
            (Some(bound), named) => match named.iter().find(|case| **case != bound) {
                None => Ok(vec![bound]),
                Some(other) => Err(format!(
                    "the mail that you answered is about {bound} alone: for {other}, answer a mail \
                     about it, or the digest"
                )),
            },
            (None, []) => Err(
                "the mail that you answered is about several cases: name the one that you mean, such \
                 as `!EMB-2026-0001 assign bob`"
                    .to_owned(),
            ),
            (None, named) => Ok(named.to_vec()),
        }
    }

    /// Carries one request out on one case: what happened, in words.
    fn one(&mut self, id: CaseId, request: &Request) -> Result<Vec<String>, String> {
        self.may_go_out(request)?;
        let by = Medium::Mail { about: self.bound };
        let unknown = || Refusal::NoSuchCase(id).told(by);
        let file = self.files.get(&id).ok_or_else(unknown)?;
        let asked = Asked {
            file,
            other: request.other().and_then(|other| self.files.get(&other)),
            next_case: self.next_case,
            actor: self.actor,
            now: self.now,
            rules: self.rules,
        };
        let done = perform(&asked, request).map_err(|refusal| refusal.told(by))?;
        let mut events = Vec::new();
        for changed in done.changed {
            let id = changed.case.id;
            let words = changed.events.iter().map(|event| event.change.describe());
            events.extend(words.map(|words| format!("{id}: {words}")));
            self.remark(&changed);
            self.take(changed);
        }
        if let Some((number, to)) = done.moved {
            self.move_mail(id, number, to);
        }
        self.ran.letters.extend(done.letters);
        Ok(events)
    }

    /// What else has to be known: what an embargo that was just set means for lists that keep secrets
    /// for a shorter time, and that files are written by nobody's mail.
    fn remark(&mut self, changed: &Changed) {
        let disclosure = &self.rules.disclosure;
        for event in &changed.events {
            match event.change {
                Change::Embargoed { until: Some(until) } => {
                    let told = too_long(&disclosure.embargo_lists, until, self.now);
                    self.ran.remarks.extend(told.iter().map(|list| format!("{}.", list.words())));
                }
                Change::Disclosed if disclosure.folder.is_some() => {
                    let id = changed.case.id;
                    self.ran.remarks.push(format!(
                        "The documents of the advisory are not written by a mail: run `embargod case \
                         advisory {id} --out FOLDER`."
                    ));
                }
                _ => {}
            }
        }
    }

    /// The next command finds the case as this one left it.
    fn take(&mut self, changed: Changed) {
        let id = changed.case.id;
        match self.files.get_mut(&id) {
            Some(file) => {
                file.case = changed.case.clone();
                file.events.extend(changed.events.iter().cloned());
            }
            None => {
                let (case, events) = (changed.case.clone(), changed.events.clone());
                self.files.insert(id, CaseFile { case, events, messages: vec![], earlier: vec![] });
                self.next_case.number = self.next_case.number.saturating_add(1);
            }
        }
        match self.ran.changed.iter_mut().find(|known| known.case.id == id) {
            Some(known) => {
                known.case = changed.case;
                known.events.extend(changed.events);
            }
            None => self.ran.changed.push(changed),
        }
    }

    fn move_mail(&mut self, from: CaseId, number: i64, to: CaseId) {
        self.ran.moved.push((number, to));
        let Some(file) = self.files.get_mut(&from) else { return };
        let is_it = |mail: &crate::domain::views::Message| {
            mail.direction == Direction::In && mail.number == number
        };
        let moved: Vec<_> = file.messages.extract_if(.., |mail| is_it(mail)).collect();
        if let Some(file) = self.files.get_mut(&to) {
            file.messages.extend(moved);
        }
    }

    /// Whether the words of a request may go out: a reporter is shown no maintainer's address, and
    /// nothing of the mail that was answered, which a mail program may have failed to mark as quoted.
    fn may_go_out(&self, request: &Request) -> Result<(), String> {
        let words = match request {
            Request::Reply { text } | Request::Ask { text } => Some(text),
            Request::Close(Ending { message, .. })
            | Request::Release { message, .. }
            | Request::Disclose { message } => message.as_ref(),
            _ => None,
        };
        let Some(words) = words.map(|words| words.to_lowercase()) else { return Ok(()) };
        let people = &self.rules.maintainers;
        if let Some(person) = people.iter().find(|p| words.contains(p.address.as_str())) {
            return Err(format!(
                "the message to the reporter has the address {} in it, which reporters are not shown: \
                 leave it out",
                person.address
            ));
        }
        let is_ours = ["embargod case ", "embargod, for "].iter().any(|ours| words.contains(ours));
        if is_ours || Token::find(&words).is_some() {
            return Err(
                "the message to the reporter seems to have the mail in it that you answered: \
                        take that away below your own words"
                    .to_owned(),
            );
        }
        Ok(())
    }
}
