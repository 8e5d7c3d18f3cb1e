-- statement store_steps many
-- The steps that the schema has taken, oldest first.
-- out  version int, digest text
select version, digest from store_migration order by version;

-- statement store_add_step exec
-- Notes a step that was just taken.
-- in   version int, digest text, applied_at instant
insert into store_migration (version, digest, applied_at) values (:version, :digest, :applied_at);
