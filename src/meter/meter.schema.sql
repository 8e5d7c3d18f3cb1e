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

-- How a meter's files are read.
create table meter_mapping (
    org_id id not null,
    meter_id id not null,
    saved_ms instant not null,
    mapping text not null,
    primary key (org_id, meter_id)
);
