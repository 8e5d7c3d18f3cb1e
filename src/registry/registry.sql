-- Statements of the registry room. Each names org_id, except those on the small directory tables.

-- ---- organisations ----

-- statement registry_insert_org exec
-- in   org_id id, kind text, name text, name_en text, industry text, division text, province text,
-- in   grid_region text, scale text, founded day?, on_register flag, ets flag, invented flag,
-- in   utc_offset_minutes int, created_at instant
insert into org (org_id, kind, name, name_en, industry, division, province, grid_region, scale,
  founded, on_register, ets, invented, utc_offset_minutes, created_at)
values (:org_id, :kind, :name, :name_en, :industry, :division, :province, :grid_region, :scale,
  :founded, :on_register, :ets, :invented, :utc_offset_minutes, :created_at);

-- statement registry_update_org exec
-- in   org_id id, name text, name_en text, industry text, division text, province text,
-- in   grid_region text, scale text, founded day?, on_register flag, ets flag, invented flag,
-- in   utc_offset_minutes int
update org set name = :name, name_en = :name_en, industry = :industry, division = :division,
  province = :province, grid_region = :grid_region, scale = :scale, founded = :founded,
  on_register = :on_register, ets = :ets, invented = :invented,
  utc_offset_minutes = :utc_offset_minutes
where org_id = :org_id;

-- statement registry_select_org one
-- in   org_id id
-- out  org_id id, kind text, name text, name_en text, scheme text?, identifier text?,
-- out  industry text, division text, province text, grid_region text, scale text, founded day?,
-- out  on_register flag, ets flag, invented flag, utc_offset_minutes int, created_at instant
select o.org_id, o.kind, o.name, o.name_en, i.scheme, i.value as identifier, o.industry, o.division,
  o.province, o.grid_region, o.scale, o.founded, o.on_register, o.ets, o.invented,
  o.utc_offset_minutes, o.created_at
from org o left join org_identifier i on i.org_id = o.org_id and i.place = 1
where o.org_id = :org_id;

-- statement registry_select_orgs many
-- Prefixes are given as the half-open ranges of text that they stand for.
-- in   kind text, division_from text, division_to text, industry_from text, industry_to text,
-- in   register_only flag, rows_max int, skip int
-- out  org_id id, kind text, name text, name_en text, scheme text?, identifier text?,
-- out  industry text, division text, province text, grid_region text, scale text, founded day?,
-- out  on_register flag, ets flag, invented flag, utc_offset_minutes int, created_at instant
select o.org_id, o.kind, o.name, o.name_en, i.scheme, i.value as identifier, o.industry, o.division,
  o.province, o.grid_region, o.scale, o.founded, o.on_register, o.ets, o.invented,
  o.utc_offset_minutes, o.created_at
from org o left join org_identifier i on i.org_id = o.org_id and i.place = 1
where o.kind = :kind
  and o.division >= :division_from and o.division < :division_to
  and o.industry >= :industry_from and o.industry < :industry_to
  and (not :register_only or o.on_register)
order by o.name, o.org_id
limit :rows_max offset :skip;

-- statement registry_insert_identifier exec
-- in   org_id id, scheme text, value text, place int
insert into org_identifier (org_id, scheme, value, place)
values (:org_id, :scheme, :value, :place);

-- statement registry_count_identifiers one
-- in   org_id id
-- out  places int
select count(*) as places from org_identifier where org_id = :org_id;

-- statement registry_insert_directory_identifier exec
-- in   scheme text, value text, org_id id
insert into directory_identifier (scheme, value, org_id) values (:scheme, :value, :org_id)
on conflict (scheme, value) do nothing;

-- statement registry_find_identifier one
-- in   scheme text, value text
-- out  org_id id
select org_id from directory_identifier where scheme = :scheme and value = :value;

-- statement registry_upsert_setting exec
-- in   org_id id, name text, value text
insert into org_setting (org_id, name, value) values (:org_id, :name, :value)
on conflict (org_id, name) do update set value = excluded.value;

-- statement registry_select_setting one
-- in   org_id id, name text
-- out  value text
select value from org_setting where org_id = :org_id and name = :name;

-- ---- assets ----

