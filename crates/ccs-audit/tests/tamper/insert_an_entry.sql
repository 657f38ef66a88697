-- A copy of an entry is put between two others, and those after it move down.
-- root: inserted 12
-- public: inserted 12
UPDATE entry SET seq = -seq WHERE seq >= 12;
UPDATE entry SET seq = -seq + 1 WHERE seq < 0;
INSERT INTO entry SELECT 12, body, mac, nodes, NULL FROM entry WHERE seq = 5;
