-- statement flow_add_case exec
-- in   org_id id, case_id id, flow text, version int, flow_digest bytes, subject_id id, state text,
-- in   opened_by id, opened_ms instant
insert into flow_case (org_id, case_id, flow, version, flow_digest, subject_id, state, step_no, opened_by,
                       opened_ms, entered_ms)
values (:org_id, :case_id, :flow, :version, :flow_digest, :subject_id, :state, 0, :opened_by, :opened_ms,
        :opened_ms);

-- statement flow_case_by_id one
-- in   org_id id, case_id id
-- out  case_id id, flow text, version int, subject_id id, state text, step_no int, opened_by id,
-- out  opened_ms instant, entered_ms instant
select case_id, flow, version, subject_id, state, step_no, opened_by, opened_ms, entered_ms
from flow_case where org_id = :org_id and case_id = :case_id;

-- statement flow_cases_by_subject many
-- in   org_id id, flow text, subject_id id
-- out  case_id id, flow text, version int, subject_id id, state text, step_no int, opened_by id,
-- out  opened_ms instant, entered_ms instant
select case_id, flow, version, subject_id, state, step_no, opened_by, opened_ms, entered_ms
from flow_case where org_id = :org_id and flow = :flow and subject_id = :subject_id order by case_id;

-- statement flow_move_case exec
-- Moves a case from the step that was seen; changes no row when somebody else was first.
-- in   org_id id, case_id id, seen int, state text, entered_ms instant
update flow_case set state = :state, step_no = step_no + 1, entered_ms = :entered_ms
where org_id = :org_id and case_id = :case_id and step_no = :seen;

-- statement flow_add_step exec
-- in   org_id id, case_id id, step_no int, transition text, from_state text, to_state text, person_id id,
-- in   at_ms instant, note text
insert into flow_step (org_id, case_id, step_no, transition, from_state, to_state, person_id, at_ms, note)
values (:org_id, :case_id, :step_no, :transition, :from_state, :to_state, :person_id, :at_ms, :note);

-- statement flow_steps_of many
-- in   org_id id, case_id id
-- out  step_no int, transition text, from_state text, to_state text, person_id id, at_ms instant, note text
select step_no, transition, from_state, to_state, person_id, at_ms, note
from flow_step where org_id = :org_id and case_id = :case_id order by step_no;

-- statement flow_last_author one
-- Who took a transition the last time.
-- in   org_id id, case_id id, transition text
-- out  person_id id
select person_id from flow_step
where org_id = :org_id and case_id = :case_id and transition = :transition order by step_no desc limit 1;

-- statement flow_add_document exec
-- in   org_id id, case_id id, document_id id, person_id id, step_no int, at_ms instant
insert into flow_document (org_id, case_id, document_id, person_id, step_no, at_ms)
values (:org_id, :case_id, :document_id, :person_id, :step_no, :at_ms)
on conflict (org_id, case_id, document_id) do nothing;

-- statement flow_documents_by one
-- How many documents this person attached to the case.
-- in   org_id id, case_id id, person_id id
-- out  documents int
select count(*) as documents from flow_document
where org_id = :org_id and case_id = :case_id and person_id = :person_id;

-- statement flow_documents_of many
-- In the order in which they came.
-- in   org_id id, case_id id
-- out  document_id id
select document_id from flow_document
where org_id = :org_id and case_id = :case_id order by step_no, document_id;

-- statement flow_standing many
-- The organisations that have cases, and in which states.
-- out  org_id id, flow text, version int, state text
select org_id, flow, version, state from flow_case
group by org_id, flow, version, state order by org_id, flow, version, state;
