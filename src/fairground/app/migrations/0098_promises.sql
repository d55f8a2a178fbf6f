-- How quickly shops answer, measured daily and copied to the shop
-- depends: 0024_shops 0094_chat 0097_attendant
-- migrate: apply
alter table shops.shops
  add column clock_rounds int not null default 0 check (clock_rounds >= 0),
  add column clock_quick int not null default 0 check (clock_quick >= 0),
  add column clock_seconds int not null default 0 check (clock_seconds >= 0),
  add column clock_at timestamptz,
  add constraint quick_rounds_are_rounds check (clock_quick <= clock_rounds),
  add constraint a_clock_was_measured_once check (clock_rounds = 0 or clock_at is not null);
comment on column shops.shops.clock_rounds is 'questions of the last 30 days, 08-24 h of the shop; quick = answered within 3 minutes; seconds = the mean wait';
create index inboxes_by_last_word on service.inboxes (bucket, inbox_id) include (last_at);

-- migrate: rollback
drop index service.inboxes_by_last_word;
alter table shops.shops drop constraint a_clock_was_measured_once, drop constraint quick_rounds_are_rounds,
  drop column clock_rounds, drop column clock_quick, drop column clock_seconds, drop column clock_at;
