-- statement credit_insert_rating exec
-- Adds a rating.
-- in org_id id, rating_id id, year int, label text, grade text, score real64?, confidence text, stage text,
-- in rating_digest bytes, at instant, known_seq int, person_id id
insert into rating (org_id, rating_id, year, label, grade, score, confidence, stage, rating_digest, at, known_seq, person_id)
values (:org_id, :rating_id, :year, :label, :grade, :score, :confidence, :stage, :rating_digest, :at, :known_seq, :person_id);

-- statement credit_insert_line exec
-- Adds a line of a rating.
-- in org_id id, rating_id id, place int, part text, model text, name text, label_en text, label_zh text, known flag,
-- in type int, value real64?, unit text, value_text text, affects_en text, affects_zh text,
-- in change real64?, points real64?
insert into rating_line (org_id, rating_id, place, part, model, name, label_en, label_zh, known, type, value, unit, value_text, affects_en, affects_zh,
  change, points)
values (:org_id, :rating_id, :place, :part, :model, :name, :label_en, :label_zh, :known, :type, :value, :unit, :value_text,
  :affects_en, :affects_zh, :change, :points);

-- statement credit_newest_rating one
-- The newest rating of a year.
-- in org_id id, year int
-- out rating_id id, year int, label text, grade text, score real64?, confidence text, stage text, rating_digest bytes,
-- out at instant, known_seq int
select rating_id, year, label, grade, score, confidence, stage, rating_digest, at, known_seq
from rating where org_id = :org_id and year = :year order by rating_id desc limit 1;

-- statement credit_newest_year one
-- The newest year that was rated.
-- in org_id id
-- out year int?
select max(year) from rating where org_id = :org_id;

-- statement credit_get_rating one
-- A rating by its id.
-- in org_id id, rating_id id
-- out rating_id id, year int, label text, grade text, score real64?, confidence text, stage text, rating_digest bytes,
-- out at instant, known_seq int
select rating_id, year, label, grade, score, confidence, stage, rating_digest, at, known_seq
from rating where org_id = :org_id and rating_id = :rating_id;

-- statement credit_list_ratings many
-- All ratings of an organisation, newest first.
-- in org_id id
-- out rating_id id, year int, label text, grade text, score real64?, confidence text, stage text, rating_digest bytes,
-- out at instant, known_seq int
select rating_id, year, label, grade, score, confidence, stage, rating_digest, at, known_seq
from rating where org_id = :org_id order by rating_id desc;

-- statement credit_list_lines many
-- The lines of a rating.
-- in org_id id, rating_id id
-- out part text, model text, name text, label_en text, label_zh text, known flag, type int, value real64?, unit text,
-- out value_text text, affects_en text, affects_zh text, change real64?, points real64?
select part, model, name, label_en, label_zh, known, type, value, unit, value_text, affects_en, affects_zh, change, points
from rating_line where org_id = :org_id and rating_id = :rating_id order by place;

-- statement credit_insert_model exec
-- in org_id id, rating_id id, step int, name text, version text, model_digest bytes, semantics int
insert into rating_model (org_id, rating_id, step, name, version, model_digest, semantics)
values (:org_id, :rating_id, :step, :name, :version, :model_digest, :semantics);

-- statement credit_insert_table exec
-- in org_id id, rating_id id, step int, place int, path text, file_digest bytes
insert into rating_table (org_id, rating_id, step, place, path, file_digest)
values (:org_id, :rating_id, :step, :place, :path, :file_digest);

-- statement credit_insert_input exec
-- in org_id id, rating_id id, step int, place int, input text, input_key text, datum_id id, value real64?, unit text,
-- in value_text text
insert into rating_input (org_id, rating_id, step, place, input, input_key, datum_id, value, unit, value_text)
values (:org_id, :rating_id, :step, :place, :input, :input_key, :datum_id, :value, :unit, :value_text);

-- statement credit_list_models many
-- The models of a rating, or (rating_id 0) of all ratings of an organisation, in order of rating.
-- in org_id id, rating_id id
-- out rating_id id, year int, step int, name text, version text, model_digest bytes, semantics int
select m.rating_id, r.year, m.step, m.name, m.version, m.model_digest, m.semantics
from rating_model m join rating r on r.org_id = m.org_id and r.rating_id = m.rating_id
where m.org_id = :org_id and (:rating_id = 0 or m.rating_id = :rating_id) order by m.rating_id, m.step;

-- statement credit_list_tables many
-- in org_id id, rating_id id, step int
-- out path text, file_digest bytes
select path, file_digest from rating_table
where org_id = :org_id and rating_id = :rating_id and step = :step order by place;

-- statement credit_list_inputs many
-- in org_id id, rating_id id, step int
-- out input text, input_key text, datum_id id, value real64?, unit text, value_text text
select input, input_key, datum_id, value, unit, value_text from rating_input
where org_id = :org_id and rating_id = :rating_id and step = :step order by place;
