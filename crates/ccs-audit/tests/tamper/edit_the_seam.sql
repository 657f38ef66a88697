-- What the segment says of the one before is changed.
-- root: seam
-- public: seam
UPDATE seam SET body = unhex(replace(hex(body), hex('test.example'), hex('best.example')));
