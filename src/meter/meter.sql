-- Statements of the meter room. A day's newest version is the one that counts.

-- statement meter_insert_batch exec
-- in   org_id id, batch_id id, meter_id id, submission_id id, person_id id, made_ms instant, mapping text,
-- in   rows_read int, rows_accepted int, rows_repeated int, rows_refused int, sum_wh int
insert into meter_batch (org_id, batch_id, meter_id, submission_id, person_id, made_ms, mapping, rows_read,
  rows_accepted, rows_repeated, rows_refused, sum_wh)
values (:org_id, :batch_id, :meter_id, :submission_id, :person_id, :made_ms, :mapping, :rows_read,
  :rows_accepted, :rows_repeated, :rows_refused, :sum_wh);

-- statement meter_insert_day exec
-- in   org_id id, meter_id id, day day, version int, batch_id id, made_ms instant, interval_minutes int,
-- in   interval_count int, sum_wh int, peak_wh int, flags int, chunk bytes
insert into meter_day (org_id, meter_id, day, version, batch_id, made_ms, interval_minutes, interval_count,
  sum_wh, peak_wh, flags, chunk)
values (:org_id, :meter_id, :day, :version, :batch_id, :made_ms, :interval_minutes, :interval_count,
  :sum_wh, :peak_wh, :flags, :chunk);

-- statement meter_select_newest one
-- in   org_id id, meter_id id, day day
-- out  version int, interval_minutes int, flags int, chunk bytes
select version, interval_minutes, flags, chunk from meter_day
where org_id = :org_id and meter_id = :meter_id and day = :day order by version desc limit 1;

-- statement meter_select_days many
-- in   org_id id, meter_id id, first day, last day, as_of_ms instant
-- out  day day, version int, interval_minutes int, flags int, chunk bytes
select d.day, d.version, d.interval_minutes, d.flags, d.chunk from meter_day d
where d.org_id = :org_id and d.meter_id = :meter_id and d.day >= :first and d.day <= :last
  and d.version = (select max(v.version) from meter_day v where v.org_id = d.org_id
    and v.meter_id = d.meter_id and v.day = d.day and v.made_ms <= :as_of_ms)
order by d.day;

-- statement meter_select_versions many
-- in   org_id id, meter_id id, day day
-- out  day day, version int, interval_minutes int, flags int, chunk bytes
select day, version, interval_minutes, flags, chunk from meter_day
where org_id = :org_id and meter_id = :meter_id and day = :day order by version;

-- statement meter_select_sums many
-- Days without their chunks: enough for months and years.
-- in   org_id id, meter_id id, first day, last day, as_of_ms instant
-- out  day day, interval_minutes int, interval_count int, sum_wh int, peak_wh int
select d.day, d.interval_minutes, d.interval_count, d.sum_wh, d.peak_wh from meter_day d
where d.org_id = :org_id and d.meter_id = :meter_id and d.day >= :first and d.day <= :last
  and d.version = (select max(v.version) from meter_day v where v.org_id = d.org_id
    and v.meter_id = d.meter_id and v.day = d.day and v.made_ms <= :as_of_ms)
order by d.day;

-- statement meter_save_mapping exec
-- in   org_id id, meter_id id, saved_ms instant, mapping text
insert into meter_mapping (org_id, meter_id, saved_ms, mapping)
values (:org_id, :meter_id, :saved_ms, :mapping)
on conflict (org_id, meter_id) do update set saved_ms = excluded.saved_ms, mapping = excluded.mapping;

-- statement meter_load_mapping one
-- in   org_id id, meter_id id
-- out  mapping text
select mapping from meter_mapping where org_id = :org_id and meter_id = :meter_id;
