-- The steps of the schema that this store has taken.
-- append-only
create table store_migration (
    version int primary key,
    digest text not null,
    applied_at instant not null
);
