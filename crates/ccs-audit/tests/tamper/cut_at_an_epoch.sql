-- The last entries are deleted back to where an epoch was closed.
-- root: cut 23
-- public: cut 23
DELETE FROM entry WHERE seq > 23;
DELETE FROM checkpoint WHERE size > 24;
