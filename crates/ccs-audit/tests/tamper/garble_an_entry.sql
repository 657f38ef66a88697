-- An entry is overwritten with something that is none.
-- root: unreadable 11
-- public: unreadable 11
UPDATE entry SET body = x'00' WHERE seq = 11;
