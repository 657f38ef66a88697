-- One segment of the audit log: a run of entries and what is needed to prove and find them.
-- A segment is made whole under another name and renamed, so no process ever sees half of one.

PRAGMA application_id = 0x63637361; -- "ccsa"
PRAGMA user_version = 1;            -- a program that knows less than this does not write

-- How this segment follows the one before; its first entry carries the hash of these bytes.
CREATE TABLE seam (
  body BLOB NOT NULL
) STRICT;

-- The log itself. Nothing here is ever updated but the last row's seal.
CREATE TABLE entry (
  seq   INTEGER PRIMARY KEY, -- from 0 over the life of the log; also inside the body
  body  BLOB NOT NULL,       -- the canonical entry: the very bytes that are hashed
  mac   BLOB NOT NULL,       -- HMAC(epoch key, previous mac, leaf hash of the body)
  nodes BLOB NOT NULL,       -- the tree nodes this leaf completes, level 1 upwards, 32 bytes each
  seal  BLOB                 -- the last row only: state byte, HMAC(epoch key, state, size, mac)
) STRICT;

-- Signed notes over the first `size` entries of the tree. Each closes an epoch.
CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;

-- An index of whole blocks of 256 entries: which of a block's entries carry a term. It is made
-- from the entries and can be made again.
CREATE TABLE term (
  id    INTEGER PRIMARY KEY,
  kind  INTEGER NOT NULL,    -- session, event, tool, decision, rule, agent, user
  value TEXT NOT NULL,
  UNIQUE (kind, value)
) STRICT;
CREATE TABLE mark (
  term  INTEGER NOT NULL,
  block INTEGER NOT NULL,    -- seq / 256
  bits  BLOB NOT NULL,       -- 32 bytes; bit seq % 256, lowest first
  PRIMARY KEY (term, block)
) WITHOUT ROWID, STRICT;
CREATE TABLE block (
  block  INTEGER PRIMARY KEY,
  oldest INTEGER NOT NULL,   -- the earliest and latest time in the block, microseconds
  newest INTEGER NOT NULL
) STRICT;

-- How many bytes of which spool file are already entries, so that no line becomes one twice.
CREATE TABLE drained (
  spool TEXT PRIMARY KEY,
  bytes INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
