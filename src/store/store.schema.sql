-- The steps of the schema that this store has taken.
-- append-only
-- uncounted
create table store_migration (
    version int primary key,
    digest text not null,
    applied_at instant not null
);

-- How many works changed what belongs to an organisation; org_id 0: what belongs to nobody, and shared tables.
-- uncounted
create table store_change (
    org_id id primary key,
    changes int not null
);
