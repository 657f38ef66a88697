-- A byte moves from the front of the decision to the end of the tool: Bash/deny, Bashd/eny.
-- root: altered 11
-- public: tree 10
UPDATE entry SET body = unhex(replace(hex(body),
  '00000004' || hex('Bash') || '00000004' || hex('deny'),
  '00000005' || hex('Bashd') || '00000003' || hex('eny'))) WHERE seq = 11;
