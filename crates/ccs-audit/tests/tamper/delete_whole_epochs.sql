-- Entries over several epochs are deleted, with the checkpoints that closed them.
-- root: missing 10
-- public: missing 10
DELETE FROM entry WHERE seq BETWEEN 10 AND 30;
DELETE FROM checkpoint WHERE size BETWEEN 10 AND 30;
