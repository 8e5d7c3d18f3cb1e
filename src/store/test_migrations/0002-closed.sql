alter table shop add column closed flag not null default false;
alter table shop add column note text;
update shop set closed = price = 0;
