-- Ratings: a judgement is a new row; nothing of an earlier one changes.

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

-- What the rating says, line by line: part is reason, missing or improvement.
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

-- The models that judged, in order, with what each was given: a rating can be explained as it was, and
-- computed again by anyone.
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

-- datum_id 0: a fact.
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
