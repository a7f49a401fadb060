"""The two statements that write marks (给分): each is one whole transaction."""

from __future__ import annotations

from foundation.clock import NOW_SQL

# One statement is one transaction: the key, the lock, the compare-and-set, the rows, the trail. FOR SHARE lets the
# judge's own requests pass each other but excludes signing, whose FOR UPDATE makes this statement read the seat anew.
ENTER_SQL = f"""
WITH held AS MATERIALIZED (
  SELECT s.event, s.sheet_state, e.stage, (e.rule_set = $5 AND p.aspects = $6::varchar[]) AS known
  FROM seat s JOIN event e ON e.id = s.event JOIN panel p ON p.id = s.panel
  WHERE s.id = $1 AND s.account = $2 AND s.vacated_at IS NULL
  FOR SHARE OF s
), before AS MATERIALIZED (
  SELECT account, digest, answer FROM idempotency_key WHERE id = $3
), cell AS MATERIALIZED (
  SELECT c.place, c.aspect, c.value, c.base, n.id AS entry, n.status, x.id IS NOT NULL AS excused,
         coalesce(m.version, 0)::int AS version, m.value AS stands
  FROM held
  CROSS JOIN unnest($7::varchar[], $8::varchar[], $9::varchar[], $10::int[]) WITH ORDINALITY
       AS c(code, aspect, value, base, place)
  LEFT JOIN LATERAL (
    SELECT i.id, i.status FROM entry i WHERE i.event = held.event AND i.code = c.code AND i.stage = 'accepted' LIMIT 1
  ) n ON true
  LEFT JOIN excusal x ON x.seat = $1 AND x.entry = n.id
  LEFT JOIN LATERAL (
    SELECT k.version, k.value FROM mark k WHERE k.entry = n.id AND k.aspect = c.aspect AND k.seat = $1
    ORDER BY k.version DESC LIMIT 1
  ) m ON true
), keyed AS (
  INSERT INTO idempotency_key (id, account, digest, status, answer, made_at)
  SELECT $3, $2, $4, 200, $11, {NOW_SQL} FROM held
  WHERE held.known AND held.sheet_state = 'open' AND held.stage = 'judging' AND NOT EXISTS (SELECT FROM before)
    AND NOT EXISTS (SELECT FROM cell WHERE entry IS NULL OR status <> 'competed' OR excused OR version <> base)
  ON CONFLICT (id) DO NOTHING
  RETURNING id
), marked AS (
  INSERT INTO mark (event, seat, entry, aspect, version, value, amount, marked_by, reason, marked_at)
  SELECT held.event, $1, cell.entry, cell.aspect, cell.base + 1, cell.value, cell.value::numeric, $2, '', {NOW_SQL}
  FROM keyed, held, cell
), trailed AS (
  INSERT INTO trail_entry (at, actor, action, subject_kind, subject, body)
  SELECT {NOW_SQL}, $12, 'marks.entered', 'seat', $1, $13 FROM keyed
)
SELECT held.known, held.sheet_state, held.stage, EXISTS (SELECT FROM keyed) AS written,
       before.account, before.digest, before.answer,
       CASE WHEN NOT EXISTS (SELECT FROM keyed) AND before.answer IS NULL THEN (
         SELECT array_agg(ROW(place, entry IS NOT NULL, status, excused, version, stands) ORDER BY place) FROM cell
         WHERE entry IS NULL OR status <> 'competed' OR excused OR version <> base
       ) END AS faults
FROM held LEFT JOIN before ON true
"""

# Most requests bring one mark that nothing speaks against: this is the shortest way for them. It writes everything or
# nothing; where it wrote nothing, ENTER_SQL finds out why (or answers a repeated key).
ENTER_ONE_SQL = f"""
WITH held AS (
  SELECT s.event, n.id AS entry
  FROM seat s JOIN event e ON e.id = s.event JOIN panel p ON p.id = s.panel JOIN entry n ON n.event = s.event
  WHERE s.id = $1 AND s.account = $2 AND s.vacated_at IS NULL AND s.sheet_state = 'open' AND e.stage = 'judging'
    AND e.rule_set = $5 AND p.aspects = $6::varchar[] AND n.code = $7 AND n.stage = 'accepted' AND n.status = 'competed'
    AND NOT EXISTS (SELECT FROM excusal x WHERE x.seat = $1 AND x.entry = n.id)
    AND $10::int = coalesce((SELECT max(k.version) FROM mark k WHERE k.entry = n.id AND k.aspect = $8 AND k.seat = $1), 0)
  FOR SHARE OF s
), keyed AS (
  INSERT INTO idempotency_key (id, account, digest, status, answer, made_at)
  SELECT $3, $2, $4, 200, $11, {NOW_SQL} FROM held ON CONFLICT (id) DO NOTHING RETURNING id
), marked AS (
  INSERT INTO mark (event, seat, entry, aspect, version, value, amount, marked_by, reason, marked_at)
  SELECT held.event, $1, held.entry, $8, $10 + 1, $9::varchar, ($9::varchar)::numeric, $2, '', {NOW_SQL} FROM keyed, held
), trailed AS (
  INSERT INTO trail_entry (at, actor, action, subject_kind, subject, body)
  SELECT {NOW_SQL}, $12, 'marks.entered', 'seat', $1, $13 FROM keyed
)
SELECT true FROM keyed
"""

# The same for marks of several judges that were sent at the same moment: one transaction, one wait for the disk. A seat
# that is being signed is passed over, so that no judge waits for another; whatever was not written goes its own way.
ENTER_MANY_SQL = f"""
WITH held AS (
  SELECT s.event, n.id AS entry, c.*
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], $5::uuid[], $6::varchar[], $7::varchar[], $8::varchar[],
              $9::varchar[], $10::int[], $11::text[], $12::uuid[], $13::text[])
       AS c(seat, account, key, digest, rule_set, codes, code, aspect, value, base, answer, pseudonym, body)
  JOIN seat s ON s.id = c.seat AND s.account = c.account AND s.vacated_at IS NULL AND s.sheet_state = 'open'
  JOIN event e ON e.id = s.event AND e.stage = 'judging' AND e.rule_set = c.rule_set
  JOIN panel p ON p.id = s.panel AND array_to_string(p.aspects, ' ') = c.codes
  JOIN entry n ON n.event = s.event AND n.code = c.code AND n.stage = 'accepted' AND n.status = 'competed'
  WHERE NOT EXISTS (SELECT FROM excusal x WHERE x.seat = c.seat AND x.entry = n.id)
    AND c.base = coalesce((SELECT max(k.version) FROM mark k WHERE k.entry = n.id AND k.aspect = c.aspect AND k.seat = c.seat), 0)
  FOR SHARE OF s SKIP LOCKED
), keyed AS (
  INSERT INTO idempotency_key (id, account, digest, status, answer, made_at)
  SELECT key, account, digest, 200, answer, {NOW_SQL} FROM held ON CONFLICT (id) DO NOTHING RETURNING id
), marked AS (
  INSERT INTO mark (event, seat, entry, aspect, version, value, amount, marked_by, reason, marked_at)
  SELECT event, seat, entry, aspect, base + 1, value, value::numeric, account, '', {NOW_SQL}
  FROM keyed JOIN held ON held.key = keyed.id
), trailed AS (
  INSERT INTO trail_entry (at, actor, action, subject_kind, subject, body)
  SELECT {NOW_SQL}, pseudonym, 'marks.entered', 'seat', seat, body FROM keyed JOIN held ON held.key = keyed.id
)
SELECT id FROM keyed
"""
