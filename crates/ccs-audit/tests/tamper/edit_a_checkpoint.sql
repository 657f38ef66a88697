-- A checkpoint gets the root of another.
-- root: checkpoint-root
-- public: checkpoint-root
UPDATE checkpoint SET note = (SELECT replace(old.note, char(10) || '8' || char(10), char(10) || '16' || char(10))
  FROM checkpoint AS old WHERE old.size = 8) WHERE size = 16;
