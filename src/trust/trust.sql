-- Statements of the evidence log. The tree's own rows stand under org_id 0.

-- statement trust_insert_leaf exec
-- Keeps what opens a leaf, for its organisation alone.
-- in   org_id id, leaf_id id, kind text, object_id id, content bytes, salt bytes, commitment bytes, added_at instant
insert into log_leaf (org_id, leaf_id, kind, object_id, content, salt, commitment, added_at)
values (:org_id, :leaf_id, :kind, :object_id, :content, :salt, :commitment, :added_at);

-- statement trust_insert_pending exec
-- Puts a leaf into the sequencer's queue.
-- in   org_id id, leaf_id id, commitment bytes
insert into log_pending (org_id, leaf_id, commitment) values (:org_id, :leaf_id, :commitment);

-- statement trust_list_pending many
-- The leaves that wait longest.
-- in   rows_max int
-- out  org_id id, leaf_id id, commitment bytes
select p.org_id, p.leaf_id, p.commitment from log_pending p order by p.leaf_id, p.org_id limit :rows_max;

-- statement trust_count_pending one
-- How many leaves wait.
-- out  waiting int
select count(*) as waiting from log_pending;

-- statement trust_delete_pending exec
-- A leaf has its place.
-- in   org_id id, leaf_id id
delete from log_pending where org_id = :org_id and leaf_id = :leaf_id;

-- statement trust_forget_leaves exec
-- Lawful erasure of what opens the leaves of an object.
-- in   org_id id, kind text, object_id id
delete from log_leaf where org_id = :org_id and kind = :kind and object_id = :object_id;

-- statement trust_latest_leaf one
-- The newest leaf of an object.
-- in   org_id id, kind text, object_id id
-- out  leaf_id id, content bytes, salt bytes, commitment bytes
select l.leaf_id, l.content, l.salt, l.commitment from log_leaf l
where l.org_id = :org_id and l.kind = :kind and l.object_id = :object_id
order by l.leaf_id desc limit 1;

-- statement trust_list_leaves many
-- All leaves of an organisation, for its export.
-- in   org_id id
-- out  leaf_id id, kind text, object_id id, content bytes, salt bytes, commitment bytes
select l.leaf_id, l.kind, l.object_id, l.content, l.salt, l.commitment from log_leaf l
where l.org_id = :org_id order by l.leaf_id;

-- statement trust_tree_size one
-- Entries that have a place.
-- out  tree_size int
select coalesce(max(e.entry_index) + 1, 0) as tree_size from log_entry e where e.org_id = 0;

-- statement trust_insert_entry exec
-- Gives a leaf its place.
-- in   entry_index int, leaf_id id, commitment bytes
insert into log_entry (org_id, entry_index, leaf_id, commitment)
values (0, :entry_index, :leaf_id, :commitment);

-- statement trust_list_entries many
-- Entries from first to before last.
-- in   first int, last int
-- out  entry_index int, commitment bytes
select e.entry_index, e.commitment from log_entry e
where e.org_id = 0 and e.entry_index >= :first and e.entry_index < :last order by e.entry_index;

-- statement trust_find_entry one
-- The place of a leaf.
-- in   leaf_id id
-- out  entry_index int
select e.entry_index from log_entry e where e.org_id = 0 and e.leaf_id = :leaf_id;

-- statement trust_insert_node exec
-- Keeps the root of a full tile.
-- in   level int, node_index int, hash bytes
insert into log_node (org_id, level, node_index, hash) values (0, :level, :node_index, :hash);

-- statement trust_list_nodes many
-- Nodes of a level from first to before last.
-- in   level int, first int, last int
-- out  node_index int, hash bytes
select n.node_index, n.hash from log_node n
where n.org_id = 0 and n.level = :level and n.node_index >= :first and n.node_index < :last
order by n.node_index;

-- statement trust_insert_checkpoint exec
-- Keeps a signed checkpoint.
-- in   checkpoint_id id, tree_size int, root bytes, note text, epoch int, signed_at instant
insert into log_checkpoint (org_id, checkpoint_id, tree_size, root, note, epoch, signed_at)
values (0, :checkpoint_id, :tree_size, :root, :note, :epoch, :signed_at);

-- statement trust_latest_checkpoint one
-- The newest checkpoint; of the same size, the one signed last.
-- out  tree_size int, root bytes, note text, signed_at instant
select c.tree_size, c.root, c.note, c.signed_at from log_checkpoint c where c.org_id = 0
order by c.tree_size desc, c.signed_at desc, c.checkpoint_id desc limit 1;

-- statement trust_checkpoint_at one
-- The newest checkpoint signed at or before an instant.
-- in   at instant
-- out  tree_size int, root bytes, note text, signed_at instant
select c.tree_size, c.root, c.note, c.signed_at from log_checkpoint c
where c.org_id = 0 and c.signed_at <= :at
order by c.tree_size desc, c.signed_at desc, c.checkpoint_id desc limit 1;

-- statement trust_list_checkpoints many
-- The newest checkpoints.
-- in   rows_max int
-- out  tree_size int, root bytes, note text, epoch int, signed_at instant
select c.tree_size, c.root, c.note, c.epoch, c.signed_at from log_checkpoint c where c.org_id = 0
order by c.tree_size desc, c.signed_at desc, c.checkpoint_id desc limit :rows_max;

-- statement trust_insert_lease exec
-- Makes the one row of the lease, free to take.
insert into log_lease (org_id, holder, epoch, until) values (0, 0, 0, 0) on conflict (org_id) do nothing;

-- statement trust_take_lease exec
-- Takes the lease when it is free or run out; one row changed when it was taken.
-- in   holder id, now instant, until instant
update log_lease set holder = :holder, epoch = epoch + 1, until = :until where org_id = 0 and until < :now;

-- statement trust_find_lease one
-- Who holds the lease.
-- out  holder id, epoch int, until instant
select l.holder, l.epoch, l.until from log_lease l where l.org_id = 0;

-- statement trust_hold_lease exec
-- The fence: one row changed when this holder still has this epoch. Releases with until 0.
-- in   holder id, epoch int, until instant
update log_lease set until = :until where org_id = 0 and holder = :holder and epoch = :epoch;

-- statement trust_insert_owner exec
-- in   verifier text
insert into log_owner (org_id, verifier) values (0, :verifier) on conflict (org_id) do nothing;

-- statement trust_select_owner one
-- out  verifier text
select verifier from log_owner where org_id = 0;
