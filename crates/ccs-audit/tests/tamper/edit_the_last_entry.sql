-- The newest entry, which no checkpoint covers yet.
-- root: altered 42
-- public: none: only the seal covers it yet
UPDATE entry SET body = unhex(replace(hex(body), hex('target 41'), hex('target 99'))) WHERE seq = 42;
