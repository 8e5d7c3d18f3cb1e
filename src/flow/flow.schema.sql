-- A case of a flow: where it stands. How it came there are its steps.
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
