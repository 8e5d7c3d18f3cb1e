-- Step 3. A queue of jobs in the database, the schedule that fills it, and what jobs keep of their own.
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

-- uncounted
create table job_schedule (
    org_id id not null,
    name text not null,
    last_at instant not null,
    primary key (org_id, name)
);

-- uncounted
create table job_effect (
    org_id id not null,
    name text not null,
    at instant not null,
    primary key (org_id, name)
);

create table job_mark (
    org_id id not null,
    kind text not null,
    changes int not null,
    rules bytes not null,
    at instant not null,
    primary key (org_id, kind)
);
