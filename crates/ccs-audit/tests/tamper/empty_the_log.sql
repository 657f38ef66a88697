-- Everything is deleted but the first entry.
-- root: cut 0
-- public: cut 0
DELETE FROM entry WHERE seq > 0;
DELETE FROM checkpoint;
