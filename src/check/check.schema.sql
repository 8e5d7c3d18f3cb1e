-- Findings stay for ever; where one stands is the flow room's. The outcomes of the last run are made anew each time.

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
