-- An entry is deleted and leaves a gap.
-- root: missing 12
-- public: missing 12
DELETE FROM entry WHERE seq = 12;
