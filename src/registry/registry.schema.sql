-- Organisations, people, assets, sessions, authorisations, audit, notices, attachments.
-- Tables that grow have org_id first in their key. The three directory_ tables are small reference
-- tables, the same on every shard: they say under which organisation to look.

-- shared
create table org (
  org_id id not null,
  kind text not null,
  name text not null,
  name_en text not null,
  industry text not null,
  division text not null,
  province text not null,
  grid_region text not null,
  scale text not null,
  founded day,
  on_register flag not null,
  ets flag not null,
  invented flag not null,
  utc_offset_minutes int not null,
  created_at instant not null,
  primary key (org_id)
);
create index org_by_kind on org (kind, division);

-- shared
create table org_identifier (
  org_id id not null,
  scheme text not null,
  value text not null,
  place int not null,
  primary key (org_id, scheme, value)
);

create table directory_identifier (
  scheme text not null,
  value text not null,
  org_id id not null,
  primary key (scheme, value)
);

create table org_setting (
  org_id id not null,
  name text not null,
  value text not null,
  primary key (org_id, name)
);

create table asset (
  org_id id not null,
  asset_id id not null,
  parent_id id not null,
  kind text not null,
  code text not null,
  name text not null,
  name_en text not null,
  medium text not null,
  unit text not null,
  ratio real64 not null,
  reading_day int not null,
  settlement flag not null,
  calibrated flag not null,
  created_at instant not null,
  primary key (org_id, asset_id)
);
create index asset_by_code on asset (org_id, code);

-- shared
create table person (
  org_id id not null,
  person_id id not null,
  login text not null,
  name text not null,
  password_hash text not null,
  active flag not null,
  created_at instant not null,
  primary key (org_id, person_id)
);

create table membership (
  org_id id not null,
  person_id id not null,
  role text not null,
  since instant not null,
  primary key (org_id, person_id)
);

-- Passwords that a colleague set or the operator did (by_person_id 0); one's own changes are not here.
-- append-only
create table password_step (
  org_id id not null,
  step_id id not null,
  person_id id not null,
  by_person_id id not null,
  at instant not null,
  primary key (org_id, step_id)
);
create index password_step_of on password_step (org_id, person_id);

create table directory_login (
  login text not null,
  org_id id not null,
  person_id id not null,
  primary key (login)
);

-- Failures are counted for names that exist and names that don't, so that answers do not differ.
-- uncounted
create table directory_attempt (
  login_digest bytes not null,
  failures int not null,
  last_at instant not null,
  primary key (login_digest)
);

-- uncounted
create table login_session (
  org_id id not null,
  token_digest bytes not null,
  person_id id not null,
  created_at instant not null,
  seen_at instant not null,
  primary key (org_id, token_digest)
);

create table authorisation (
  org_id id not null,
  authorisation_id id not null,
  bank_org_id id not null,
  purpose text not null,
  scopes int not null,
  first_day day not null,
  last_day day not null,
  letter text not null,
  letter_digest bytes not null,
  state text not null,
  requested_at instant not null,
  state_at instant not null,
  primary key (org_id, authorisation_id)
);
create index authorisation_by_bank on authorisation (org_id, bank_org_id);

-- append-only
create table authorisation_step (
  org_id id not null,
  authorisation_id id not null,
  step_id id not null,
  state text not null,
  by_org_id id not null,
  person_id id not null,
  at instant not null,
  note text not null,
  primary key (org_id, authorisation_id, step_id)
);

-- A bank's list of letters, kept on the bank's side; the grantor's row decides.
create table authorisation_portfolio (
  org_id id not null,
  authorisation_id id not null,
  grantor_org_id id not null,
  primary key (org_id, authorisation_id)
);

-- append-only
-- uncounted
create table audit (
  org_id id not null,
  request_id id not null,
  viewer_org_id id not null,
  person_id id not null,
  authorisation_id id not null,
  purpose text not null,
  scope int not null,
  what text not null,
  at instant not null,
  primary key (org_id, request_id)
);

create table notice (
  org_id id not null,
  notice_id id not null,
  kind text not null,
  message text not null,
  arg0 text not null,
  arg1 text not null,
  arg2 text not null,
  arg3 text not null,
  link text not null,
  at instant not null,
  read_at instant,
  primary key (org_id, notice_id)
);
create index notice_by_read on notice (org_id, read_at);

create table attachment (
  org_id id not null,
  attachment_id id not null,
  kind text not null,
  name text not null,
  media_type text not null,
  size_bytes int not null,
  bytes_digest bytes not null,
  submission_id id not null,
  first_day day,
  last_day day,
  input text not null,
  input_key text not null,
  person_id id not null,
  at instant not null,
  primary key (org_id, attachment_id)
);

create table attachment_bytes (
  org_id id not null,
  bytes_digest bytes not null,
  content bytes not null,
  primary key (org_id, bytes_digest)
);