-- statement registry_insert_asset exec
-- in   org_id id, asset_id id, parent_id id, kind text, code text, name text, name_en text,
-- in   medium text, unit text, ratio real64, reading_day int, settlement flag, calibrated flag,
-- in   created_at instant
insert into asset (org_id, asset_id, parent_id, kind, code, name, name_en, medium, unit, ratio,
  reading_day, settlement, calibrated, created_at)
values (:org_id, :asset_id, :parent_id, :kind, :code, :name, :name_en, :medium, :unit, :ratio,
  :reading_day, :settlement, :calibrated, :created_at);

-- statement registry_update_asset exec
-- in   org_id id, asset_id id, parent_id id, code text, name text, name_en text, medium text,
-- in   unit text, ratio real64, reading_day int, settlement flag, calibrated flag
update asset set parent_id = :parent_id, code = :code, name = :name, name_en = :name_en,
  medium = :medium, unit = :unit, ratio = :ratio, reading_day = :reading_day,
  settlement = :settlement, calibrated = :calibrated
where org_id = :org_id and asset_id = :asset_id;

-- statement registry_select_assets many
-- A parent's kind stands above its children's, so this order puts parents first.
-- in   org_id id
-- out  asset_id id, parent_id id, kind text, code text, name text, name_en text, medium text,
-- out  unit text, ratio real64, reading_day int, settlement flag, calibrated flag
select asset_id, parent_id, kind, code, name, name_en, medium, unit, ratio, reading_day, settlement,
  calibrated
from asset where org_id = :org_id
order by case kind when 'site' then 0 when 'workshop' then 1 when 'process' then 2
  when 'equipment' then 3 else 4 end, asset_id;

-- statement registry_select_asset one
-- in   org_id id, asset_id id
-- out  asset_id id, parent_id id, kind text, code text, name text, name_en text, medium text,
-- out  unit text, ratio real64, reading_day int, settlement flag, calibrated flag
select asset_id, parent_id, kind, code, name, name_en, medium, unit, ratio, reading_day, settlement,
  calibrated
from asset where org_id = :org_id and asset_id = :asset_id;

-- statement registry_find_asset_code one
-- in   org_id id, code text
-- out  asset_id id
select asset_id from asset where org_id = :org_id and code = :code;

-- ---- people and sessions ----

-- statement registry_insert_person exec
-- in   org_id id, person_id id, login text, name text, password_hash text, created_at instant
insert into person (org_id, person_id, login, name, password_hash, active, created_at)
values (:org_id, :person_id, :login, :name, :password_hash, true, :created_at);

-- statement registry_insert_membership exec
-- in   org_id id, person_id id, role text, since instant
insert into membership (org_id, person_id, role, since) values (:org_id, :person_id, :role, :since);

-- statement registry_insert_login exec
-- in   login text, org_id id, person_id id
insert into directory_login (login, org_id, person_id) values (:login, :org_id, :person_id)
on conflict (login) do nothing;

-- statement registry_find_login one
-- in   login text
-- out  org_id id, person_id id, password_hash text, active flag
select d.org_id, d.person_id, p.password_hash, p.active
from directory_login d join person p on p.org_id = d.org_id and p.person_id = d.person_id
where d.login = :login;

-- statement registry_select_people many
-- in   org_id id
-- out  person_id id, login text, name text, role text, active flag
select p.person_id, p.login, p.name, m.role, p.active
from person p join membership m on m.org_id = p.org_id and m.person_id = p.person_id
where p.org_id = :org_id order by p.person_id;

-- statement registry_select_person one
-- in   org_id id, person_id id
-- out  person_id id, login text, name text, role text, active flag
select p.person_id, p.login, p.name, m.role, p.active
from person p join membership m on m.org_id = p.org_id and m.person_id = p.person_id
where p.org_id = :org_id and p.person_id = :person_id;

-- statement registry_update_password exec
-- in   org_id id, person_id id, password_hash text
update person set password_hash = :password_hash
where org_id = :org_id and person_id = :person_id;

-- statement registry_insert_password_step exec
-- in   org_id id, step_id id, person_id id, by_person_id id, at instant
insert into password_step (org_id, step_id, person_id, by_person_id, at)
values (:org_id, :step_id, :person_id, :by_person_id, :at);

