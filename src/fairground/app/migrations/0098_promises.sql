-- How quickly shops answer, measured daily and copied to the shop; and the promise that a price holds for some days
-- depends: 0024_shops 0094_chat 0097_attendant
-- migrate: apply
alter table shops.shops
  add column clock_rounds int not null default 0 check (clock_rounds >= 0),
  add column clock_quick int not null default 0 check (clock_quick >= 0),
  add column clock_seconds int not null default 0 check (clock_seconds >= 0),
  add column clock_at timestamptz,
  add column price_days smallint not null default 0 check (price_days between 0 and 365),
  add constraint quick_rounds_are_rounds check (clock_quick <= clock_rounds),
  add constraint a_clock_was_measured_once check (clock_rounds = 0 or clock_at is not null);
comment on column shops.shops.clock_rounds is 'questions of the last 30 days, 08-24 h of the shop; quick = answered within 3 minutes; seconds = the mean wait';
create index inboxes_by_last_word on service.inboxes (bucket, inbox_id) include (last_at);

create table service.price_promises (
  bucket smallint not null, order_id bigint not null, position smallint not null,
  shop_id bigint not null, product_id bigint not null, variant_id bigint not null, buyer_id bigint not null,
  quantity int not null check (quantity > 0), currency text not null check (length(currency) = 3),
  paid_each bigint not null check (paid_each > 0), lowest bigint not null, given bigint not null default 0,
  times smallint not null default 0, until timestamptz not null,
  primary key (bucket, order_id, position),
  constraint given_what_it_fell check (given = (paid_each - lowest) * quantity and lowest >= 0)
);
comment on table service.price_promises is 'sharded by shop: lines bought under the promise that the price holds; lowest = the lowest price since, given = what vouchers made good';
comment on column service.price_promises.buyer_id is 'personal: who bought';
create index price_promises_of_product on service.price_promises (bucket, product_id, until);
create index price_promises_by_end on service.price_promises (until);
create index price_promises_of_buyer on service.price_promises (buyer_id);

-- migrate: rollback
drop table service.price_promises;
drop index service.inboxes_by_last_word;
alter table shops.shops drop constraint a_clock_was_measured_once, drop constraint quick_rounds_are_rounds,
  drop column clock_rounds, drop column clock_quick, drop column clock_seconds, drop column clock_at, drop column price_days;
