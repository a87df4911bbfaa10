//! The templates of outgoing mail: embedded defaults, each of which a project can replace by a
//! file of the same name.
//!
//! Promises: a template that cannot be used is found when the templates are loaded or checked, and
//! the error names the file and the line. HTML is escaped; a fact that does not exist is an error,
//! not an empty string.

use std::path::{Path, PathBuf};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;

use super::{Commands, text};
use crate::domain::address::displayable;

/// Every template: its name and its embedded text.
const EMBEDDED: [(&str, &str); 12] = [
    ("acknowledgement.txt", include_str!("templates/acknowledgement.txt")),
    ("sent-back.txt", include_str!("templates/sent-back.txt")),
    ("message.txt", include_str!("templates/message.txt")),
    ("released.txt", include_str!("templates/released.txt")),
    ("disclosure.txt", include_str!("templates/disclosure.txt")),
    ("announcement.txt", include_str!("templates/announcement.txt")),
    ("closing.txt", include_str!("templates/closing.txt")),
    ("digest.txt", include_str!("templates/digest.txt")),
    ("reminder.txt", include_str!("templates/reminder.txt")),
    ("notice.txt", include_str!("templates/notice.txt")),
    ("confirmation.txt", include_str!("templates/confirmation.txt")),
    ("digest.html", include_str!("templates/digest.html")),
];

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The folder or a file in it cannot be read.
    #[error("{path}: cannot be read: {why}", path = .path.display())]
    Unreadable {
        /// What cannot be read.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A file in the folder replaces nothing.
    #[error("{path}: no template has this name; there are {known}", path = .path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The names there are.
        known: String,
    },
    /// The template does not compile, or does not render.
    #[error("{file}:{line}: {why}; mend it, or remove the file to use the built-in text")]
    Faulty {
        /// The file, or the embedded template's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// The template does not begin with a subject.
    #[error("{file}:1: a template of a mail begins with a line `Subject: …`, then an empty line")]
    NoSubject {
        /// The file.
        file: String,
    },
    /// The subject of a reporter's mail has no case number.
    #[error("{file}:1: the subject has to name the case ({{{{ case }}}}): answers are known by it")]
    NoCaseInSubject {
        /// The file.
        file: String,
    },
}

/// A rendered mail text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, on one line.
    pub subject: String,
    /// The body, with `\n` line ends.
    pub body: String,
}

/// The loaded templates.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    overrides: Option<PathBuf>,
    overridden: Vec<String>,
}

impl Templates {
    /// Loads the embedded templates and whatever files of `overrides` replace one.
    ///
    /// # Errors
    /// [`TemplateError`] where the folder cannot be read, has a `.txt` or `.html` file that
    /// replaces nothing, or a file does not compile.
    pub fn load(overrides: Option<&Path>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // So that an error knows the expression that it is about.
        environment.set_debug(true);
        environment.add_filter("unbroken", |words: String| text::unbroken(&words));
        environment.add_filter("prose", |words: String| text::refill_a_persons(&words));
        environment.add_filter("pad", |words: String, width: usize| text::pad(&words, width));
        environment.add_filter("bar", |length: usize| "#".repeat(length.div_ceil(4)));
        environment.add_filter("fit", |line: String, width: usize| text::fit(&line, width));
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| faulty("syntax".to_owned(), &error))?);
        let mut templates =
            Self { environment, overrides: overrides.map(Path::to_owned), overridden: Vec::new() };
        for (name, source) in EMBEDDED {
            templates.add(name, source.to_owned())?;
        }
        if let Some(folder) = overrides {
            templates.replace_from(folder)?;
        }
        Ok(templates)
    }

    /// Adds the files of a folder over the embedded templates.
    fn replace_from(&mut self, folder: &Path) -> Result<(), TemplateError> {
        let unreadable = |path: &Path, error: &std::io::Error| TemplateError::Unreadable {
            path: path.to_owned(),
            why: error.to_string(),
        };
        let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| unreadable(folder, &error))?.path();
            let is_template = path.extension().is_some_and(|kind| kind == "txt" || kind == "html");
            if !is_template {
                continue;
            }
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some((name, _)) = EMBEDDED.iter().find(|(known, _)| *known == name) else {
                let known = EMBEDDED.map(|(known, _)| known).join(", ");
                return Err(TemplateError::Unknown { path, known });
            };
            let source =
                std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            self.overridden.push((*name).to_owned());
            self.add(name, source)?;
        }
        Ok(())
    }

    /// Compiles one template.
    fn add(&mut self, name: &'static str, source: String) -> Result<(), TemplateError> {
        let file = self.file(name);
        let source = source.replace("\r\n", "\n");
        self.environment.add_template_owned(name, source).map_err(|error| faulty(file, &error))
    }

    /// Where a template comes from, for an error message.
    pub fn file(&self, name: &str) -> String {
        match &self.overrides {
            Some(folder) if self.overridden.iter().any(|known| known == name) => {
                folder.join(name).display().to_string()
            }
            _ => format!("{name} (embedded)"),
        }
    }

    /// Renders a template as it is. It may ask for `commands_taken`, whether its reader may act by
    /// answering it, and for the `token` of that, where the text has to have it.
    ///
    /// # Errors
    /// [`TemplateError::Faulty`] where the template asks for what there is not.
    pub fn render(
        &self,
        name: &str,
        facts: &impl Serialize,
        commands: Commands<'_>,
    ) -> Result<String, TemplateError> {
        let (commands_taken, token) = match commands {
            Commands::Taken { token } => (true, token),
            Commands::No => (false, None),
        };
        self.environment
            .get_template(name)
            .and_then(|template| {
                template.render(context! { commands_taken, token, ..Value::from(Serde(facts)) })
            })
            .map_err(|error| faulty(self.file(name), &error))
    }

    /// Renders a template that begins with a subject, and refills its lines with `fill`.
    ///
    /// # Errors
    /// [`TemplateError`] where it cannot be rendered or has no subject.
    pub fn render_mail(
        &self,
        name: &str,
        facts: &impl Serialize,
        commands: Commands<'_>,
        fill: fn(&str) -> String,
    ) -> Result<Rendered, TemplateError> {
        let rendered = self.render(name, facts, commands)?;
        let no_subject = || TemplateError::NoSubject { file: self.file(name) };
        let (head, body) = rendered.split_once("\n\n").ok_or_else(no_subject)?;
        let subject = head.trim_start().strip_prefix("Subject:").ok_or_else(no_subject)?;
        // A subject may go over several lines in the template; `displayable` joins them.
        let subject = displayable(subject);
        if subject.is_empty() {
            return Err(no_subject());
        }
        Ok(Rendered { subject, body: fill(body) })
    }
}

/// An error of the engine with its place, and with the words of the template that it is about.
fn faulty(file: String, error: &minijinja::Error) -> TemplateError {
    let mut why = error.kind().to_string();
    if let Some(detail) = error.detail() {
        why = format!("{why}: {detail}");
    }
    let about = error.range().and_then(|range| error.template_source()?.get(range));
    if let Some(about) = about.map(displayable).filter(|about| !why.contains(about)) {
        why = format!("{why}: `{about}`");
    }
    TemplateError::Faulty { file, line: error.line().unwrap_or(1), why }
}
