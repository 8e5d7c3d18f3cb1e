-- statement check_insert_finding exec
-- in org_id id, finding_id id, flow_case_id id, rule text, result text, blocks flag, year int, first_day day,
-- in last_day day, input text, input_key text, title_en text, title_zh text, message text, args text, delta real64?,
-- in signature bytes, at instant, known_seq int
insert into finding (org_id, finding_id, flow_case_id, rule, result, blocks, year, first_day, last_day, input, input_key,
  title_en, title_zh, message, args, delta, signature, at, known_seq)
values (:org_id, :finding_id, :flow_case_id, :rule, :result, :blocks, :year, :first_day, :last_day, :input, :input_key,
  :title_en, :title_zh, :message, :args, :delta, :signature, :at, :known_seq);

-- statement check_insert_evidence exec
-- in org_id id, finding_id id, place int, name_en text, name_zh text, value real64?, unit text, source text, datum_id id
insert into finding_evidence (org_id, finding_id, place, name_en, name_zh, value, unit, source, datum_id)
values (:org_id, :finding_id, :place, :name_en, :name_zh, :value, :unit, :source, :datum_id);

-- statement check_list_findings many
-- All findings of an organisation, newest first.
-- in org_id id
-- out finding_id id, flow_case_id id, rule text, result text, blocks flag, year int, first_day day, last_day day,
-- out input text, input_key text, title_en text, title_zh text, message text, args text, delta real64?,
-- out signature bytes, at instant, known_seq int
select finding_id, flow_case_id, rule, result, blocks, year, first_day, last_day, input, input_key, title_en, title_zh,
  message, args, delta, signature, at, known_seq
from finding where org_id = :org_id order by finding_id desc;

-- statement check_list_evidence many
-- in org_id id, finding_id id
-- out name_en text, name_zh text, value real64?, unit text, source text, datum_id id
select name_en, name_zh, value, unit, source, datum_id
from finding_evidence where org_id = :org_id and finding_id = :finding_id order by place;

-- statement check_delete_outcomes exec
-- in org_id id, year int
delete from check_outcome where org_id = :org_id and year = :year;

-- statement check_insert_outcome exec
-- in org_id id, year int, place int, rule text, title_en text, title_zh text, result text, first_day day, last_day day,
-- in delta real64?, reason text, finding_id id
insert into check_outcome (org_id, year, place, rule, title_en, title_zh, result, first_day, last_day, delta, reason, finding_id)
values (:org_id, :year, :place, :rule, :title_en, :title_zh, :result, :first_day, :last_day, :delta, :reason, :finding_id);

-- statement check_list_outcomes many
-- in org_id id, year int
-- out rule text, title_en text, title_zh text, result text, first_day day, last_day day, delta real64?, reason text,
-- out finding_id id
select rule, title_en, title_zh, result, first_day, last_day, delta, reason, finding_id
from check_outcome where org_id = :org_id and year = :year order by place;
