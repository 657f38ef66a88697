-- An entry is overwritten with a copy of another.
-- root: reordered 12
-- public: reordered 12
UPDATE entry SET (body, mac, nodes) = (SELECT body, mac, nodes FROM entry WHERE seq = 20) WHERE seq = 12;