-- statement registry_select_password_steps many
-- The newest first, so that a person's first row says who set his password last.
-- in   org_id id
-- out  person_id id, by_person_id id, at instant, name text?, by_name text?
select s.person_id, s.by_person_id, s.at, p.name, b.name as by_name
from password_step s
left join person p on p.org_id = s.org_id and p.person_id = s.person_id
left join person b on b.org_id = s.org_id and b.person_id = s.by_person_id
where s.org_id = :org_id order by s.at desc, s.step_id desc;

-- statement registry_select_password_by one
-- in   org_id id, person_id id
-- out  by_person_id id
select by_person_id from password_step
where org_id = :org_id and person_id = :person_id order by at desc, step_id desc limit 1;

-- statement registry_update_active exec
-- in   org_id id, person_id id, active flag
update person set active = :active where org_id = :org_id and person_id = :person_id;

-- statement registry_select_attempt one
-- in   login_digest bytes
-- out  failures int, last_at instant
select failures, last_at from directory_attempt where login_digest = :login_digest;

-- statement registry_count_attempt exec
-- A failure more; a count that rested for a day starts again.
-- in   login_digest bytes, at instant, fresh_after instant
insert into directory_attempt (login_digest, failures, last_at) values (:login_digest, 1, :at)
on conflict (login_digest) do update set
  failures = case when directory_attempt.last_at < :fresh_after then 1
    else directory_attempt.failures + 1 end,
  last_at = excluded.last_at;

-- statement registry_clear_attempt exec
-- in   login_digest bytes
delete from directory_attempt where login_digest = :login_digest;

-- statement registry_sweep_attempts exec
-- in   before instant
delete from directory_attempt where last_at < :before;

-- statement registry_insert_session exec
-- in   org_id id, token_digest bytes, person_id id, at instant
insert into login_session (org_id, token_digest, person_id, created_at, seen_at)
values (:org_id, :token_digest, :person_id, :at, :at);

-- statement registry_select_session one
-- in   org_id id, token_digest bytes
-- out  person_id id, created_at instant, seen_at instant, login text, person_name text,
-- out  active flag, role text, org_name text, org_kind text, utc_offset_minutes int, invented flag
select s.person_id, s.created_at, s.seen_at, p.login, p.name as person_name, p.active, m.role,
  o.name as org_name, o.kind as org_kind, o.utc_offset_minutes, o.invented
from login_session s
  join person p on p.org_id = s.org_id and p.person_id = s.person_id
  join membership m on m.org_id = s.org_id and m.person_id = s.person_id
  join org o on o.org_id = s.org_id
where s.org_id = :org_id and s.token_digest = :token_digest;

-- statement registry_update_session exec
-- in   org_id id, token_digest bytes, seen_at instant
update login_session set seen_at = :seen_at
where org_id = :org_id and token_digest = :token_digest;

-- statement registry_delete_session exec
-- in   org_id id, token_digest bytes
delete from login_session where org_id = :org_id and token_digest = :token_digest;

-- statement registry_delete_sessions_of exec
-- in   org_id id, person_id id
delete from login_session where org_id = :org_id and person_id = :person_id;

-- statement registry_sweep_login_sessions exec
-- in   seen_before instant, created_before instant
delete from login_session where seen_at < :seen_before or created_at < :created_before;

-- ---- letters of authorisation ----

-- statement registry_insert_authorisation exec
-- in   org_id id, authorisation_id id, bank_org_id id, purpose text, scopes int, first_day day,
-- in   last_day day, letter text, letter_digest bytes, state text, at instant
insert into authorisation (org_id, authorisation_id, bank_org_id, purpose, scopes, first_day,
  last_day, letter, letter_digest, state, requested_at, state_at)
values (:org_id, :authorisation_id, :bank_org_id, :purpose, :scopes, :first_day, :last_day, :letter,
  :letter_digest, :state, :at, :at);

-- statement registry_insert_portfolio exec
-- in   org_id id, authorisation_id id, grantor_org_id id
insert into authorisation_portfolio (org_id, authorisation_id, grantor_org_id)
values (:org_id, :authorisation_id, :grantor_org_id);

-- statement registry_insert_authorisation_step exec
-- in   org_id id, authorisation_id id, step_id id, state text, by_org_id id, person_id id,
-- in   at instant, note text
insert into authorisation_step (org_id, authorisation_id, step_id, state, by_org_id, person_id, at,
  note)
