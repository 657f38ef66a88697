-- The tag that ties an entry in is changed.
-- root: altered 11
-- public: none: only the root key checks seals
UPDATE entry SET mac = zeroblob(32) WHERE seq = 11;
