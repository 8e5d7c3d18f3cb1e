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

-- What the store is in the middle of: 'copy' and the source, while rows of another store are brought here.
create table store_mark (
    name text not null primary key,
    value text not null
);
