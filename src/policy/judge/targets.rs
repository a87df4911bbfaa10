//! Where else the content of a mail may be: attachments that could hold it, links that could lead
//! to it.

use linkify::{LinkFinder, LinkKind};
use url::Url;

use crate::domain::mail::{Mail, Part, PartRole};

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKindOf {
    /// A place where people put files, notes and videos for others to open.
    Content,
    /// Something else.
    Other,
}

/// The attachments and links of a mail.
#[derive(Debug, Default)]
pub struct Targets {
    /// Files that could hold a report: name or type, and size.
    pub files: Vec<(String, u64)>,
    /// Pictures shown within the body.
    pub pictures: Vec<(String, u64)>,
    /// Links of the writer's own text: host and kind.
    pub links: Vec<(String, LinkKindOf)>,
}

/// Hosts that hold content for others to open, by their registered name.
const CONTENT_HOSTS: &[&str] = &[
    "drive.google.com",
    "docs.google.com",
    "photos.google.com",
    "sites.google.com",
    "dropbox.com",
    "dropboxusercontent.com",
    "onedrive.live.com",
    "1drv.ms",
    "sharepoint.com",
    "icloud.com",
    "box.com",
    "mega.nz",
    "mega.io",
    "wetransfer.com",
    "we.tl",
    "mediafire.com",
    "sendspace.com",
    "anonfiles.com",
    "gofile.io",
    "transfer.sh",
    "file.io",
    "pcloud.com",
    "disk.yandex.ru",
    "disk.yandex.com",
    "yadi.sk",
    "cloud.mail.ru",
    "pan.baidu.com",
    "pan.quark.cn",
    "aliyundrive.com",
    "alipan.com",
    "weiyun.com",
    "lanzou.com",
    "docs.qq.com",
    "shimo.im",
    "yuque.com",
    "feishu.cn",
    "naver.me",
    "mybox.naver.com",
    "gist.github.com",
    "pastebin.com",
    "paste.ee",
    "hastebin.com",
    "dpaste.org",
    "dpaste.com",
    "ghostbin.com",
    "controlc.com",
    "rentry.co",
    "privatebin.net",
    "justpaste.it",
    "pastes.io",
    "ideone.com",
    "codepen.io",
    "jsfiddle.net",
    "hackmd.io",
    "notion.so",
    "notion.site",
    "evernote.com",
    "medium.com",
    "telegra.ph",
    "write.as",
    "canva.com",
    "scribd.com",
    "slideshare.net",
    "issuu.com",
    "youtube.com",
    "youtu.be",
    "vimeo.com",
    "loom.com",
    "streamable.com",
    "dailymotion.com",
    "bilibili.com",
    "b23.tv",
    "vidyard.com",
    "asciinema.org",
    "rutube.ru",
    "imgur.com",
    "i.imgur.com",
    "postimg.cc",
    "ibb.co",
    "prnt.sc",
    "gyazo.com",
    "lightshot.com",
    "flickr.com",
    "bit.ly",
    "tinyurl.com",
    "goo.gl",
    "t.co",
    "t.ly",
    "cutt.ly",
    "is.gd",
    "ow.ly",
    "rebrand.ly",
    "shorturl.at",
    "rb.gy",
    "clck.ru",
    "vk.cc",
    "lnkd.in",
    "tiny.cc",
    "buff.ly",
    "s.id",
    "url.cn",
    "dwz.cn",
];

