-- Work that is done beside the requests. One row is one job for one organisation (org_id 0: for the house);
-- `bucket` is a number 0..255 that follows from org_id and spreads the workers over the queue. A job that
-- waits may be taken from due_at on; of a running one due_at is the end of its lease. Whoever takes it raises
-- `epoch`, and only who knows the epoch may end it.
-- uncounted
create table job (
    org_id id not null,
    job_id id not null,
    bucket int not null,
    kind text not null,
    job_key text not null,
    parent_id id not null,
    state text not null,
    attempts int not null,
    epoch int not null,
    holder id not null,
    due_at instant not null,
    added_at instant not null,
    started_at instant,
    ended_at instant,
    error_code text not null,
    error_args text not null,
    primary key (org_id, job_id)
);
create unique index job_by_key on job (org_id, kind, job_key);
create index job_by_state on job (state, bucket, due_at);
create index job_by_parent on job (parent_id, state);
create index job_by_id on job (job_id);

-- The newest time of each line of the schedule for which a job was added.
-- uncounted
create table job_schedule (
    org_id id not null,
    name text not null,
    last_at instant not null,
    primary key (org_id, name)
);

-- What a job did once and must not do again: a notice about one deadline.
-- uncounted
create table job_effect (
    org_id id not null,
    name text not null,
    at instant not null,
    primary key (org_id, name)
);

-- What an organisation's last job of a kind started from: how often its rows had changed (with the job's own
-- change), and the digest of the rules. Counted, so that the job's own change is always exactly one.
create table job_mark (
    org_id id not null,
    kind text not null,
    changes int not null,
    rules bytes not null,
    at instant not null,
    primary key (org_id, kind)
);
