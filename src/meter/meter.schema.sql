-- Readings of meters. A meter is an asset of the registry; energy in integer Wh.

-- One file that was read for a meter.
-- append-only
create table meter_batch (
    org_id id not null,
    batch_id id not null,
    meter_id id not null,
    submission_id id not null,
    person_id id not null,
    made_ms instant not null,
    mapping text not null,
    rows_read int not null,
    rows_accepted int not null,
    rows_repeated int not null,
    rows_refused int not null,
    sum_wh int not null,
    primary key (org_id, batch_id)
);

-- One meter's day: interval values as presence bits and zigzag varint deltas. The newest version counts.
-- append-only
create table meter_day (
    org_id id not null,
    meter_id id not null,
    day day not null,
    version int not null,
    batch_id id not null,
    made_ms instant not null,
    interval_minutes int not null,
    interval_count int not null,
    sum_wh int not null,
    peak_wh int not null,
    flags int not null,
    chunk bytes not null,
    primary key (org_id, meter_id, day, version)
);

-- What one file gave for a day, before it was merged with what was stored: a day is made from the
-- files that are not withdrawn, in the order of their batches.
-- append-only
create table meter_given (
    org_id id not null,
    meter_id id not null,
    day day not null,
    batch_id id not null,
    interval_minutes int not null,
    flags int not null,
    chunk bytes not null,
    primary key (org_id, meter_id, day, batch_id)
);
create index meter_given_by_batch on meter_given (org_id, batch_id);

-- The submission of monthly data that was derived when a file came.
-- append-only
create table meter_derived (
    org_id id not null,
    batch_id id not null,
    submission_id id not null,
    primary key (org_id, batch_id)
);

-- A file whose readings no longer count; withdrawal_id is the submission that says so, with the reason.
-- append-only
create table meter_withdrawn (
    org_id id not null,
    batch_id id not null,
    withdrawal_id id not null,
    person_id id not null,
    made_ms instant not null,
    primary key (org_id, batch_id)
);

-- How a meter's files are read.
create table meter_mapping (
    org_id id not null,
    meter_id id not null,
    saved_ms instant not null,
    mapping text not null,
    primary key (org_id, meter_id)
);
