-- statement finance_insert_case exec
-- in org_id id, case_id id, enterprise_org_id id, flow_case_id id, year int, product text, product_version text,
-- in offer_digest bytes, amount_asked cents, amount_offered cents, rate_offered real64, purpose text, person_id id,
-- in at instant
insert into loan_case (org_id, case_id, enterprise_org_id, flow_case_id, year, product, product_version, offer_digest,
  amount_asked, amount_offered, rate_offered, purpose, person_id, at)
values (:org_id, :case_id, :enterprise_org_id, :flow_case_id, :year, :product, :product_version, :offer_digest,
  :amount_asked, :amount_offered, :rate_offered, :purpose, :person_id, :at);

-- statement finance_insert_mirror exec
-- in org_id id, case_id id, bank_org_id id
insert into loan_case_mirror (org_id, case_id, bank_org_id) values (:org_id, :case_id, :bank_org_id);

-- statement finance_insert_part exec
-- in org_id id, case_id id, place int, output text, label_en text, label_zh text, known flag, value real64, unit text
insert into loan_offer_part (org_id, case_id, place, output, label_en, label_zh, known, value, unit)
values (:org_id, :case_id, :place, :output, :label_en, :label_zh, :known, :value, :unit);

-- statement finance_get_case one
-- in org_id id, case_id id
-- out org_id id, case_id id, enterprise_org_id id, flow_case_id id, year int, product text, amount_asked cents,
-- out amount_offered cents, rate_offered real64, purpose text, at instant
select org_id, case_id, enterprise_org_id, flow_case_id, year, product, amount_asked, amount_offered, rate_offered,
  purpose, at
from loan_case where org_id = :org_id and case_id = :case_id;

-- statement finance_list_case_ids many
-- The bank's cases, newest first.
-- in org_id id
-- out case_id id
select case_id from loan_case where org_id = :org_id order by case_id desc;

-- statement finance_list_mirrors many
-- Cases about an enterprise, newest first.
-- in org_id id
-- out case_id id, bank_org_id id
select case_id, bank_org_id from loan_case_mirror where org_id = :org_id order by case_id desc;

-- statement finance_list_parts many
-- in org_id id, case_id id
-- out output text, label_en text, label_zh text, known flag, value real64, unit text
select output, label_en, label_zh, known, value, unit
from loan_offer_part where org_id = :org_id and case_id = :case_id order by place;
