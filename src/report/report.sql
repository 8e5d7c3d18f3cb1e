-- statement report_insert_document exec
-- in org_id id, report_id id, number text, kind text, lang text, year int, rating_id id, authorisation_id id,
-- in recipient_org_id id, case_id id, purpose text, label text, grade text, invented flag, issued_at instant,
-- in valid_to day, content bytes, person_id id
insert into report_document (org_id, report_id, number, kind, lang, year, rating_id, authorisation_id, recipient_org_id,
  case_id, purpose, label, grade, invented, issued_at, valid_to, content, person_id)
values (:org_id, :report_id, :number, :kind, :lang, :year, :rating_id, :authorisation_id, :recipient_org_id, :case_id,
  :purpose, :label, :grade, :invented, :issued_at, :valid_to, :content, :person_id);

-- statement report_insert_bytes exec
-- Bytes are final: two who complete a document at once leave the first's.
-- in org_id id, report_id id, part int, pdf bytes
insert into report_bytes (org_id, report_id, part, pdf) values (:org_id, :report_id, :part, :pdf)
on conflict (org_id, report_id, part) do nothing;

-- statement report_list_documents many
-- Newest first.
-- in org_id id
-- out report_id id, number text, kind text, lang text, year int, rating_id id, authorisation_id id,
-- out recipient_org_id id, case_id id, purpose text, label text, grade text, invented flag, issued_at instant,
-- out valid_to day, content bytes, ready flag
select d.report_id, d.number, d.kind, d.lang, d.year, d.rating_id, d.authorisation_id, d.recipient_org_id, d.case_id,
  d.purpose, d.label, d.grade, d.invented, d.issued_at, d.valid_to, d.content,
  exists (select 1 from report_bytes b where b.org_id = d.org_id and b.report_id = d.report_id and b.part = 1) as ready
from report_document d where d.org_id = :org_id order by d.report_id desc;

-- statement report_read_bytes one
-- in org_id id, report_id id, part int
-- out pdf bytes
select pdf from report_bytes where org_id = :org_id and report_id = :report_id and part = :part;

-- statement report_insert_figures exec
-- in org_id id, report_id id, json bytes
insert into report_figures (org_id, report_id, json) values (:org_id, :report_id, :json);

-- statement report_list_figures many
-- In order of issue.
-- in org_id id
-- out number text, year int, json bytes
select d.number, d.year, f.json from report_figures f
  join report_document d on d.org_id = f.org_id and d.report_id = f.report_id
where f.org_id = :org_id order by f.report_id;
