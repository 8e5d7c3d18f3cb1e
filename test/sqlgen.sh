#!/bin/sh
# What sqlgen refuses, and where it points. usage: sqlgen.sh SQLGEN
set -u
sqlgen=$(readlink -f "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/tanshu-sqlgen-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
bad=0

cat >schema.sql <<'END'
create table org (
    org_id id not null primary key,
    name text not null,
    name_en text,
    since day not null,
    debt cents not null
);
-- append-only
create table posting (
    org_id id not null,
    posting_id id not null,
    amount grams not null,
    primary key (org_id, posting_id)
);
END

# refused LINE WORDS: standard input is room.sql; sqlgen must fail at that line and say these words.
refused() {
    cat >room.sql
    said=$("$sqlgen" statements room out.c out.h room.sql schema.sql 2>&1)
    status=$?
    case "$status $said" in
    "1 room.sql:$1: error: "*"$2"*) ;;
    *) echo "expected room.sql:$1: … $2; got ($status) $said"; bad=1 ;;
    esac
}
# refused_schema LINE WORDS: standard input is a schema.
refused_schema() {
    cat >other.sql
    said=$("$sqlgen" migration name out.c other.sql 2>&1)
    status=$?
    case "$status $said" in
    "1 other.sql:$1: error: "*"$2"*) ;;
    *) echo "expected other.sql:$1: … $2; got ($status) $said"; bad=1 ;;
    esac
}

refused 5 'no such column: o.nam' <<'END'
-- statement room_x many
-- in  org_id id
-- out name text
select
    o.nam from org o where org_id = :org_id;
END
refused 4 'parameter :org is not in the list' <<'END'
-- statement room_x many
-- in  org_id id
-- out name text
select name from org where org_id = :org;
END
refused 2 'parameter other of room_x is not used' <<'END'
-- statement room_x many
-- in  org_id id, other int
-- out name text
select name from org where org_id = :org_id;
END
refused 3 'gives 2 columns, but -- out names 1' <<'END'
-- statement room_x many
-- out name text
select name, since from org;
END
refused 2 'column 1 of room_x is since, but -- out calls it name' <<'END'
-- statement room_x many
-- out name text, since day
select since, name from org;
END
refused 2 'debt is cents in the schema, but -- out says grams' <<'END'
-- statement room_x many
-- out debt grams
select debt from org;
END
refused 2 'name_en may be NULL' <<'END'
-- statement room_x many
-- out name_en text
select name_en from org;
END
refused 2 'posting, which is append-only' <<'END'
-- statement room_x exec
update posting set amount = 0;
END
refused 2 'posting, which is append-only' <<'END'
-- statement room_x exec
delete from posting;
END
refused 3 "own; write insert" <<'END'
-- statement room_x exec
-- in a id, b id, c grams
insert or replace into posting (org_id, posting_id, amount) values (:a, :b, :c);
END
refused 2 'amount is grams in the schema, but room_x puts the cents c there' <<'END'
-- statement room_x exec
-- in a id, b id, c cents
insert into posting (org_id, posting_id, amount) values (:a, :b, :c);
END
refused 2 'amount is never NULL in the schema, but c may be' <<'END'
-- statement room_x exec
-- in a id, b id, c grams?
insert into posting (org_id, posting_id, amount) values (:a, coalesce(:b, 1), :c);
END
refused 2 'may only select' <<'END'
-- statement room_x exec
drop table posting;
END
refused 3 'write cast(x as type)' <<'END'
-- statement room_x many
-- out debt cents
select debt::bigint as debt from org;
END
refused 1 'must be in lower case and start with room_' <<'END'
-- statement other_x exec
delete from org;
END
refused 3 'exists already (line 1)' <<'END'
-- statement room_x exec
delete from org;
-- statement room_x exec
delete from org;
END
refused 1 'has no text for postgres' <<'END'
-- statement room_x exec
-- sqlite
delete from org;
END
refused 2 "'number' is not a type" <<'END'
-- statement room_x exec
-- in a number
delete from org where debt = :a;
END
refused_schema 2 "'integer' is not a type" <<'END'
create table t (
    a integer not null
);
END
refused_schema 2 "'order' is a reserved word of PostgreSQL" <<'END'
create table t (
    order int not null
);
END
refused_schema 1 'expected create table or create [unique] index' <<'END'
create trigger t after insert on x begin select 1; end;
END
refused_schema 1 'table t has no primary key' <<'END'
create table t (
    a int not null
);
END
refused_schema 4 'table t exists already' <<'END'
create table t (
    a int primary key
);
create table t (a int not null);
END