/// Finds what a mail has besides its text.
pub fn of(mail: &Mail, own_lines: &[&str]) -> Targets {
    let mut targets = Targets::default();
    for part in &mail.parts {
        let name = part.name.clone().unwrap_or_else(|| part.media_type.clone());
        match part.role {
            PartRole::Attachment if could_hold_a_report(part) => {
                targets.files.push((name, part.size))
            }
            PartRole::Inline if is_logo(part, 20_000) => {}
            PartRole::Inline => targets.pictures.push((name, part.size)),
            _ => {}
        }
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    finder.url_must_have_scheme(true);
    for line in own_lines.iter().filter(|line| line.contains("://")) {
        for link in finder.links(line).take(100) {
            targets.add(link.as_str());
        }
    }
    if mail.text.links.is_empty() {
        return targets;
    }
    // Anchors whose text stands in the writer's own lines; the others belong to quotes and footers.
    let own: String =
        own_lines.iter().flat_map(|line| line.split_whitespace()).collect::<Vec<_>>().join(" ");
    let mut searched = 0_usize;
    for link in &mail.text.links {
        let shown = link.anchor.trim();
        let is_url = shown.contains("://");
        searched = searched.saturating_add(own.len());
        // Bounds the product of text and links; a mail of that size has its content in the body.
        if searched > 32 * 1024 * 1024 {
            break;
        }
        if !is_url && link.url.starts_with("http") && (shown.is_empty() || own.contains(shown)) {
            targets.add(&link.url);
        }
    }
    targets
}

impl Targets {
    fn add(&mut self, link: &str) {
        if self.links.len() >= 1000 {
            return;
        }
        let Ok(url) = Url::parse(link) else { return };
        let Some(host) = url.host_str() else { return };
        let host = host.trim_start_matches("www.").to_ascii_lowercase();
        let kind = if holds_content(&host) { LinkKindOf::Content } else { LinkKindOf::Other };
        self.links.push((host, kind));
    }

    /// Links to places that hold content for others.
    pub fn content_links(&self) -> usize {
        self.links.iter().filter(|(_, kind)| *kind == LinkKindOf::Content).count()
    }
}

/// Whether a link leads to a person's or a company's own page, as signatures do, and not to a
/// document: at most one step below a host that holds no content for others, or a network's profile.
pub fn is_profile(link: &str) -> bool {
    let link = link.trim_matches(|c: char| matches!(c, '<' | '>' | '(' | ')' | ',' | '.' | ';'));
    let url =
        if link.contains("://") { Url::parse(link) } else { Url::parse(&format!("http://{link}")) };
    let Ok(url) = url else { return false };
    let Some(host) = url.host_str().map(|host| host.trim_start_matches("www.")) else {
        return false;
    };
    let steps = url.path_segments().map_or(0, |steps| steps.filter(|s| !s.is_empty()).count());
    let network = host.ends_with("linkedin.com") || host.ends_with("facebook.com");
    !holds_content(host)
        && !matches!(url.host(), Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)))
        && (steps <= 1 || network && steps <= 2)
        && url.query().is_none()
}

/// Whether a host is known for what others put there.
fn holds_content(host: &str) -> bool {
    CONTENT_HOSTS.iter().any(|known| {
        host == *known || host.strip_suffix(known).is_some_and(|sub| sub.ends_with('.'))
    })
}

/// Cards, calendars, signatures and logos hold no report.
fn could_hold_a_report(part: &Part) -> bool {
    let name = part.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let by_name = [".vcf", ".ics", ".p7s", ".sig"].iter().any(|end| name.ends_with(end));
    let by_type = matches!(
        part.media_type.as_str(),
        "text/vcard"
            | "text/x-vcard"
            | "text/calendar"
            | "application/ics"
            | "application/pgp-signature"
            | "application/pgp-keys"
    );
    // Keys that people attach so that an answer can be encrypted.
    let key = name.ends_with(".asc")
        && (name.contains("0x") || name.contains("key") || name.contains("public"));
    let empty = part.size == 0;
    !by_name && !by_type && !key && !empty && !is_logo(part, 3000)
}

/// A picture of a signature: by its name, and smaller than what it is taken for otherwise.
fn is_logo(part: &Part, below: u64) -> bool {
    let name = part.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    part.media_type.starts_with("image/") && part.size < below && is_logo_name(&name)
}

/// `image001.png`, as Outlook names what stands in a signature.
fn is_logo_name(name: &str) -> bool {
    name.contains("logo")
        || name.contains("banner")
        || name
            .strip_prefix("image0")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