values (:org_id, :authorisation_id, :step_id, :state, :by_org_id, :person_id, :at, :note);

-- statement registry_select_authorisation_steps many
-- in   org_id id, authorisation_id id
-- out  state text, by_org_id id, by_org_name text?, person_name text?, at instant, note text
select s.state, s.by_org_id, o.name as by_org_name, p.name as person_name, s.at, s.note
from authorisation_step s left join org o on o.org_id = s.by_org_id
  left join person p on p.org_id = s.by_org_id and p.person_id = s.person_id
where s.org_id = :org_id and s.authorisation_id = :authorisation_id order by s.step_id;

-- statement registry_update_authorisation exec
-- in   org_id id, authorisation_id id, state text, state_at instant
update authorisation set state = :state, state_at = :state_at
where org_id = :org_id and authorisation_id = :authorisation_id;

-- statement registry_select_authorisation one
-- in   org_id id, authorisation_id id
-- out  org_id id, authorisation_id id, bank_org_id id, org_name text, bank_name text,
-- out  purpose text, scopes int, first_day day, last_day day, letter text, letter_digest bytes,
-- out  state text, requested_at instant, state_at instant
select a.org_id, a.authorisation_id, a.bank_org_id, o.name as org_name, b.name as bank_name,
  a.purpose, a.scopes, a.first_day, a.last_day, a.letter, a.letter_digest, a.state, a.requested_at,
  a.state_at
from authorisation a join org o on o.org_id = a.org_id join org b on b.org_id = a.bank_org_id
where a.org_id = :org_id and a.authorisation_id = :authorisation_id;

-- statement registry_select_granted many
-- The letters of one grantor to one bank that stand on a day, newest first.
-- in   org_id id, bank_org_id id, today day
-- out  authorisation_id id, purpose text, scopes int
select authorisation_id, purpose, scopes from authorisation
where org_id = :org_id and bank_org_id = :bank_org_id and state = 'granted'
  and first_day <= :today and last_day >= :today
order by authorisation_id desc;

-- statement registry_select_authorisations_of_org many
-- in   org_id id
-- out  org_id id, authorisation_id id, bank_org_id id, org_name text, bank_name text,
-- out  purpose text, scopes int, first_day day, last_day day, letter text, letter_digest bytes,
-- out  state text, requested_at instant, state_at instant
select a.org_id, a.authorisation_id, a.bank_org_id, o.name as org_name, b.name as bank_name,
  a.purpose, a.scopes, a.first_day, a.last_day, a.letter, a.letter_digest, a.state, a.requested_at,
  a.state_at
from authorisation a join org o on o.org_id = a.org_id join org b on b.org_id = a.bank_org_id
where a.org_id = :org_id order by a.authorisation_id desc;

-- statement registry_select_portfolio many
-- in   org_id id
-- out  org_id id, authorisation_id id
select grantor_org_id as org_id, authorisation_id from authorisation_portfolio
where org_id = :org_id order by authorisation_id desc;

-- ---- audit ----

-- statement registry_insert_audit exec
-- in   org_id id, request_id id, viewer_org_id id, person_id id, authorisation_id id, purpose text,
-- in   scope int, what text, at instant
insert into audit (org_id, request_id, viewer_org_id, person_id, authorisation_id, purpose, scope,
  what, at)
values (:org_id, :request_id, :viewer_org_id, :person_id, :authorisation_id, :purpose, :scope,
  :what, :at)
on conflict (org_id, request_id) do nothing;

-- statement registry_count_audit one
-- How many looks there were, all or (authorisation_id not 0) under one letter.
-- in   org_id id, authorisation_id id
-- out  looks int
select count(*) as looks from audit
where org_id = :org_id and (:authorisation_id = 0 or authorisation_id = :authorisation_id);

-- statement registry_select_audit many
-- in   org_id id, skip int, rows_max int
-- out  request_id id, at instant, viewer_org_id id, viewer_org_name text?, person_name text?,
-- out  purpose text, what text, scope int, authorisation_id id
select a.request_id, a.at, a.viewer_org_id, o.name as viewer_org_name, p.name as person_name,
  a.purpose, a.what, a.scope, a.authorisation_id
