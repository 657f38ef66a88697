-- A node of the tree is changed, so that proofs would fail.
-- root: tree 8
-- public: tree 8
UPDATE entry SET nodes = CAST(substr(nodes, 1, 64) || zeroblob(32) AS BLOB) WHERE seq = 15;
