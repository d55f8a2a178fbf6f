-- Letters of one kind that wait a moment for company, so that a busy shop gets one mail and not hundreds
-- depends: 0064_notifications
-- migrate: apply
create table notifications.gatherings (
  bucket smallint not null, person_id bigint not null, kind text not null, since timestamptz not null,
  primary key (bucket, person_id, kind)
);
comment on table notifications.gatherings is 'sharded by person: kinds of letters that wait for company, with a job under way for them';
comment on column notifications.gatherings.kind is 'personal: what the person will soon have by mail';

-- migrate: rollback
drop table notifications.gatherings;
