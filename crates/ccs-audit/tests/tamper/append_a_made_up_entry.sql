-- An entry is put at the end, with the mark of the end taken from the entry before.
-- root: altered 43
-- public: tree 42
INSERT INTO entry SELECT 43,
  CAST(substr(body, 1, 16) || unhex(printf('%016x', 43)) || substr(body, 25) AS BLOB), mac, nodes, seal
  FROM entry WHERE seq = 42;
UPDATE entry SET seal = NULL WHERE seq = 42;
UPDATE entry SET nodes = zeroblob(64) WHERE seq = 43;
