-- An entry of an early epoch says it is of the current one.
-- root: wrong-epoch 11
-- public: wrong-epoch 11
UPDATE entry SET body =
  CAST(substr(body, 1, 24) || unhex(printf('%016x', 4)) || substr(body, 33) AS BLOB) WHERE seq = 11;
