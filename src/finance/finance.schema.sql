-- Loan cases. At home with the bank; the enterprise has a mirror row that points there. Where a case stands is the
-- flow room's; the offer of the moment of application is kept.

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
