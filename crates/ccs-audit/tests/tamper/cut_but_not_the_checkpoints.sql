-- The end is cut; the log's own checkpoints still speak of it.
-- root: cut 20
-- public: cut 20
DELETE FROM entry WHERE seq > 20;
