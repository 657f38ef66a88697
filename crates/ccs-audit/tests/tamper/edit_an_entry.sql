-- A deny becomes a pass: one word in one entry.
-- root: altered 11
-- public: tree 10
UPDATE entry SET body = unhex(replace(hex(body), hex('deny'), hex('pass'))) WHERE seq = 11;
