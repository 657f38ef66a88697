-- An entry is deleted and those after it move up.
-- root: missing 12
-- public: missing 12
DELETE FROM entry WHERE seq = 12;
UPDATE entry SET seq = -seq WHERE seq > 12;
UPDATE entry SET seq = -seq - 1 WHERE seq < 0;
