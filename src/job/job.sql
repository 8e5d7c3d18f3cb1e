-- statement job_insert exec
-- Adds a job unless the organisation has one of this kind and key.
-- in   org_id id, job_id id, bucket int, kind text, job_key text, parent_id id, due_at instant, added_at instant
insert into job (org_id, job_id, bucket, kind, job_key, parent_id, state, attempts, epoch, holder, due_at,
                 added_at, started_at, ended_at, error_code, error_args)
values (:org_id, :job_id, :bucket, :kind, :job_key, :parent_id, 'waiting', 0, 0, 0, :due_at,
        :added_at, null, null, '', '')
on conflict (org_id, kind, job_key) do nothing;

-- statement job_due many
-- Jobs of a state whose time has come, from a bucket on.
-- in   state text, bucket int, now instant, rows_max int
-- out  org_id id, job_id id, kind text, epoch int
select org_id, job_id, kind, epoch from job
where state = :state and bucket >= :bucket and due_at <= :now
order by bucket, due_at limit :rows_max;

-- statement job_take one
-- The lease: taken by who saw the job in this epoch while its time had come.
-- in   org_id id, job_id id, epoch int, holder id, now instant, until instant
-- out  kind text, job_key text, parent_id id, attempts int, epoch int, added_at instant
update job set state = 'running', epoch = epoch + 1, attempts = attempts + 1, holder = :holder,
               due_at = :until, started_at = :now
where org_id = :org_id and job_id = :job_id and epoch = :epoch and state in ('waiting', 'running')
  and due_at <= :now
returning kind, job_key, parent_id, attempts, epoch, added_at;

-- statement job_finish exec
-- The fence: changes no row when somebody else has taken the job since.
-- in   org_id id, job_id id, epoch int, now instant
update job set state = 'done', ended_at = :now, error_code = '', error_args = ''
where org_id = :org_id and job_id = :job_id and epoch = :epoch and state = 'running';

-- statement job_fail exec
-- in   org_id id, job_id id, epoch int, state text, due_at instant, now instant, error_code text, error_args text
update job set state = :state, due_at = :due_at, ended_at = :now, error_code = :error_code,
               error_args = :error_args
where org_id = :org_id and job_id = :job_id and epoch = :epoch and state = 'running';

-- statement job_retry exec
-- in   org_id id, job_id id
update job set state = 'waiting', attempts = 0, epoch = epoch + 1, due_at = 0
where org_id = :org_id and job_id = :job_id and state = 'dead';

-- statement job_by_id one
-- in   job_id id
-- out  org_id id, job_id id, kind text, job_key text, parent_id id, state text, attempts int, epoch int,
-- out  due_at instant, added_at instant, started_at instant?, ended_at instant?, error_code text,
-- out  error_args text
select org_id, job_id, kind, job_key, parent_id, state, attempts, epoch, due_at, added_at, started_at,
       ended_at, error_code, error_args
from job where job_id = :job_id;

-- statement job_of_state many
-- The newest jobs of a state.
-- in   state text, kind text, any_kind flag, skip int, rows_max int
-- out  org_id id, job_id id, kind text, job_key text, parent_id id, state text, attempts int, epoch int,
-- out  due_at instant, added_at instant, started_at instant?, ended_at instant?, error_code text,
-- out  error_args text
select org_id, job_id, kind, job_key, parent_id, state, attempts, epoch, due_at, added_at, started_at,
       ended_at, error_code, error_args
from job where state = :state and (:any_kind or kind = :kind)
order by job_id desc limit :rows_max offset :skip;

-- statement job_counts many
-- How many there are of each kind and state, and when the first of them was added.
-- out  kind text, state text, jobs int, added_at instant?
select kind, state, cast(count(*) as bigint) as jobs, min(added_at) as added_at
from job group by kind, state order by kind, state;

-- statement job_planned many
-- The newest jobs of the house.
-- in   rows_max int
-- out  org_id id, job_id id, kind text, job_key text, parent_id id, state text, attempts int, epoch int,
-- out  due_at instant, added_at instant, started_at instant?, ended_at instant?, error_code text,
-- out  error_args text
select org_id, job_id, kind, job_key, parent_id, state, attempts, epoch, due_at, added_at, started_at,
       ended_at, error_code, error_args
from job where org_id = 0 order by job_id desc limit :rows_max;

-- statement job_children many
-- in   parent_id id
-- out  state text, jobs int
select state, cast(count(*) as bigint) as jobs from job where parent_id = :parent_id
group by state order by state;

-- statement job_sweep exec
-- Removes what was done long ago.
-- in   before instant
delete from job where state = 'done' and ended_at < :before;

-- statement job_begin_schedule exec
-- Notes a line that was never seen.
-- in   name text, last_at instant
insert into job_schedule (org_id, name, last_at) values (0, :name, :last_at)
on conflict (org_id, name) do nothing;

-- statement job_move_schedule exec
-- One row changed for the one who is first to see that this time has come.
-- in   name text, last_at instant
update job_schedule set last_at = :last_at where org_id = 0 and name = :name and last_at < :last_at;

-- statement job_add_effect exec
-- One row changed the first time.
-- in   org_id id, name text, at instant
insert into job_effect (org_id, name, at) values (:org_id, :name, :at) on conflict (org_id, name) do nothing;

-- statement job_mark_of one
-- in   org_id id, kind text
-- out  changes int, rules bytes, at instant
select changes, rules, at from job_mark where org_id = :org_id and kind = :kind;

-- statement job_set_mark exec
-- in   org_id id, kind text, changes int, rules bytes, at instant
insert into job_mark (org_id, kind, changes, rules, at) values (:org_id, :kind, :changes, :rules, :at)
on conflict (org_id, kind) do update set changes = excluded.changes, rules = excluded.rules, at = excluded.at;
