-- The index is told that nothing was ever denied.
-- root: index
-- public: index
DELETE FROM mark WHERE term IN (SELECT id FROM term WHERE value = 'deny');
