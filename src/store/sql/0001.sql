-- Times are whole seconds since 1970-01-01 UTC. Text that a stranger wrote was made fit to be
-- shown before it came here; only `incoming.raw` holds bytes as they arrived.

-- One row a case: what its events add up to. It can be rebuilt from them.
CREATE TABLE cases (
    key             INTEGER PRIMARY KEY,          -- year * 10^9 + number: EMB-year-number
    state           TEXT    NOT NULL CHECK (state IN ('returned', 'received', 'acknowledged',
                        'triaging', 'confirmed', 'fixing', 'released', 'disclosed', 'closed')),
    disposition     TEXT,                         -- how a closed case ended
    subject         TEXT    NOT NULL,
    reporter_name   TEXT,
    reporter        TEXT    NOT NULL,             -- address
    correspondent   TEXT,                         -- who is answered; NULL: nobody from here
    handler         TEXT,                         -- handle of the primary handler
    received_at     INTEGER NOT NULL,
    imported_at     INTEGER,                      -- when it was taken from an archive
    acknowledge_by  INTEGER,
    acknowledged_at INTEGER,
    respond_by      INTEGER,
    responded_at    INTEGER,
    last_told_at    INTEGER,                      -- when a person's mail last went out
    next_update_by  INTEGER,
    disclose_by     INTEGER,
    extended_at     INTEGER,                      -- when a person moved disclose_by
    awaiting        INTEGER,                      -- since when; the promises stand still until then
    encrypted       INTEGER NOT NULL CHECK (encrypted IN (0, 1)),  -- 1: no program read the report
    handover        TEXT,                         -- JSON: the note to a new handler, until the case moves on
    answered_elsewhere_at INTEGER,                -- when a person answered, by a maintainer's word
    embargo_until   INTEGER,
    embargo_set_at  INTEGER,
    disclosed_at    INTEGER,
    closed_at       INTEGER,
    purged_at       INTEGER,                      -- when what is personal in it was erased
    merged_into     INTEGER REFERENCES cases (key),
    last_heard_at   INTEGER NOT NULL,
    returned_times  INTEGER NOT NULL,
    suggestions     TEXT    NOT NULL,             -- JSON array: advice for people
    facts           TEXT,                         -- JSON: the report's facts, found or not
    affected        TEXT    NOT NULL,             -- JSON array of version ranges
    lines           TEXT    NOT NULL,             -- JSON array: lines of releases and their fixes
    audit           TEXT,                         -- what was found of similar problems
    advisory        TEXT    NOT NULL,             -- JSON: what the advisory will say
    credits         TEXT    NOT NULL,             -- JSON array of names
    exploited       TEXT,                         -- JSON: known since when, which reports were made
    links           TEXT    NOT NULL,             -- JSON array of case numbers
    proof           TEXT    NOT NULL,             -- JSON: the mails of ours that the times rest on
    unreached       TEXT,                         -- JSON: the last mail that did not arrive
    sender          TEXT,                         -- whether the report came from whom it says
    doubt           TEXT,                         -- what is odd about a sender's name
    withheld        TEXT,                         -- why the last automatic answer was not written
    participants    TEXT    NOT NULL,             -- JSON array of addresses
    cc              TEXT    NOT NULL,             -- JSON array of addresses that get our letters too
    followers       TEXT    NOT NULL              -- JSON array of handles
) STRICT;

CREATE INDEX cases_of_reporter ON cases (reporter);
CREATE INDEX cases_open ON cases (key) WHERE state <> 'closed';
CREATE INDEX cases_returned ON cases (key) WHERE state = 'returned';
-- A closed case may still owe a report to the authorities.
CREATE INDEX cases_owing ON cases (key) WHERE state = 'closed' AND exploited IS NOT NULL;
-- What a digest counts of the cases that ended.
CREATE INDEX cases_closed_here ON cases (key) WHERE state = 'closed' AND imported_at IS NULL;
CREATE INDEX cases_of_handler ON cases (handler);
-- All that the figures of a period need; open cases come first in it.
CREATE INDEX cases_times ON cases (closed_at, received_at, returned_times, acknowledge_by,
    acknowledged_at, respond_by, responded_at, awaiting, disposition, handler);
