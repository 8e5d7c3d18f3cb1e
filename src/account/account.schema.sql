-- Submissions, data, model runs, postings. Data and postings are never changed: a correction is
-- a new row.

-- append-only
create table submission (
  org_id id not null,
  submission_id id not null,
  person_id id not null,
  kind text not null,
  name text not null,
  size_bytes int not null,
  bytes_digest bytes not null,
  at instant not null,
  known_seq int not null,
  rows_accepted int not null,
  rows_refused int not null,
  rows_replaced int not null,
  primary key (org_id, submission_id)
);

-- The bytes as they came, in pieces of at most 1 MiB.
create table submission_piece (
  org_id id not null,
  submission_id id not null,
  piece int not null,
  content bytes not null,
  primary key (org_id, submission_id, piece)
);

-- append-only
create table submission_withdrawn (
  org_id id not null,
  submission_id id not null,
  withdrawal_id id not null,
  reason text not null,
  known_seq int not null,
  primary key (org_id, submission_id)
);

-- append-only
create table datum (
  org_id id not null,
  datum_id id not null,
  first_day day not null,
  last_day day not null,
  input text not null,
  input_key text not null,
  value real64,
  unit text not null,
  value_text text not null,
  raw text not null,
  tier int not null,
  submission_id id not null,
  row_ref text not null,
  asset_id id not null,
  known_seq int not null,
  primary key (org_id, datum_id)
);
create index datum_by_place on datum (org_id, first_day, last_day, input, input_key, datum_id);
create index datum_by_submission on datum (org_id, submission_id);

-- append-only
create table datum_refused (
  org_id id not null,
  submission_id id not null,
  place int not null,
  first_day day not null,
  last_day day not null,
  input text not null,
  input_key text not null,
  raw text not null,
  unit text not null,
  row_ref text not null,
  error_code text not null,
  error_args text not null,
  primary key (org_id, submission_id, place)
);

-- append-only
create table method_override (
  org_id id not null,
  override_id id not null,
  year int not null,
  model text not null,
  reason text not null,
  person_id id not null,
  at instant not null,
  primary key (org_id, override_id)
);

-- Models and tables used by any run, by digest, so that an upgrade does not destroy replay.
create table model_file (
  file_digest bytes not null,
  name text not null,
  content bytes not null,
  primary key (file_digest)
);

create table model_run (
  org_id id not null,
  run_id id not null,
  first_day day not null,
  last_day day not null,
  model text not null,
  version text not null,
  kind text not null,
  model_digest bytes not null,
  tables_digest bytes not null,
  inputs_digest bytes not null,
  semantics int not null,
  run_digest bytes not null,
  root bytes not null,
  state text not null,
  gate text not null,
  gate_reason text not null,
  known_seq int not null,
  as_known int not null,
  posted_seq int not null,
  reversed_seq int not null,
  at instant not null,
  person_id id not null,
  approver_id id not null,
  replaces id not null,
  primary key (org_id, run_id)
);
create index model_run_by_period on model_run (org_id, first_day, kind);
create index model_run_by_replaced on model_run (org_id, replaces);

-- append-only
create table run_step (
  org_id id not null,
  run_id id not null,
  step_id id not null,
  state text not null,
  person_id id not null,
  reason text not null,
  at instant not null,
  known_seq int not null,
  primary key (org_id, run_id, step_id)
);

-- The tables that a run used, in order of name.
-- append-only
create table run_table (
  org_id id not null,
  run_id id not null,
  place int not null,
  path text not null,
  file_digest bytes not null,
  primary key (org_id, run_id, place)
);

-- What a run was given: data by id (datum_id > 0) and facts of the organisation (datum_id 0).
-- append-only
create table run_input (
  org_id id not null,
  run_id id not null,
  place int not null,
  input text not null,
  input_key text not null,
  datum_id id not null,
  value real64,
  unit text not null,
  value_text text not null,
  primary key (org_id, run_id, place)
);

-- append-only
create table run_note (
  org_id id not null,
  run_id id not null,
  place int not null,
  is_default flag not null,
  input text not null,
  input_key text not null,
  value real64,
  unit text not null,
  affects text not null,
  primary key (org_id, run_id, place)
);

-- append-only
create table posting (
  org_id id not null,
  posting_id id not null,
  run_id id not null,
  first_day day not null,
  last_day day not null,
  kind text not null,
  scope int not null,
  source text not null,
  basis text not null,
  output text not null,
  output_key text not null,
  amount int not null,
  unit text not null,
  known_seq int not null,
  reverses id not null,
  primary key (org_id, posting_id)
);
create index posting_by_run on posting (org_id, run_id);
create index posting_by_day on posting (org_id, first_day);
