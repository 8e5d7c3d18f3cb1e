-- Statements of the account room.

-- ---- submissions ----

-- statement account_insert_submission exec
-- in   org_id id, submission_id id, person_id id, kind text, name text, size_bytes int,
-- in   bytes_digest bytes, at instant, known_seq int, rows_accepted int, rows_refused int,
-- in   rows_replaced int
insert into submission (org_id, submission_id, person_id, kind, name, size_bytes, bytes_digest, at,
  known_seq, rows_accepted, rows_refused, rows_replaced)
values (:org_id, :submission_id, :person_id, :kind, :name, :size_bytes, :bytes_digest, :at,
  :known_seq, :rows_accepted, :rows_refused, :rows_replaced);

-- statement account_insert_piece exec
-- in   org_id id, submission_id id, piece int, content bytes
insert into submission_piece (org_id, submission_id, piece, content)
values (:org_id, :submission_id, :piece, :content);

-- statement account_select_pieces many
-- in   org_id id, submission_id id
-- out  content bytes
select content from submission_piece
where org_id = :org_id and submission_id = :submission_id order by piece;

-- statement account_insert_withdrawn exec
-- in   org_id id, submission_id id, withdrawal_id id, reason text, known_seq int
insert into submission_withdrawn (org_id, submission_id, withdrawal_id, reason, known_seq)
values (:org_id, :submission_id, :withdrawal_id, :reason, :known_seq)
on conflict (org_id, submission_id) do nothing;

-- statement account_select_submissions many
-- One of them when one_id is not 0.
-- in   org_id id, one_id id, rows_max int
-- out  submission_id id, person_id id, person_name text?, kind text, name text, size_bytes int,
-- out  bytes_digest bytes, at instant, known_seq int, rows_accepted int, rows_refused int,
-- out  rows_replaced int, withdrawal_id id?, withdraws id?
select s.submission_id, s.person_id, p.name as person_name, s.kind, s.name, s.size_bytes,
  s.bytes_digest, s.at, s.known_seq, s.rows_accepted, s.rows_refused, s.rows_replaced,
  w.withdrawal_id, u.submission_id as withdraws
from submission s
  left join person p on p.org_id = s.org_id and p.person_id = s.person_id
  left join submission_withdrawn w on w.org_id = s.org_id and w.submission_id = s.submission_id
  left join submission_withdrawn u on u.org_id = s.org_id and u.withdrawal_id = s.submission_id
where s.org_id = :org_id and (:one_id = 0 or s.submission_id = :one_id)
order by s.submission_id desc limit :rows_max;

-- statement account_insert_refused exec
-- in   org_id id, submission_id id, place int, first_day day, last_day day, input text,
-- in   input_key text, raw text, unit text, row_ref text, error_code text, error_args text
insert into datum_refused (org_id, submission_id, place, first_day, last_day, input, input_key, raw,
  unit, row_ref, error_code, error_args)
values (:org_id, :submission_id, :place, :first_day, :last_day, :input, :input_key, :raw, :unit,
  :row_ref, :error_code, :error_args);

-- statement account_select_refused many
-- in   org_id id, submission_id id
-- out  first_day day, last_day day, input text, input_key text, raw text, unit text, row_ref text,
-- out  error_code text, error_args text
select first_day, last_day, input, input_key, raw, unit, row_ref, error_code, error_args
from datum_refused where org_id = :org_id and submission_id = :submission_id order by place;

-- ---- data ----

-- statement account_insert_datum exec
-- in   org_id id, datum_id id, first_day day, last_day day, input text, input_key text,
-- in   value real64?, unit text, value_text text, raw text, tier int, submission_id id,
-- in   row_ref text, asset_id id, known_seq int
insert into datum (org_id, datum_id, first_day, last_day, input, input_key, value, unit, value_text,
  raw, tier, submission_id, row_ref, asset_id, known_seq)
values (:org_id, :datum_id, :first_day, :last_day, :input, :input_key, :value, :unit, :value_text,
  :raw, :tier, :submission_id, :row_ref, :asset_id, :known_seq);

-- statement account_select_data many
-- Data of a span of days (and those that hold once), in the order of their places and acceptance.
-- in   org_id id, span_first day, span_last day, with_once flag, once_first day, as_known int
-- out  datum_id id, first_day day, last_day day, input text, input_key text, value real64?,
-- out  unit text, value_text text, raw text, tier int, submission_id id, row_ref text,
-- out  asset_id id, known_seq int, at instant, withdrawn flag
select d.datum_id, d.first_day, d.last_day, d.input, d.input_key, d.value, d.unit, d.value_text,
  d.raw, d.tier, d.submission_id, d.row_ref, d.asset_id, d.known_seq, s.at,
  case when w.submission_id is null then false else true end as withdrawn
