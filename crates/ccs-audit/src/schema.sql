-- One segment of the audit log: a run of entries and what is needed to prove and find them.
-- A segment is made whole under another name and renamed, so no process ever sees half of one.
-- (Comments stand between the statements: SQLite keeps a statement's text and reads it again
-- whenever a process opens the database.)

PRAGMA application_id = 0x63637361; -- "ccsa"
PRAGMA user_version = 1;            -- a program that knows less than this does not write

-- How this segment follows the one before; its first entry carries the hash of these bytes.
CREATE TABLE seam (body BLOB NOT NULL) STRICT;

-- The log itself. Nothing here is ever updated but the last row's seal.
--   seq    from 0 over the life of the log; also inside the body
--   body   the canonical entry: the very bytes that are hashed
--   mac    HMAC(epoch key, previous mac, leaf hash of the body)
--   nodes  the tree nodes this leaf completes, level 1 upwards, 32 bytes each
--   seal   the last row only: state byte, HMAC(epoch key, state, seq, mac)
CREATE TABLE entry (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, mac BLOB NOT NULL, nodes BLOB NOT NULL, seal BLOB) STRICT;

-- Signed notes over the first `size` entries of the tree. Each closes an epoch.
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;

-- An index of whole blocks of 256 entries: which of a block's entries carry a term. It is made
-- from the entries and can be made again.
--   kind   1 session, 2 event, 3 tool, 4 decision, 5 rule, 6 agent, 7 user
CREATE TABLE term (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, value TEXT NOT NULL, UNIQUE (kind, value)) STRICT;

--   block  seq / 256
--   bits   32 bytes; bit seq % 256, lowest first
CREATE TABLE mark (term INTEGER NOT NULL, block INTEGER NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (term, block)) WITHOUT ROWID, STRICT;

--   oldest, newest   the earliest and the latest time in the block, microseconds since 1970
CREATE TABLE block (block INTEGER PRIMARY KEY, oldest INTEGER NOT NULL, newest INTEGER NOT NULL) STRICT;

-- How many bytes of which spool file are already entries, so that no line becomes one twice.
CREATE TABLE drained (spool TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID, STRICT;
