-- The last entries are deleted, and with them the checkpoints that cover them.
-- root: cut 20
-- public: cut 20
DELETE FROM entry WHERE seq > 20;
DELETE FROM checkpoint WHERE size > 21;