CREATE INDEX cases_responded ON cases (responded_at, closed_at) WHERE responded_at IS NOT NULL;

-- Open cases a handler, kept by the triggers below: a new case must not cost a count of the old.
CREATE TABLE handler_load (
    handler TEXT PRIMARY KEY,
    open    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER case_opened AFTER INSERT ON cases
WHEN new.handler IS NOT NULL AND new.state <> 'closed' BEGIN
    INSERT INTO handler_load VALUES (new.handler, 1)
        ON CONFLICT (handler) DO UPDATE SET open = open + 1;
END;

CREATE TRIGGER case_changed AFTER UPDATE OF handler, state ON cases
WHEN new.handler IS NOT old.handler OR (new.state = 'closed') <> (old.state = 'closed') BEGIN
    UPDATE handler_load SET open = open - 1
        WHERE handler = old.handler AND old.state <> 'closed';
    INSERT INTO handler_load SELECT new.handler, 1
        WHERE new.handler IS NOT NULL AND new.state <> 'closed'
        ON CONFLICT (handler) DO UPDATE SET open = open + 1;
END;

-- The cases whose clocks are to be looked at, and when. The triggers keep it, so that nobody has to
-- think of it and no look goes over all cases; a closed case may still owe something to the law.
CREATE TABLE watch (
    case_key INTEGER PRIMARY KEY REFERENCES cases (key),
    look_at  INTEGER NOT NULL                     -- 0: at once, for the case changed
) STRICT;

CREATE INDEX watch_due ON watch (look_at);

CREATE TRIGGER case_to_watch AFTER INSERT ON cases WHEN new.state <> 'closed' BEGIN
    INSERT INTO watch VALUES (new.key, 0);
END;

CREATE TRIGGER case_to_watch_again AFTER UPDATE ON cases BEGIN
    INSERT INTO watch VALUES (new.key, 0) ON CONFLICT (case_key) DO UPDATE SET look_at = 0;
END;

-- Up to where people were reminded of each clock of a case. A table and not events: a reminder
-- changes nothing about a case, and that it went out, when and to whom is in the outbox.
CREATE TABLE reminders (
    case_key INTEGER NOT NULL REFERENCES cases (key),
    due      TEXT    NOT NULL,                    -- which clock
    deadline INTEGER NOT NULL,                    -- of the clock then; one that is moved starts over
    stage    TEXT CHECK (stage IN ('half', 'four-fifths', 'deadline')), -- NULL: seen, nobody told
    at       INTEGER NOT NULL,
    PRIMARY KEY (case_key, due)
) STRICT, WITHOUT ROWID;

-- What happened to the cases, in the order it happened. Rows are only ever added, each chained to
-- the one before it: hash = SHA-256 (hash before, case, time, actor, kind, change_digest), and
-- change_digest = SHA-256 (salt, change). So a change can be erased for the sake of somebody's
-- privacy, its salt with it (the digest alone lets nobody guess at it), and the chain holds.
CREATE TABLE events (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,  -- 1, 2, 3 without a gap
    case_key      INTEGER NOT NULL REFERENCES cases (key),
    at            INTEGER NOT NULL,
    actor         TEXT    NOT NULL,               -- JSON
    kind          TEXT    NOT NULL,
    change        TEXT,                           -- JSON; NULL once its case was purged
    salt          BLOB,                           -- 16 random bytes; NULL with the change
    change_digest BLOB    NOT NULL,
    hash          BLOB    NOT NULL,
    CHECK ((change IS NULL) = (salt IS NULL))
) STRICT;

CREATE TRIGGER events_are_kept BEFORE DELETE ON events BEGIN
    SELECT RAISE(ABORT, 'an event is never deleted');
END;

-- OR REPLACE would delete without the trigger above.
CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE number = new.number) BEGIN
    SELECT RAISE(ABORT, 'an event is never replaced');
END;

-- The one change that is allowed erases the text and its salt together.
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
WHEN new.number IS NOT old.number OR new.case_key IS NOT old.case_key OR new.at IS NOT old.at
    OR new.actor IS NOT old.actor OR new.kind IS NOT old.kind
    OR new.change_digest IS NOT old.change_digest OR new.hash IS NOT old.hash
    OR new.change IS NOT NULL OR new.salt IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'an event is never changed');
END;

