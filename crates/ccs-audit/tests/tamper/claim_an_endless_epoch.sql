-- The first entry claims an epoch so late that its key would take years to work out.
-- root: wrong-epoch 0
-- public: wrong-epoch 0
UPDATE entry SET body =
  CAST(substr(body, 1, 24) || unhex(printf('%016x', 1 << 60)) || substr(body, 33) AS BLOB) WHERE seq = 0;
