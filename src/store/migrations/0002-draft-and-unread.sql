-- Step 2. The account with drafts asked, for each posting, which draft replaces its run: a walk over all runs of the
-- enterprise each time. Every page counts unread notices: a walk over all notices there ever were.
create index model_run_by_replaced on model_run (org_id, replaces);
create index notice_by_read on notice (org_id, read_at);
