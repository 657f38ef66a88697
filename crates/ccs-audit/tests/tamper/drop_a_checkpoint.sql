-- The checkpoint that closes an epoch is deleted.
-- root: checkpoint-missing
-- public: checkpoint-missing
DELETE FROM checkpoint WHERE size = 16;
