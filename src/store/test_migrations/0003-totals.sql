create table shop_total (
    org_id id not null,
    shop_id id not null,
    sales int not null,
    amount cents not null,
    primary key (org_id, shop_id)
);
insert into shop_total (org_id, shop_id, sales, amount)
select org_id, shop_id, count(*), sum(amount) from sale group by org_id, shop_id;
create index sale_by_shop on sale (org_id, shop_id);
