-- statement store_test_add_thing exec
-- in   org_id id, thing_id id, count_made int, mass grams, price cents, ratio real64,
-- in   name text, body bytes, since day, seen instant, active flag
insert into thing (org_id, thing_id, count_made, mass, price, ratio, name, body, since, seen, active)
values (:org_id, :thing_id, :count_made, :mass, :price, :ratio, :name, :body, :since, :seen, :active);

-- statement store_test_find_thing one
-- in   org_id id, thing_id id
-- out  count_made int, mass grams, price cents, ratio real64, name text, body bytes, since day,
-- out  seen instant, active flag
select count_made, mass, price, ratio, name, body, since, seen, active
from thing where org_id = :org_id and thing_id = :thing_id;

-- statement store_test_add_maybe exec
-- in   org_id id, maybe_id id, mass grams?, ratio real64?, name text?, body bytes?, since day?, active flag?
insert into maybe (org_id, maybe_id, mass, ratio, name, body, since, active)
values (:org_id, :maybe_id, :mass, :ratio, :name, :body, :since, :active);

-- statement store_test_maybes many
-- in   org_id id, only_active flag?
-- out  maybe_id id, mass grams?, ratio real64?, name text?, body bytes?, since day?, active flag?
select maybe_id, mass, ratio, name, body, since, active from maybe
where org_id = :org_id and (:only_active is null or active = :only_active) order by maybe_id;

-- statement store_test_add_entry exec
-- in   org_id id, entry_id id, amount grams
insert into entry (org_id, entry_id, amount) values (:org_id, :entry_id, :amount);

-- statement store_test_total one
-- in   org_id id
-- out  entries int, total grams?, mean real64?, newest id?
select count(*) as entries, cast(sum(amount) as bigint) as total, avg(amount) as mean,
       max(entry_id) as newest
from entry where org_id = :org_id;

-- statement store_test_set_price one
-- Changes one thing and gives what it became.
-- in   org_id id, thing_id id, more cents
-- out  price cents
update thing set price = price + :more where org_id = :org_id and thing_id = :thing_id returning price;

-- statement store_test_remove_thing exec
-- in   org_id id, thing_id id
delete from thing where org_id = :org_id and thing_id = :thing_id;

-- statement store_test_add_part exec
-- in   org_id id, part_id id, thing_id id
insert into part (org_id, part_id, thing_id) values (:org_id, :part_id, :thing_id);

-- statement store_test_any_thing one
-- Wrong on purpose when there are several: one row at most is promised.
-- in   org_id id
-- out  thing_id id
select thing_id from thing where org_id = :org_id;

-- statement store_test_null_total one
-- Wrong on purpose when there is no entry: the sum is NULL then.
-- in   org_id id
-- out  total grams
select cast(sum(amount) as bigint) as total from entry where org_id = :org_id;

-- statement store_test_names many
-- in   org_id id
-- out  name text
select name from thing where org_id = :org_id order by name;

-- statement store_test_dialect one
-- out  dialect text
-- sqlite
select 'sqlite' as dialect;
-- postgres
select 'postgres' as dialect;

-- statement store_test_find_entry one
-- in   org_id id, entry_id id
-- out  amount grams
select amount from entry where org_id = :org_id and entry_id = :entry_id;
