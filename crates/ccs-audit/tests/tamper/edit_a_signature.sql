-- A checkpoint carries the signatures of another.
-- root: checkpoint-forged
-- public: checkpoint-forged
UPDATE checkpoint SET note =
  substr(note, 1, instr(note, char(10) || char(10))) ||
  (SELECT substr(old.note, instr(old.note, char(10) || char(10)) + 1) FROM checkpoint AS old WHERE old.size = 8)
  WHERE size = 16;
