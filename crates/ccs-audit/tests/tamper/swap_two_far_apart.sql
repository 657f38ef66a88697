-- Two entries far from each other change places.
-- root: reordered 5
-- public: reordered 5
UPDATE entry SET seq = -1 WHERE seq = 5;
UPDATE entry SET seq = 5 WHERE seq = 30;
UPDATE entry SET seq = 30 WHERE seq = -1;
