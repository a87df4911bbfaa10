//! Folder names and sets of UIDs as a command carries them.

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;

/// A folder's name as a quoted string in modified UTF-7 (RFC 3501 section 5.1.3, which servers of
/// RFC 9051 still take from a client that has not enabled IMAP4rev2). `None` if it holds control
/// characters, with which a name could become a command.
pub(super) fn quoted_folder(name: &str) -> Option<String> {
    let mut quoted = String::from("\"");
    let mut shifted = Vec::new();
    for c in name.chars() {
        if c.is_control() {
            return None;
        }
        if c.is_ascii() {
            unshift(&mut shifted, &mut quoted);
            match c {
                '&' => quoted.push_str("&-"),
                '"' | '\\' => quoted.extend(['\\', c]),
                c => quoted.push(c),
            }
        } else {
            let mut units = [0; 2];
            shifted.extend(c.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    unshift(&mut shifted, &mut quoted);
    quoted.push('"');
    Some(quoted)
}

/// Ends a run of characters beyond ASCII.
fn unshift(shifted: &mut Vec<u8>, quoted: &mut String) {
    if !shifted.is_empty() {
        quoted.push('&');
        quoted.push_str(&GeneralPurpose::new(&IMAP_MUTF7, NO_PAD).encode(&*shifted));
        quoted.push('-');
        shifted.clear();
    }
}

/// Ascending UIDs as a sequence set: `1:3,7`.
pub(super) fn uid_set(uids: impl IntoIterator<Item = u32>) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => runs.push((uid, uid)),
        }
    }
    let text = |(first, last): &(u32, u32)| {
        if first == last { first.to_string() } else { format!("{first}:{last}") }
    };
    runs.iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_name_is_quoted() {
        assert_eq!(quoted_folder("INBOX").unwrap(), r#""INBOX""#);
        assert_eq!(quoted_folder("Security Reports").unwrap(), r#""Security Reports""#);
        assert_eq!(quoted_folder(r#"a"b\c"#).unwrap(), r#""a\"b\\c""#);
    }

    #[test]
    fn a_folder_name_beyond_ascii_is_in_modified_utf_7() {
        assert_eq!(quoted_folder("Lücken & Löcher").unwrap(), r#""L&APw-cken &- L&APY-cher""#);
        assert_eq!(quoted_folder("安全").unwrap(), r#""&W4lRaA-""#);
        assert_eq!(quoted_folder("🔒").unwrap(), r#""&2D3dEg-""#);
    }

    #[test]
    fn a_folder_name_cannot_become_a_command() {
        assert_eq!(quoted_folder("INBOX\r\na DELETE INBOX"), None);
    }

    #[test]
    fn uids_in_a_row_become_a_range() {
        assert_eq!(uid_set([1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(uid_set([u32::MAX]), "4294967295");
        assert_eq!(uid_set([]), "");
    }
}