from datum d
  join submission s on s.org_id = d.org_id and s.submission_id = d.submission_id
  left join submission_withdrawn w
  on w.org_id = d.org_id and w.submission_id = d.submission_id and w.known_seq < :as_known
where d.org_id = :org_id and d.known_seq < :as_known
  and ((d.first_day >= :span_first and d.last_day <= :span_last)
    or (:with_once and d.first_day = :once_first))
order by d.first_day, d.last_day, d.input, d.input_key, d.known_seq, d.datum_id;

-- statement account_select_datum one
-- in   org_id id, datum_id id
-- out  datum_id id, first_day day, last_day day, input text, input_key text, value real64?,
-- out  unit text, value_text text, raw text, tier int, submission_id id, row_ref text,
-- out  asset_id id, known_seq int, at instant, withdrawn flag
select d.datum_id, d.first_day, d.last_day, d.input, d.input_key, d.value, d.unit, d.value_text,
  d.raw, d.tier, d.submission_id, d.row_ref, d.asset_id, d.known_seq, s.at,
  case when w.submission_id is null then false else true end as withdrawn
from datum d
  join submission s on s.org_id = d.org_id and s.submission_id = d.submission_id
  left join submission_withdrawn w
  on w.org_id = d.org_id and w.submission_id = d.submission_id
where d.org_id = :org_id and d.datum_id = :datum_id;

-- ---- method ----

-- statement account_insert_override exec
-- in   org_id id, override_id id, year int, model text, reason text, person_id id, at instant
insert into method_override (org_id, override_id, year, model, reason, person_id, at)
values (:org_id, :override_id, :year, :model, :reason, :person_id, :at);

-- statement account_select_override one
-- The last choice made for the year or an earlier one.
-- in   org_id id, year int
-- out  model text, reason text
select model, reason from method_override where org_id = :org_id and year <= :year
order by year desc, override_id desc limit 1;

-- statement account_insert_model_file exec
-- in   file_digest bytes, name text, content bytes
insert into model_file (file_digest, name, content) values (:file_digest, :name, :content)
on conflict (file_digest) do nothing;

-- statement account_select_model_file one
-- in   file_digest bytes
-- out  content bytes
select content from model_file where file_digest = :file_digest;

-- ---- runs ----

-- statement account_insert_run exec
-- in   org_id id, run_id id, first_day day, last_day day, model text, version text, kind text,
-- in   model_digest bytes, tables_digest bytes, inputs_digest bytes, semantics int,
-- in   run_digest bytes, root bytes, state text, gate text, known_seq int, as_known int,
-- in   at instant, person_id id, replaces id
insert into model_run (org_id, run_id, first_day, last_day, model, version, kind, model_digest,
  tables_digest, inputs_digest, semantics, run_digest, root, state, gate, gate_reason, known_seq,
  as_known, posted_seq, reversed_seq, at, person_id, approver_id, replaces)
values (:org_id, :run_id, :first_day, :last_day, :model, :version, :kind, :model_digest,
  :tables_digest, :inputs_digest, :semantics, :run_digest, :root, :state, :gate, '', :known_seq,
  :as_known, -1, -1, :at, :person_id, 0, :replaces);

-- statement account_select_runs many
-- Of a state when it is not empty.
-- in   org_id id, span_first day, span_last day, state text
-- out  run_id id, first_day day, last_day day, model text, version text, kind text,
-- out  model_digest bytes, tables_digest bytes, inputs_digest bytes, semantics int,
-- out  run_digest bytes, root bytes, state text, gate text, gate_reason text, known_seq int,
-- out  as_known int, posted_seq int, reversed_seq int, at instant, person_id id, approver_id id,
-- out  replaces id
select run_id, first_day, last_day, model, version, kind, model_digest, tables_digest,
  inputs_digest, semantics, run_digest, root, state, gate, gate_reason, known_seq, as_known,
  posted_seq, reversed_seq, at, person_id, approver_id, replaces
from model_run
where org_id = :org_id and first_day >= :span_first and last_day <= :span_last
  and (:state = '' or state = :state)
order by first_day, last_day, kind, run_id;

