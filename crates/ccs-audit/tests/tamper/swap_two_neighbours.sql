-- Two entries change places.
-- root: reordered 12
-- public: reordered 12
UPDATE entry SET seq = -1 WHERE seq = 12;
UPDATE entry SET seq = 12 WHERE seq = 13;
UPDATE entry SET seq = 13 WHERE seq = -1;
