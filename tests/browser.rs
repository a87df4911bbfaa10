//! The digest as a person sees it: drawn by a real browser on a telephone and on a desk, by day and
//! by night. The pictures are left in the folder that a failure names.
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

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use common::PATIENCE;
use common::work::{alternatives, busy_day, composed, flooded_day, made, made_with_figures};
use embargod::domain::digest::Digest;
use embargod::domain::views::WorkView;
use serde::{Deserialize, Serialize};

/// WCAG 2.2, success criterion 1.4.3 (AA).
const CONTRAST: f64 = 4.5;

/// How a mail is looked at.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct View {
    width: u32,
    scheme: String,
    #[serde(default)]
    height: u32,
}

/// What was found in a mail that was looked at.
#[derive(Debug, Deserialize)]
struct Drawn {
    #[serde(flatten)]
    view: View,
    drawn_height: u32,
    overflow: i64,
    wide: Vec<String>,
    texts: Vec<Text>,
    page_luminance: f64,
    lang: String,
    title: String,
    headings: Vec<u8>,
    tables: usize,
    headless_tables: usize,
    unscoped: usize,
    outside: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Text {
    text: String,
    contrast: f64,
    size: f64,
}

/// A telephone and a desk, by day and by night.
fn views() -> Vec<View> {
    let view = |width, scheme: &str| View { width, scheme: scheme.to_owned(), height: 0 };
    vec![view(360, "light"), view(360, "dark"), view(1280, "light"), view(1280, "dark")]
}

/// A page that draws a mail in each of these views and measures it.
fn page(folder: &Path, html: &str, views: &[View]) -> PathBuf {
    let page = include_str!("browser/measure.html")
        .replace("{{mail}}", &BASE64_STANDARD.encode(html))
        .replace("{{views}}", &serde_json::to_string(views).unwrap());
    let path = folder.join("page.html");
    fs::write(&path, page).unwrap();
    path
}

/// Runs the browser on a page, and gives what it wrote to stdout.
fn browse(folder: &Path, page: &Path, arguments: &[String]) -> String {
    let out = folder.join("stdout");
    let mut browser = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--hide-scrollbars", "--force-device-scale-factor=1"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .stdin(Stdio::null())
        .stdout(fs::File::create(&out).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("chromium does not start: {error}; ./tests/run installs it")
        });
    let started = Instant::now();
    let status = loop {
        if let Some(status) = browser.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            let _ = browser.kill();
            panic!("chromium does not come to an end");
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert!(status.success(), "chromium ended with {status}");
    fs::read_to_string(out).unwrap()
}

/// Draws a mail in every view and measures it.
fn drawn(folder: &Path, html: &str) -> Vec<Drawn> {
    let dom = browse(folder, &page(folder, html, &views()), &["--dump-dom".to_owned()]);
    let (_, report) = dom.split_once("<pre id=\"report\">").expect("the page measured nothing");
    let (report, _) = report.split_once("</pre>").unwrap();
    serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {report}"))
}

/// Leaves a picture of each view in the folder of test artefacts.
fn photographed(folder: &Path, name: &str, html: &str, drawn: &[Drawn]) -> PathBuf {
    let album = Path::new(env!("CARGO_TARGET_TMPDIR")).join("digest");
    fs::create_dir_all(&album).unwrap();
    for drawn in drawn {
        let View { width, scheme, .. } = &drawn.view;
        let height = drawn.drawn_height.min(8000);
        let page = page(folder, html, &[View { height, ..drawn.view.clone() }]);
        let picture = album.join(format!("{name}-{width}-{scheme}.png"));
        let arguments = [
            format!("--window-size={width},{height}"),
            format!("--screenshot={}", picture.display()),
        ];
        browse(folder, &page, &arguments);
        let size = fs::metadata(&picture).map(|file| file.len()).unwrap_or(0);
        assert!(size > 1000, "{} has {size} bytes", picture.display());
    }
    album
}

/// Draws a digest, leaves pictures of it, and holds it to what every view promises.
fn looked_at(name: &str, digest: Digest) -> Vec<Drawn> {
    let folder = tempfile::tempdir().unwrap();
    let (_, html) = alternatives(&composed(digest));
    let drawn = drawn(folder.path(), &html);
    let album = photographed(folder.path(), name, &html, &drawn);
    for page in &drawn {
        let View { width, scheme, .. } = &page.view;
        let here = format!("{width} wide, {scheme}: see {}", album.display());
        assert_eq!((page.overflow, page.wide.as_slice()), (0, &[][..]), "{here}");
        for text in &page.texts {
            assert!(text.contrast >= CONTRAST, "{here}: {text:?}");
            assert!(text.size >= 12.0, "{here}: {text:?}");
        }
        assert_eq!(page.outside, Vec::<String>::new(), "{here}");
        match scheme.as_str() {
            "dark" => assert!(page.page_luminance < 0.1, "{here}: the page is light"),
            _ => assert!(page.page_luminance > 0.8, "{here}: the page is dark"),
        }
    }
    drawn
}

#[test]
#[ignore = "needs Chromium: run ./tests/run"]
fn a_busy_digest_fits_telephone_and_desk_by_day_and_by_night() {
    for page in looked_at("busy", made_with_figures(&busy_day())) {
        assert!(page.texts.iter().any(|text| text.text == "EMB-2026-0005"));
        assert_eq!(page.lang, "en");
        assert!(page.title.contains("overdue"), "{}", page.title);
    }
}

#[test]
#[ignore = "needs Chromium: run ./tests/run"]
fn a_flood_of_long_subjects_in_every_script_fits_too() {
    looked_at("flood", made(&flooded_day()));
}

#[test]
#[ignore = "needs Chromium: run ./tests/run"]
fn a_digest_of_nothing_fits_too() {
    looked_at("empty", made(&WorkView::default()));
}

#[test]
#[ignore = "needs Chromium: run ./tests/run"]
fn a_screen_reader_finds_its_way_by_headings_and_table_heads() {
    let folder = tempfile::tempdir().unwrap();
    let digest = made_with_figures(&busy_day());
    let sections = digest.sections.len();
    let (_, html) = alternatives(&composed(digest));
    let page = &drawn(folder.path(), &html)[0];
    let mut headings = vec![1];
    headings.extend(vec![2; sections + 1]);
    assert_eq!(
        page.headings, headings,
        "one title, then a heading for each section and the figures"
    );
    assert_eq!(page.tables, sections + 3, "a table of data for each section, three of figures");
    assert_eq!((page.headless_tables, page.unscoped), (0, 0));
}

#[test]
#[ignore = "needs Chromium: run ./tests/run"]
fn the_measure_itself_notices_what_is_too_wide_or_too_pale() {
    let folder = tempfile::tempdir().unwrap();
    let html = "<html lang='en'><body style='background:#fff'>\
        <p style='color:#999'>pale</p><p style='color:#767676'>just dark enough</p>\
        <div style='width:700px'>wide</div><img src='https://example.org/pixel.gif'>";
    let page = &drawn(folder.path(), html)[0];
    assert!(page.overflow > 300 && !page.wide.is_empty(), "{page:?}");
    assert!((page.texts[0].contrast - 2.85).abs() < 0.01, "{page:?}");
    assert!((page.texts[1].contrast - 4.54).abs() < 0.01, "{page:?}");
    assert_eq!(page.outside.len(), 1);
}