-- statement account_select_run one
-- in   org_id id, run_id id
-- out  run_id id, first_day day, last_day day, model text, version text, kind text,
-- out  model_digest bytes, tables_digest bytes, inputs_digest bytes, semantics int,
-- out  run_digest bytes, root bytes, state text, gate text, gate_reason text, known_seq int,
-- out  as_known int, posted_seq int, reversed_seq int, at instant, person_id id, approver_id id,
-- out  replaces id
select run_id, first_day, last_day, model, version, kind, model_digest, tables_digest,
  inputs_digest, semantics, run_digest, root, state, gate, gate_reason, known_seq, as_known,
  posted_seq, reversed_seq, at, person_id, approver_id, replaces
from model_run
where org_id = :org_id and run_id = :run_id;

-- statement account_select_overlapping many
-- Runs of a kind of model in a state whose period shares a day with the span.
-- in   org_id id, kind text, span_first day, span_last day, state text
-- out  run_id id, first_day day, last_day day
select run_id, first_day, last_day from model_run
where org_id = :org_id and kind = :kind and state = :state
  and first_day <= :span_last and last_day >= :span_first
order by run_id;

-- statement account_find_run one
-- A run with the same four digests that stands.
-- in   org_id id, first_day day, last_day day, model text, run_digest bytes
-- out  run_id id
select run_id from model_run
where org_id = :org_id and first_day = :first_day and last_day = :last_day and model = :model
  and run_digest = :run_digest and state in ('draft', 'posted')
order by run_id desc limit 1;

-- statement account_select_drafts_using many
-- Drafts that were given data of a submission.
-- in   org_id id, submission_id id
-- out  run_id id
select r.run_id from model_run r
where r.org_id = :org_id and r.state = 'draft' and exists (select 1 from run_input i
  join datum d on d.org_id = i.org_id and d.datum_id = i.datum_id
  where i.org_id = r.org_id and i.run_id = r.run_id and d.submission_id = :submission_id)
order by r.run_id;

-- statement account_update_gate exec
-- in   org_id id, run_id id, gate text, gate_reason text
update model_run set gate = :gate, gate_reason = :gate_reason
where org_id = :org_id and run_id = :run_id and state = 'draft';

-- statement account_update_posted exec
-- in   org_id id, run_id id, posted_seq int, approver_id id
update model_run set state = 'posted', posted_seq = :posted_seq, approver_id = :approver_id
where org_id = :org_id and run_id = :run_id and state = 'draft';

-- statement account_update_reversed exec
-- in   org_id id, run_id id, reversed_seq int
update model_run set state = 'reversed', reversed_seq = :reversed_seq
where org_id = :org_id and run_id = :run_id and state = 'posted';

-- statement account_update_dropped exec
-- in   org_id id, run_id id
update model_run set state = 'dropped'
where org_id = :org_id and run_id = :run_id and state = 'draft';

-- statement account_insert_step exec
-- in   org_id id, run_id id, step_id id, state text, person_id id, reason text, at instant,
-- in   known_seq int
insert into run_step (org_id, run_id, step_id, state, person_id, reason, at, known_seq)
values (:org_id, :run_id, :step_id, :state, :person_id, :reason, :at, :known_seq);

-- statement account_select_run_steps many
-- in   org_id id, run_id id
-- out  state text, person_id id, reason text, at instant
select state, person_id, reason, at from run_step
where org_id = :org_id and run_id = :run_id order by at, step_id;

-- statement account_select_steps many
-- in   org_id id
-- out  run_id id, state text, at instant
select run_id, state, at from run_step where org_id = :org_id order by at, step_id;

-- statement account_insert_run_table exec
-- in   org_id id, run_id id, place int, path text, file_digest bytes
insert into run_table (org_id, run_id, place, path, file_digest)
values (:org_id, :run_id, :place, :path, :file_digest);

-- statement account_select_run_tables many
-- in   org_id id, run_id id
-- out  path text, file_digest bytes
select path, file_digest from run_table where org_id = :org_id and run_id = :run_id order by place;

-- statement account_insert_run_input exec
-- in   org_id id, run_id id, place int, input text, input_key text, datum_id id, value real64?,
-- in   unit text, value_text text
insert into run_input (org_id, run_id, place, input, input_key, datum_id, value, unit, value_text)
values (:org_id, :run_id, :place, :input, :input_key, :datum_id, :value, :unit, :value_text);

-- statement account_select_run_inputs many
-- in   org_id id, run_id id
-- out  input text, input_key text, datum_id id, value real64?, unit text, value_text text
select input, input_key, datum_id, value, unit, value_text
from run_input where org_id = :org_id and run_id = :run_id order by place;

