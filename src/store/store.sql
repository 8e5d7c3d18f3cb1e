-- statement store_steps many
-- The steps that the schema has taken, oldest first.
-- out  version int, digest text
select version, digest from store_migration order by version;

-- statement store_add_step exec
-- Notes a step that was just taken.
-- in   version int, digest text, applied_at instant
insert into store_migration (version, digest, applied_at) values (:version, :digest, :applied_at);

-- statement store_count_change exec
-- in   org_id id
insert into store_change (org_id, changes) values (:org_id, 1)
on conflict (org_id) do update set changes = store_change.changes + 1;

-- statement store_changes_of one
-- in   org_id id
-- out  changes int
select changes from store_change where org_id = :org_id;

-- statement store_changes_of_all one
-- out  changes int?
select cast(sum(changes) as bigint) as changes from store_change;

-- statement store_mark one
-- in   name text
-- out  value text
select value from store_mark where name = :name;

-- statement store_set_mark exec
-- in   name text, value text
insert into store_mark (name, value) values (:name, :value);

-- statement store_clear_mark exec
-- in   name text
delete from store_mark where name = :name;
