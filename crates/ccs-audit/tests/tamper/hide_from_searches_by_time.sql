-- The index says that a block is of another time.
-- root: index
-- public: index
UPDATE block SET oldest = 0, newest = 0;