from audit a left join org o on o.org_id = a.viewer_org_id
  left join person p on p.org_id = a.viewer_org_id and p.person_id = a.person_id
where a.org_id = :org_id order by a.request_id desc limit :rows_max offset :skip;

-- ---- notices ----

-- statement registry_insert_notice exec
-- in   org_id id, notice_id id, kind text, message text, arg0 text, arg1 text, arg2 text,
-- in   arg3 text, link text, at instant
insert into notice (org_id, notice_id, kind, message, arg0, arg1, arg2, arg3, link, at, read_at)
values (:org_id, :notice_id, :kind, :message, :arg0, :arg1, :arg2, :arg3, :link, :at, null);

-- statement registry_count_notices one
-- in   org_id id
-- out  notices int
select count(*) as notices from notice where org_id = :org_id;

-- statement registry_select_notices many
-- in   org_id id, skip int, rows_max int
-- out  notice_id id, kind text, message text, arg0 text, arg1 text, arg2 text, arg3 text,
-- out  link text, at instant, read_at instant?
select notice_id, kind, message, arg0, arg1, arg2, arg3, link, at, read_at
from notice where org_id = :org_id order by notice_id desc limit :rows_max offset :skip;

-- statement registry_count_unread_notices one
-- in   org_id id
-- out  unread int
select count(*) as unread from notice where org_id = :org_id and read_at is null;

-- statement registry_read_notices exec
-- in   org_id id, read_at instant
update notice set read_at = :read_at where org_id = :org_id and read_at is null;

-- statement registry_read_notice exec
-- in   org_id id, notice_id id, read_at instant
update notice set read_at = :read_at
where org_id = :org_id and notice_id = :notice_id and read_at is null;

-- statement registry_read_notices_of exec
-- Those that lead to one place, because what they asked for there is done.
-- in   org_id id, link text, read_at instant
update notice set read_at = :read_at
where org_id = :org_id and link = :link and read_at is null;

-- ---- attachments ----

-- statement registry_sum_attachments one
-- in   org_id id
-- out  total_bytes int
select coalesce(sum(size_bytes), 0) as total_bytes from attachment where org_id = :org_id;

-- statement registry_insert_attachment exec
-- in   org_id id, attachment_id id, kind text, name text, media_type text, size_bytes int,
-- in   bytes_digest bytes, submission_id id, first_day day?, last_day day?, input text,
-- in   input_key text, person_id id, at instant
insert into attachment (org_id, attachment_id, kind, name, media_type, size_bytes, bytes_digest,
  submission_id, first_day, last_day, input, input_key, person_id, at)
values (:org_id, :attachment_id, :kind, :name, :media_type, :size_bytes, :bytes_digest,
  :submission_id, :first_day, :last_day, :input, :input_key, :person_id, :at);

-- statement registry_insert_attachment_bytes exec
-- in   org_id id, bytes_digest bytes, content bytes
insert into attachment_bytes (org_id, bytes_digest, content)
values (:org_id, :bytes_digest, :content)
on conflict (org_id, bytes_digest) do nothing;

-- statement registry_select_attachments many
-- in   org_id id
-- out  attachment_id id, kind text, name text, media_type text, size_bytes int,
-- out  bytes_digest bytes, submission_id id, first_day day?, last_day day?, input text,
-- out  input_key text, person_id id, at instant
select attachment_id, kind, name, media_type, size_bytes, bytes_digest, submission_id, first_day,
  last_day, input, input_key, person_id, at
from attachment where org_id = :org_id order by attachment_id desc;

-- statement registry_select_attachment one
-- in   org_id id, attachment_id id
-- out  attachment_id id, kind text, name text, media_type text, size_bytes int,
-- out  bytes_digest bytes, submission_id id, first_day day?, last_day day?, input text,
-- out  input_key text, person_id id, at instant
select attachment_id, kind, name, media_type, size_bytes, bytes_digest, submission_id, first_day,
  last_day, input, input_key, person_id, at
from attachment where org_id = :org_id and attachment_id = :attachment_id;

-- statement registry_select_attachment_bytes one
-- in   org_id id, bytes_digest bytes
-- out  content bytes
select content from attachment_bytes where org_id = :org_id and bytes_digest = :bytes_digest;