# What is right passes, and gives the same bytes each time.
cat >room.sql <<'END'
-- statement room_set_debt one
-- Notes a debt: the text 'it''s :fine' is not a parameter.
-- in  org_id id, debt cents?, name text
-- out debt cents
update org set debt = coalesce(:debt, debt), name = :name
where org_id = :org_id and name <> 'it''s :fine' returning debt;
END
"$sqlgen" statements room one.c one.h room.sql schema.sql || bad=1
"$sqlgen" statements room two.c two.h room.sql schema.sql || bad=1
cmp -s one.h two.h || { echo "two runs differ"; bad=1; }
grep -q "coalesce(?2, debt), name = ?3 where org_id = ?1 and name <> 'it''s :fine' returning" one.c || {
    echo "SQLite text is wrong"; bad=1; }
grep -q "coalesce(\$2, debt), name = \$3 where org_id = \$1" one.c || { echo "PostgreSQL text is wrong"; bad=1; }
"$sqlgen" migration history out.c schema.sql || bad=1
for words in 'org_id INTEGER not null primary key, name TEXT' 'STRICT, WITHOUT ROWID;' \
    'name text COLLATE \\"C\\" not null' 'org_id bigint not null, posting_id bigint'; do
    grep -q "$words" out.c || { echo "the migration lacks: $words"; bad=1; }
done

# Numbered steps: read in order, each as it was released, and together what the rooms say.
cat >0001-first.sql <<'END'
create table t (
    a id not null primary key
);
END
cat >0002-more.sql <<'END'
alter table t add column b flag not null default false;
update t set b = a > 5;
create index t_by_b on t (b);
END
cat >now.sql <<'END'
create table t (
    a id not null primary key,
    b flag not null default false
);
create index t_by_b on t (b);
END
listed() { # the line that sqlgen asks for
    "$sqlgen" history name out.c released "$@" 2>&1 | sed -n 's/.*a new step needs its line here: //p'
}
: >released
listed 0001-first.sql >one
cat one >released
listed 0001-first.sql 0002-more.sql >>released
"$sqlgen" history name out.c released 0001-first.sql 0002-more.sql -- now.sql || bad=1
for words in '"alter table t add column b INTEGER not null default false check (b in (0, 1));"' \
    '"alter table t add column b boolean not null default false;"' '{2, "'; do
    grep -qF "$words" out.c || { echo "the history lacks: $words"; bad=1; }
done
# refused_history WORDS FILE...: sqlgen must refuse these steps in these words.
refused_history() {
    words=$1
    shift
    said=$("$sqlgen" history name out.c released "$@" 2>&1)
    status=$?
    case "$status $said" in
    "1 "*"$words"*) ;;
    *) echo "expected … $words; got ($status) $said"; bad=1 ;;
    esac
}
refused_history 'expected a name like 0002-what-it-does.sql' 0001-first.sql 0001-first.sql
refused_history 'what no migration makes: table t: column b INTEGER not null default false' 0001-first.sql -- now.sql
refused_history "what no room's schema has: table t: column b" 0001-first.sql 0002-more.sql -- 0001-first.sql
cp 0002-more.sql more.sql
echo 'insert into t (a) values (1);' >>0002-more.sql
refused_history '0002-more was released with another text' 0001-first.sql 0002-more.sql
sed 's/t_by_b on t/t_by_b on u/' more.sql >0002-more.sql
cp one released
listed 0001-first.sql 0002-more.sql >>released
refused_history 'no such table: main.u' 0001-first.sql 0002-more.sql
exit $bad
