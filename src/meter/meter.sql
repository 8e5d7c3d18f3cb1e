-- Statements of the meter room. A day's newest version is the one that counts; one without any interval
-- says that all readings of the day were withdrawn.

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
-- out  version int, interval_minutes int, interval_count int, flags int, chunk bytes
select version, interval_minutes, interval_count, flags, chunk from meter_day
where org_id = :org_id and meter_id = :meter_id and day = :day order by version desc limit 1;

-- statement meter_insert_given exec
-- in   org_id id, meter_id id, day day, batch_id id, interval_minutes int, flags int, chunk bytes
insert into meter_given (org_id, meter_id, day, batch_id, interval_minutes, flags, chunk)
values (:org_id, :meter_id, :day, :batch_id, :interval_minutes, :flags, :chunk);

-- statement meter_select_given many
-- What stands of a day, file by file, the oldest first.
-- in   org_id id, meter_id id, day day
-- out  interval_minutes int, flags int, chunk bytes
select g.interval_minutes, g.flags, g.chunk from meter_given g
where g.org_id = :org_id and g.meter_id = :meter_id and g.day = :day
  and not exists (select 1 from meter_withdrawn w
    where w.org_id = g.org_id and w.batch_id = g.batch_id)
order by g.batch_id;

-- statement meter_select_given_days many
-- in   org_id id, batch_id id
-- out  day day
select day from meter_given where org_id = :org_id and batch_id = :batch_id order by day;

-- statement meter_find_batch one
-- The file that came with a submission.
-- in   org_id id, submission_id id
-- out  batch_id id, meter_id id, derived_id id?, withdrawal_id id?
select b.batch_id, b.meter_id, d.submission_id as derived_id, w.withdrawal_id
from meter_batch b
  left join meter_derived d on d.org_id = b.org_id and d.batch_id = b.batch_id
  left join meter_withdrawn w on w.org_id = b.org_id and w.batch_id = b.batch_id
where b.org_id = :org_id and b.submission_id = :submission_id
order by b.batch_id desc limit 1;

-- statement meter_insert_derived exec
-- in   org_id id, batch_id id, submission_id id
insert into meter_derived (org_id, batch_id, submission_id)
values (:org_id, :batch_id, :submission_id);

-- statement meter_insert_withdrawn exec
-- in   org_id id, batch_id id, withdrawal_id id, person_id id, made_ms instant
insert into meter_withdrawn (org_id, batch_id, withdrawal_id, person_id, made_ms)
values (:org_id, :batch_id, :withdrawal_id, :person_id, :made_ms)
on conflict (org_id, batch_id) do nothing;

-- statement meter_select_days many
-- in   org_id id, meter_id id, first day, last day, as_of_ms instant
-- out  day day, version int, interval_minutes int, flags int, chunk bytes
select d.day, d.version, d.interval_minutes, d.flags, d.chunk from meter_day d
where d.org_id = :org_id and d.meter_id = :meter_id and d.day >= :first and d.day <= :last
  and d.version = (select max(v.version) from meter_day v where v.org_id = d.org_id
    and v.meter_id = d.meter_id and v.day = d.day and v.made_ms <= :as_of_ms)
  and d.interval_count > 0
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
  and d.interval_count > 0
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