CREATE INDEX events_of_case ON events (case_key);
CREATE INDEX events_closed ON events (number, case_key) WHERE kind IN ('closed', 'merged');
CREATE INDEX events_returned ON events (at) WHERE kind = 'returned';

-- One row a mail taken from an inbox, whatever became of it.
CREATE TABLE incoming (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    digest      BLOB    NOT NULL UNIQUE,          -- SHA-256 of raw, or of its place if raw is empty
    arrived_at  INTEGER NOT NULL,                 -- on its server
    decided_at  INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    format      TEXT,                             -- of a submission or a follow-up
    reasons     TEXT    NOT NULL,                 -- JSON array of rule and detail
    case_key    INTEGER REFERENCES cases (key),
    quarantined TEXT,                             -- why a person has to look at it
    from_name   TEXT,
    from_addr   TEXT,
    subject     TEXT    NOT NULL,
    message_id  TEXT,
    sender      TEXT,                             -- JSON: whether it came from whom it says
    says        INTEGER,                          -- digest of its visible text
    files       TEXT    NOT NULL,                 -- JSON array: name, type and size of each
    readers     TEXT    NOT NULL,                 -- JSON array of the addresses in To and Cc
    size        INTEGER NOT NULL,                 -- on its server; raw is shorter where it was cut
    imported    INTEGER NOT NULL DEFAULT 0 CHECK (imported IN (0, 1)),  -- 1: from an archive
    raw         BLOB    NOT NULL,
    purged_at   INTEGER                           -- when all but what, when and where was erased
) STRICT;

