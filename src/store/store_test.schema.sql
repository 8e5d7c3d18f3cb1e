-- Tables that only the store's own tests have.
create table thing (
    org_id id not null,
    thing_id id not null,
    count_made int not null,
    mass grams not null,
    price cents not null,
    ratio real64 not null,
    name text not null,
    body bytes not null,
    since day not null,
    seen instant not null,
    active flag not null,
    primary key (org_id, thing_id)
);
-- uncounted
create table maybe (
    org_id id not null,
    maybe_id id not null,
    mass grams,
    ratio real64,
    name text,
    body bytes,
    since day,
    active flag,
    primary key (org_id, maybe_id)
);
create unique index maybe_name on maybe (org_id, name);
-- append-only
create table entry (
    org_id id not null,
    entry_id id not null,
    amount grams not null,
    primary key (org_id, entry_id)
);
-- shared
create table part (
    org_id id not null,
    part_id id not null,
    thing_id id not null,
    primary key (org_id, part_id),
    foreign key (org_id, thing_id) references thing (org_id, thing_id)
);
