-- An entry that claims the right number is put between two others.
-- root: inserted 12
-- public: inserted 12
UPDATE entry SET seq = -seq WHERE seq >= 12;
UPDATE entry SET seq = -seq + 1 WHERE seq < 0;
INSERT INTO entry SELECT 12, unhex(replace(hex(body), hex('target 11'), hex('target xx'))), mac, nodes, NULL
  FROM entry WHERE seq = 13;
