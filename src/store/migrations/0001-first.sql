-- Step 1: the schema of version 0.1.0, as it was released. Never edited; what the tables mean is said in the
-- rooms' schema files.

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

-- uncounted
create table log_pending (
    org_id id not null,
    leaf_id id not null,
    commitment bytes not null,
    primary key (org_id, leaf_id)
);

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

-- uncounted
create table log_lease (
    org_id id not null,
    holder id not null,
    epoch int not null,
    until instant not null,
    primary key (org_id)
);

-- append-only
-- uncounted
create table log_owner (
    org_id id not null,
    verifier text not null,
    primary key (org_id)
);

create table flow_case (
    org_id id not null,
    case_id id not null,
    flow text not null,
    version int not null,
    flow_digest bytes not null,
    subject_id id not null,
    state text not null,
    step_no int not null,
    opened_by id not null,
    opened_ms instant not null,
    entered_ms instant not null,
    primary key (org_id, case_id)
);
create index flow_case_subject on flow_case (org_id, flow, subject_id, case_id);
-- append-only
create table flow_step (
    org_id id not null,
    case_id id not null,
    step_no int not null,
    transition text not null,
    from_state text not null,
    to_state text not null,
    person_id id not null,
    at_ms instant not null,
    note text not null,
    primary key (org_id, case_id, step_no)
);
-- append-only
create table flow_document (
    org_id id not null,
    case_id id not null,
    document_id id not null,
    person_id id not null,
    step_no int not null,
    at_ms instant not null,
    primary key (org_id, case_id, document_id)
);

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

-- append-only
create table meter_batch (
    org_id id not null,
    batch_id id not null,
    meter_id id not null,
    submission_id id not null,
    person_id id not null,
    made_ms instant not null,
    mapping text not null,
    rows_read int not null,
    rows_accepted int not null,
    rows_repeated int not null,
    rows_refused int not null,
    sum_wh int not null,
    primary key (org_id, batch_id)
);

-- append-only
create table meter_day (
    org_id id not null,
    meter_id id not null,
    day day not null,
    version int not null,
    batch_id id not null,
    made_ms instant not null,
    interval_minutes int not null,
    interval_count int not null,
    sum_wh int not null,
    peak_wh int not null,
    flags int not null,
    chunk bytes not null,
    primary key (org_id, meter_id, day, version)
);

-- append-only
create table meter_given (
    org_id id not null,
    meter_id id not null,
    day day not null,
    batch_id id not null,
    interval_minutes int not null,
    flags int not null,
    chunk bytes not null,
    primary key (org_id, meter_id, day, batch_id)
);
create index meter_given_by_batch on meter_given (org_id, batch_id);

-- append-only
create table meter_derived (
    org_id id not null,
    batch_id id not null,
    submission_id id not null,
    primary key (org_id, batch_id)
);

-- append-only
create table meter_withdrawn (
    org_id id not null,
    batch_id id not null,
    withdrawal_id id not null,
    person_id id not null,
    made_ms instant not null,
    primary key (org_id, batch_id)
);

create table meter_mapping (
    org_id id not null,
    meter_id id not null,
    saved_ms instant not null,
    mapping text not null,
    primary key (org_id, meter_id)
);

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

-- append-only
create table run_table (
  org_id id not null,
  run_id id not null,
  place int not null,
  path text not null,
  file_digest bytes not null,
  primary key (org_id, run_id, place)
);

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

-- append-only
create table finding (
  org_id id not null,
  finding_id id not null,
  flow_case_id id not null,
  rule text not null,
  result text not null,
  blocks flag not null,
  year int not null,
  first_day day not null,
  last_day day not null,
  input text not null,
  input_key text not null,
  title_en text not null,
  title_zh text not null,
  message text not null,
  args text not null,
  delta real64,
  signature bytes not null,
  at instant not null,
  known_seq int not null,
  primary key (org_id, finding_id)
);
create index finding_by_year on finding (org_id, year, finding_id);

