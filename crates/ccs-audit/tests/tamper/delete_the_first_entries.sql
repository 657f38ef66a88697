-- The log loses its beginning.
-- root: missing 0
-- public: missing 0
DELETE FROM entry WHERE seq < 5;
