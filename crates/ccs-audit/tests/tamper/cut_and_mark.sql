-- The end is cut, and the mark of the old end is moved to the new one.
-- root: cut 40
-- public: none: only the root key checks seals
UPDATE entry SET seal = (SELECT seal FROM entry WHERE seq = 42) WHERE seq = 40;
DELETE FROM entry WHERE seq > 40;
