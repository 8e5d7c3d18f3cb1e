-- Issued documents: the very bytes are kept, first as painted, then with the receipt.

-- append-only
create table report_document (
  org_id id not null,
  report_id id not null,
  number text not null,
  kind text not null,
  lang text not null,
  year int not null,
  rating_id id not null,
  authorisation_id id not null,
  recipient_org_id id not null,
  case_id id not null,
  purpose text not null,
  label text not null,
  grade text not null,
  invented flag not null,
  issued_at instant not null,
  valid_to day not null,
  content bytes not null,
  person_id id not null,
  primary key (org_id, report_id)
);

-- part: 0 as painted, 1 with the receipt.
-- append-only
create table report_bytes (
  org_id id not null,
  report_id id not null,
  part int not null,
  pdf bytes not null,
  primary key (org_id, report_id, part)
);

-- The figures that a document rests on, as the file report.json of an export has them (doc/formats.md).
-- append-only
create table report_figures (
  org_id id not null,
  report_id id not null,
  json bytes not null,
  primary key (org_id, report_id)
);
