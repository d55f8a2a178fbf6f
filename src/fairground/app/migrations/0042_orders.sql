-- Orders: checkouts, orders with what they froze, their moves, and the shops' copies
-- depends: 0001_kit
-- migrate: apply
create schema orders;

create table orders.rules (
  version text primary key, body jsonb not null, since timestamptz not null
);
comment on table orders.rules is 'reference: sets of rules that orders were placed under';

create table orders.commission_rates (
  kind text not null check (kind in ('product', 'category')), subject text not null,
  basis_points int not null check (basis_points between 0 and 10000), set_at timestamptz not null,
  primary key (kind, subject)
);
comment on table orders.commission_rates is 'reference: commission of single products and of categories; a shop''s own stands with the shop';

create table orders.checkouts (
  bucket smallint not null, id bigint not null, buyer_id bigint not null, payment_id bigint not null,
  order_ids jsonb not null check (jsonb_array_length(order_ids) > 0),
  amount bigint not null check (amount >= 0), currency text not null check (length(currency) = 3),
  coupons jsonb not null, placed_at timestamptz not null, pay_by timestamptz not null,
  primary key (bucket, id)
);
comment on table orders.checkouts is 'sharded by person: one payment over one order for each shop';

create table orders.orders (
  bucket smallint not null, id bigint not null, checkout_id bigint not null, payment_id bigint not null,
  number bigint not null check (number between 0 and 999999999999),
  buyer_id bigint not null, shop_id bigint not null,
  state text not null check (state in ('placed', 'paid', 'shipped', 'received', 'closed')),
  close_reason text check (close_reason in ('unpaid', 'cancelled', 'refunded')),
  version int not null default 1,
  currency text not null check (length(currency) = 3),
  goods bigint not null check (goods >= 0),
  off_shop bigint not null check (off_shop >= 0),
  off_market bigint not null check (off_market >= 0),
  shipping bigint not null check (shipping >= 0),
  total bigint not null check (total >= 0),
  tax bigint not null check (tax between 0 and total),
  commission bigint not null check (commission >= 0),
  refunded bigint not null default 0 check (refunded between 0 and total),
  delivery jsonb not null, address jsonb not null, note text not null default '', language text not null,
  rules_version text not null,
  placed_at timestamptz not null, pay_by timestamptz not null, paid_at timestamptz, ship_by timestamptz,
  shipped_at timestamptz, confirm_by timestamptz, received_at timestamptz, closed_at timestamptz,
  changed_at timestamptz not null,
  parcels smallint not null default 0 check (parcels >= 0), extensions smallint not null default 0,
  cancel_asked_at timestamptz, cancel_reason text not null default '',
  compensation bigint not null default 0 check (compensation >= 0),
  primary key (bucket, id),
  constraint orders_sum check (total = goods - off_shop - off_market + shipping),
  constraint orders_closed_with_reason check ((state = 'closed') = (close_reason is not null)),
  constraint orders_closed_at check ((state = 'closed') = (closed_at is not null)),
  constraint orders_received_at check ((state = 'received') = (received_at is not null)),
  constraint orders_paid_at check (state in ('placed', 'closed') or paid_at is not null),
  constraint orders_placed_unpaid check (state <> 'placed' or (paid_at is null and refunded = 0)),
  constraint orders_shipped_at check (state not in ('shipped', 'received') or (shipped_at is not null and parcels > 0))
);
comment on table orders.orders is 'sharded by person: orders in the bucket of their buyer';
comment on column orders.orders.address is 'personal: where the parcel goes';
comment on column orders.orders.note is 'personal: what the buyer told the shop';
comment on column orders.orders.cancel_reason is 'personal: why the buyer wants to cancel';
create unique index orders_by_number on orders.orders (bucket, number);
create index orders_of_buyer on orders.orders (bucket, buyer_id, id);
create index orders_open_of_buyer on orders.orders (bucket, buyer_id, state, id)
 where state in ('placed', 'paid', 'shipped');

create table orders.lines (
  bucket smallint not null, order_id bigint not null, position smallint not null,
  variant_id bigint not null, product_id bigint not null, product_version int not null,
  title text not null, options jsonb not null, picture_id bigint, sku text not null, language text not null,
  weight_grams int not null, unit_price bigint not null check (unit_price >= 0),
  quantity int not null check (quantity > 0),
  shares jsonb not null, off_shop bigint not null check (off_shop >= 0),
  off_market bigint not null check (off_market >= 0),
  paid bigint not null check (paid >= 0), tax bigint not null check (tax >= 0),
  commission_bp int not null check (commission_bp between 0 and 10000),
  commission bigint not null check (commission >= 0),
  primary key (bucket, order_id, position),
  constraint lines_sum check (paid = unit_price * quantity - off_shop - off_market)
);
comment on table orders.lines is 'sharded by person: what was bought, frozen at the sale';

create table orders.moves (
  bucket smallint not null, order_id bigint not null, version int not null, deed text not null, state text not null,
  actor text not null, actor_id bigint, reason text not null default '', amount bigint, at timestamptz not null,
  primary key (bucket, order_id, version)
);
comment on table orders.moves is 'sharded by person: the history of each order; the first move, its placing, is the order itself';
comment on column orders.moves.reason is 'personal: what was said with it';

create table orders.shop_orders (
  bucket smallint not null, shop_id bigint not null, order_id bigint not null, number bigint not null,
  state text not null, close_reason text, version int not null,
  total bigint not null, currency text not null check (length(currency) = 3), pieces int not null,
  lines jsonb not null, recipient text not null, note text not null,
  cancel_asked_at timestamptz, placed_at timestamptz not null, paid_at timestamptz, ship_by timestamptz,
  confirm_by timestamptz, changed_at timestamptz not null,
  primary key (bucket, shop_id, order_id)
);
comment on table orders.shop_orders is 'sharded by shop: copies of orders for the shop''s lists, fed by events';
comment on column orders.shop_orders.recipient is 'personal: to whom the parcel goes';
comment on column orders.shop_orders.note is 'personal: what the buyer told the shop';
create index shop_orders_by_state on orders.shop_orders (bucket, shop_id, state, order_id);

-- migrate: rollback
drop schema orders cascade;
