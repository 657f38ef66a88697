-- The index points to another entry.
-- root: index
-- public: index
UPDATE mark SET bits = zeroblob(32) WHERE term IN (SELECT id FROM term WHERE value = 'fs.remove');
