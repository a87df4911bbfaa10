//! How much of a mail is followed. No mail that a person wrote comes near any of these.

/// Bytes of the mail's header that are read.
pub const HEADER_BYTES: usize = 256 * 1024;
/// Header fields that are kept.
pub const FIELDS: usize = 500;
/// Bytes of one header field that are kept.
pub const FIELD_BYTES: usize = 16 * 1024;
/// Addresses and message ids that are kept of one header field.
pub const LIST_ITEMS: usize = 200;
/// Bytes of a MIME part's header that are read.
pub const PART_HEADER_BYTES: usize = 32 * 1024;
/// Leaves of the MIME tree.
pub const PARTS: usize = 1000;
/// Multiparts within multiparts.
pub const DEPTH: usize = 40;
/// Bytes of text of the whole mail that are kept.
pub const TEXT_BYTES: usize = 1024 * 1024;
/// Links that are kept.
pub const LINKS: usize = 1000;
/// Bytes of one link's address, and of its anchor text.
pub const LINK_BYTES: usize = 2048;
/// Elements within elements whose style is followed.
pub const ELEMENTS: usize = 256;
/// Levels of quotation that are written out as `> `.
pub const QUOTES: usize = 16;
/// Recipients of a delivery report that are kept.
pub const REPORT_RECIPIENTS: usize = 100;
/// How many open elements an end tag is looked for in.
pub const END_TAG_REACH: usize = 24;