CREATE INDEX incoming_message_id ON incoming (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX incoming_of_case ON incoming (case_key) WHERE case_key IS NOT NULL;
CREATE INDEX incoming_without_case ON incoming (number) WHERE case_key IS NULL;
CREATE INDEX incoming_says ON incoming (from_addr, says) WHERE says IS NOT NULL;
-- What a digest lists of mail; the rest of it is cases.
CREATE INDEX incoming_set_aside ON incoming (number, kind)
    WHERE kind NOT IN ('submission', 'follow-up') AND quarantined IS NULL AND NOT imported;
CREATE INDEX incoming_follow_ups ON incoming (number) WHERE kind = 'follow-up' AND NOT imported;
CREATE INDEX incoming_quarantined ON incoming (number) WHERE quarantined IS NOT NULL;

-- How many mails may still be written by themselves; a bucket that is not here is full.
CREATE TABLE buckets (
    scope TEXT    NOT NULL,                       -- address, domain, network, all, notices
    name  TEXT    NOT NULL,                       -- whose
    parts INTEGER NOT NULL,                       -- what was in it
    at    INTEGER NOT NULL,                       -- when
    PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX buckets_at ON buckets (at);

-- What each mail to a maintainer lets them do by answering it. The token in the mail is this row's name
-- and a MAC that only the daemon's key makes: nobody can make a token from what is here.
CREATE TABLE grants (
    nonce      BLOB    PRIMARY KEY,               -- 10 random bytes
    handle     TEXT    NOT NULL,
    case_key   INTEGER REFERENCES cases (key),    -- NULL: the mail is about many
    purpose    TEXT    NOT NULL,                  -- of the mail
    given_at   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,                           -- when a change was made with it: only one is
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX grants_expires ON grants (expires_at);

-- By what reports that resemble each other are found: two of them share a band.
CREATE TABLE fingerprints (
    case_key INTEGER PRIMARY KEY REFERENCES cases (key),
    bytes    BLOB    NOT NULL
) STRICT;

CREATE TABLE bands (
    band     INTEGER NOT NULL,
    case_key INTEGER NOT NULL REFERENCES cases (key),
    PRIMARY KEY (band, case_key)
) STRICT, WITHOUT ROWID;

-- Message-IDs that imported mails name and no mail had when they came: if one is imported later, it
-- belongs to their case.
CREATE TABLE mentions (
    message_id TEXT    NOT NULL,
    case_key   INTEGER NOT NULL REFERENCES cases (key),
    PRIMARY KEY (message_id, case_key)
) STRICT, WITHOUT ROWID;

-- The folders that are read, and up to where everything in them has been looked at.
CREATE TABLE folders (
    number       INTEGER PRIMARY KEY,
    name         TEXT    NOT NULL UNIQUE,
    uid_validity INTEGER NOT NULL,
    uid          INTEGER NOT NULL
) STRICT;

-- The sign of life of the daemon: one row, once a daemon has begun to work.
CREATE TABLE pulse (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    at_work   INTEGER NOT NULL CHECK (at_work IN (0, 1)), -- 1: a daemon works, or died at it
    since     INTEGER NOT NULL,                   -- when it began
    looked_at INTEGER                             -- when it last read the inbox to its end
) STRICT;

-- The mails that the daemon wrote to the project itself: those that have not come home since the last
-- one that has, and that one. The secret is in the mail's text.
CREATE TABLE canaries (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT    NOT NULL UNIQUE,
    secret     TEXT    NOT NULL,
    written_at INTEGER NOT NULL,
    back_at    INTEGER                            -- when it came home
) STRICT;

-- Mails in hand since a daemon died, and how often each was: one of them may be the reason.
CREATE TABLE attempts (
    folder       INTEGER NOT NULL REFERENCES folders (number),
    uid_validity INTEGER NOT NULL,
    place        ANY     NOT NULL,
    times        INTEGER NOT NULL,
    PRIMARY KEY (folder, uid_validity, place)
) STRICT, WITHOUT ROWID;

-- Where each mail was seen. The same mail may be seen again under another UIDVALIDITY.
CREATE TABLE sightings (
    folder       INTEGER NOT NULL REFERENCES folders (number),
    uid_validity INTEGER NOT NULL,                -- 0 in a Maildir
    place        ANY     NOT NULL,                -- the UID, the Maildir's unique name, a file
    incoming     INTEGER NOT NULL REFERENCES incoming (number),
    PRIMARY KEY (folder, uid_validity, place)
) STRICT, WITHOUT ROWID;

-- Mail of ours: written with the decision that caused it, sent from here and from nowhere else.
CREATE TABLE outbox (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    case_key      INTEGER REFERENCES cases (key),
    purpose       TEXT    NOT NULL,
    envelope_from TEXT,                           -- NULL is the null sender
    recipient     TEXT    NOT NULL,
    message_id    TEXT    NOT NULL,               -- a copy has that of the letter it is a copy of
    subject       TEXT    NOT NULL,
    bytes         BLOB    NOT NULL,               -- these and no others go out, at every attempt
    written_at    INTEGER NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN ('queued', 'held', 'sent', 'undelivered')),
    attempts      INTEGER NOT NULL DEFAULT 0,     -- that the server answered
    due_at        INTEGER NOT NULL,               -- of the next attempt, while queued
    ended_at      INTEGER,                        -- when it was sent or given up
    reply         TEXT,                           -- the server's last word
    given_up      INTEGER UNIQUE,                 -- 1, 2, 3: the undelivered, in that order
    CHECK ((given_up IS NOT NULL) = (status = 'undelivered')),
    UNIQUE (message_id, recipient)
) STRICT;

CREATE INDEX outbox_due ON outbox (attempts > 0, due_at) WHERE status = 'queued';
CREATE INDEX outbox_of_case ON outbox (case_key) WHERE case_key IS NOT NULL;

-- Each time that what is personal was erased. What was erased of a case is an event of it.
CREATE TABLE purges (
    number    INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    actor     TEXT    NOT NULL,                   -- JSON
    cases     INTEGER NOT NULL,
    mails     INTEGER NOT NULL,                   -- in no case
    cleared   INTEGER NOT NULL CHECK (cleared IN (0, 1))   -- 1: nothing of it is left in the file
) STRICT;

-- Which digest was written for whom: one a person and local day.
CREATE TABLE digests (
    handle     TEXT    NOT NULL,
    day        TEXT    NOT NULL,                  -- YYYY-MM-DD in the digest's time zone
    written_at INTEGER NOT NULL,
    outbox     INTEGER REFERENCES outbox (number), -- NULL where there was nothing to say
    incoming   INTEGER NOT NULL,                  -- it told of mail up to this number
    given_up   INTEGER NOT NULL,                  -- of undelivered mail up to this one
    events     INTEGER NOT NULL,                  -- and of events up to this one
    PRIMARY KEY (handle, day)
) STRICT, WITHOUT ROWID;
