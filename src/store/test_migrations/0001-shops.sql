-- append-only
-- uncounted
create table store_migration (
    version int primary key,
    digest text not null,
    applied_at instant not null
);
-- uncounted
create table store_change (
    org_id id primary key,
    changes int not null
);
create table store_mark (
    name text not null primary key,
    value text not null
);
create table shop (
    org_id id not null,
    shop_id id not null,
    name text not null,
    price cents not null,
    primary key (org_id, shop_id)
);
-- append-only
create table sale (
    org_id id not null,
    sale_id id not null,
    shop_id id not null,
    amount cents not null,
    primary key (org_id, sale_id)
);