-- append-only
create table finding_evidence (
  org_id id not null,
  finding_id id not null,
  place int not null,
  name_en text not null,
  name_zh text not null,
  value real64,
  unit text not null,
  source text not null,
  datum_id id not null,
  primary key (org_id, finding_id, place)
);

create table check_outcome (
  org_id id not null,
  year int not null,
  place int not null,
  rule text not null,
  title_en text not null,
  title_zh text not null,
  result text not null,
  first_day day not null,
  last_day day not null,
  delta real64,
  reason text not null,
  finding_id id not null,
  primary key (org_id, year, place)
);

-- append-only
create table rating (
  org_id id not null,
  rating_id id not null,
  year int not null,
  label text not null,
  grade text not null,
  score real64,
  confidence text not null,
  stage text not null,
  rating_digest bytes not null,
  at instant not null,
  known_seq int not null,
  person_id id not null,
  primary key (org_id, rating_id)
);
create index rating_by_year on rating (org_id, year, rating_id);

-- append-only
create table rating_line (
  org_id id not null,
  rating_id id not null,
  place int not null,
  part text not null,
  model text not null,
  name text not null,
  label_en text not null,
  label_zh text not null,
  known flag not null,
  type int not null,
  value real64,
  unit text not null,
  value_text text not null,
  affects_en text not null,
  affects_zh text not null,
  change real64,
  points real64,
  primary key (org_id, rating_id, place)
);

-- append-only
create table rating_model (
  org_id id not null,
  rating_id id not null,
  step int not null,
  name text not null,
  version text not null,
  model_digest bytes not null,
  semantics int not null,
  primary key (org_id, rating_id, step)
);

-- append-only
create table rating_table (
  org_id id not null,
  rating_id id not null,
  step int not null,
  place int not null,
  path text not null,
  file_digest bytes not null,
  primary key (org_id, rating_id, step, place)
);

-- append-only
create table rating_input (
  org_id id not null,
  rating_id id not null,
  step int not null,
  place int not null,
  input text not null,
  input_key text not null,
  datum_id id not null,
  value real64,
  unit text not null,
  value_text text not null,
  primary key (org_id, rating_id, step, place)
);

-- append-only
create table loan_case (
  org_id id not null,
  case_id id not null,
  enterprise_org_id id not null,
  flow_case_id id not null,
  year int not null,
  product text not null,
  product_version text not null,
  offer_digest bytes not null,
  amount_asked cents not null,
  amount_offered cents not null,
  rate_offered real64 not null,
  purpose text not null,
  person_id id not null,
  at instant not null,
  primary key (org_id, case_id)
);
create index loan_case_by_enterprise on loan_case (org_id, enterprise_org_id, case_id);

-- append-only
create table loan_case_mirror (
  org_id id not null,
  case_id id not null,
  bank_org_id id not null,
  primary key (org_id, case_id)
);

-- append-only
create table loan_offer_part (
  org_id id not null,
  case_id id not null,
  place int not null,
  output text not null,
  label_en text not null,
  label_zh text not null,
  known flag not null,
  value real64 not null,
  unit text not null,
  primary key (org_id, case_id, place)
);

-- append-only
create table report_document (
  org_id id not null,
  report_id id not null,
  number text not null,
  kind text not null,
  lang text not null,
  year int not null,
  rating_id id not null,
  authorisation_id id not null,
  recipient_org_id id not null,
  case_id id not null,
  purpose text not null,
  label text not null,
  grade text not null,
  invented flag not null,
  issued_at instant not null,
  valid_to day not null,
  content bytes not null,
  person_id id not null,
  primary key (org_id, report_id)
);

-- append-only
create table report_bytes (
  org_id id not null,
  report_id id not null,
  part int not null,
  pdf bytes not null,
  primary key (org_id, report_id, part)
);

-- append-only
create table report_figures (
  org_id id not null,
  report_id id not null,
  json bytes not null,
  primary key (org_id, report_id)
);
