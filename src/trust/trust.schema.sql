-- The evidence log. One tree serves the whole house, so its tables are keyed by the log's own org_id 0
-- and stay on one shard; what opens a leaf is private to its organisation.

-- What a leaf means. Erased when the law says so; the tree keeps only the commitment.
-- uncounted
create table log_leaf (
    org_id id not null,
    leaf_id id not null,
    kind text not null,
    object_id id not null,
    content bytes not null,
    salt bytes not null,
    commitment bytes not null,
    added_at instant not null,
    primary key (org_id, leaf_id)
);
create index log_leaf_by_object on log_leaf (org_id, kind, object_id, leaf_id);

-- Leaves that wait for their place: the sequencer's queue.
-- uncounted
create table log_pending (
    org_id id not null,
    leaf_id id not null,
    commitment bytes not null,
    primary key (org_id, leaf_id)
);

-- The entries in their order.
-- append-only
-- uncounted
create table log_entry (
    org_id id not null,
    entry_index int not null,
    leaf_id id not null,
    commitment bytes not null,
    primary key (org_id, entry_index)
);
create unique index log_entry_by_leaf on log_entry (org_id, leaf_id);

-- Roots of complete subtrees of 256, 65536, ... leaves (level 1, 2, ...): what full tiles hash to.
-- append-only
-- uncounted
create table log_node (
    org_id id not null,
    level int not null,
    node_index int not null,
    hash bytes not null,
    primary key (org_id, level, node_index)
);

-- append-only
-- uncounted
create table log_checkpoint (
    org_id id not null,
    checkpoint_id id not null,
    tree_size int not null,
    root bytes not null,
    note text not null,
    epoch int not null,
    signed_at instant not null,
    primary key (org_id, checkpoint_id)
);
create index log_checkpoint_by_size on log_checkpoint (org_id, tree_size, signed_at);

-- Who may order and sign. Each taking of the lease has a higher epoch; a holder whose epoch is past writes nothing.
-- uncounted
create table log_lease (
    org_id id not null,
    holder id not null,
    epoch int not null,
    until instant not null,
    primary key (org_id)
);

-- Whose log this is: the public key that signs it. A store never changes hands.
-- append-only
-- uncounted
create table log_owner (
    org_id id not null,
    verifier text not null,
    primary key (org_id)
);