-- statement account_select_senders many
-- Who submitted data of a run.
-- in   org_id id, run_id id
-- out  person_id id
select distinct s.person_id
from run_input i join datum d on d.org_id = i.org_id and d.datum_id = i.datum_id
  join submission s on s.org_id = d.org_id and s.submission_id = d.submission_id
where i.org_id = :org_id and i.run_id = :run_id order by s.person_id;

-- statement account_insert_note exec
-- in   org_id id, run_id id, place int, is_default flag, input text, input_key text,
-- in   value real64?, unit text, affects text
insert into run_note (org_id, run_id, place, is_default, input, input_key, value, unit, affects)
values (:org_id, :run_id, :place, :is_default, :input, :input_key, :value, :unit, :affects);

-- statement account_select_notes many
-- in   org_id id, run_id id
-- out  is_default flag, input text, input_key text, value real64?, unit text, affects text
select is_default, input, input_key, value, unit, affects
from run_note where org_id = :org_id and run_id = :run_id order by place;

-- ---- postings and statements ----

-- statement account_insert_posting exec
-- in   org_id id, posting_id id, run_id id, first_day day, last_day day, kind text, scope int,
-- in   source text, basis text, output text, output_key text, amount int, unit text,
-- in   known_seq int, reverses id
insert into posting (org_id, posting_id, run_id, first_day, last_day, kind, scope, source, basis,
  output, output_key, amount, unit, known_seq, reverses)
values (:org_id, :posting_id, :run_id, :first_day, :last_day, :kind, :scope, :source, :basis,
  :output, :output_key, :amount, :unit, :known_seq, :reverses);

-- statement account_select_postings many
-- in   org_id id, run_id id
-- out  posting_id id, run_id id, first_day day, last_day day, kind text, scope int, source text,
-- out  basis text, output text, output_key text, amount int, unit text, known_seq int,
-- out  reverses id, state text
select p.posting_id, p.run_id, p.first_day, p.last_day, p.kind, p.scope, p.source, p.basis,
  p.output, p.output_key, p.amount, p.unit, p.known_seq, p.reverses, r.state
from posting p join model_run r on r.org_id = p.org_id and r.run_id = p.run_id
where p.org_id = :org_id and p.run_id = :run_id order by p.posting_id;

-- statement account_select_posting one
-- in   org_id id, posting_id id
-- out  posting_id id, run_id id, first_day day, last_day day, kind text, scope int, source text,
-- out  basis text, output text, output_key text, amount int, unit text, known_seq int,
-- out  reverses id, state text
select p.posting_id, p.run_id, p.first_day, p.last_day, p.kind, p.scope, p.source, p.basis,
  p.output, p.output_key, p.amount, p.unit, p.known_seq, p.reverses, r.state
from posting p join model_run r on r.org_id = p.org_id and r.run_id = p.run_id
where p.org_id = :org_id and p.posting_id = :posting_id;

-- statement account_sum_postings many
-- What was posted, as known. A posting has its run's period, and runs are fewer; with_drafts puts drafts of the span in the place of what they would
-- replace: every posted run of their kind that shares a day with them.
-- in   org_id id, span_first day, span_last day, as_known int, with_drafts flag
-- out  first_day day, last_day day, kind text, scope int, source text, basis text, unit text,
-- out  amount int
select p.first_day, p.last_day, p.kind, p.scope, p.source, p.basis, p.unit,
  cast(sum(p.amount) as bigint) as amount
from model_run r cross join posting p
where r.org_id = :org_id and p.org_id = r.org_id and p.run_id = r.run_id
  and r.first_day >= :span_first and r.last_day <= :span_last
  and ((r.posted_seq >= 0 and r.posted_seq < :as_known
      and not (:with_drafts and exists (select 1 from model_run d where d.org_id = r.org_id
        and d.state = 'draft' and d.kind = r.kind
        and d.first_day <= r.last_day and d.last_day >= r.first_day
        and d.first_day >= :span_first and d.last_day <= :span_last)))
    or (:with_drafts and r.state = 'draft'))
  and (p.known_seq < :as_known or (:with_drafts and r.state = 'draft'))
group by p.first_day, p.last_day, p.kind, p.scope, p.source, p.basis, p.unit
order by p.first_day, p.last_day, p.kind, p.scope, p.source, p.basis, p.unit;

-- statement account_count_drafts one
-- in   org_id id, span_first day, span_last day
-- out  drafts int
select count(*) as drafts from model_run
where org_id = :org_id and state = 'draft' and first_day >= :span_first and last_day <= :span_last;
