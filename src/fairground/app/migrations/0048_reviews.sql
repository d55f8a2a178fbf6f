-- Reviews of what was received, answers to them, and what they add up to
-- depends: 0001_kit
-- migrate: apply
create schema reviews;

create table reviews.written (
  bucket smallint not null, order_id bigint not null, position smallint not null,
  buyer_id bigint not null, review_id bigint not null, shop_id bigint not null, written_at timestamptz not null,
  primary key (bucket, order_id, position)
);
comment on table reviews.written is 'sharded by person: which lines of which orders were reviewed, so that none is twice';
create index written_of_buyer on reviews.written (bucket, buyer_id, review_id);

create table reviews.invitations (
  bucket smallint not null, order_id bigint not null, buyer_id bigint not null, shop_id bigint not null,
  lines smallint not null check (lines > 0), until timestamptz not null,
  primary key (bucket, order_id)
);
comment on table reviews.invitations is 'sharded by person: received orders that may be reviewed, until when';
create index invitations_of_buyer on reviews.invitations (bucket, buyer_id, until);
create index invitations_by_end on reviews.invitations (until);

create table reviews.reviews (
  bucket smallint not null, id bigint not null,
  shop_id bigint not null, product_id bigint not null, variant_id bigint not null,
  order_id bigint not null, position smallint not null, buyer_id bigint not null,
  title text not null, options jsonb not null, shown_name text not null, language text not null,
  stars smallint not null check (stars between 1 and 5), words text not null, pictures bigint[] not null,
  written_at timestamptz not null, visible_at timestamptz not null,
  first_stars smallint check (first_stars between 1 and 5), first_words text, changed_at timestamptz,
  more_words text not null default '', more_pictures bigint[] not null default '{}', more_at timestamptz,
  answer text not null default '', answered_by bigint, answered_at timestamptz, answer_changed_at timestamptz,
  tallied smallint, tallied_before smallint, version int not null default 1,
  primary key (bucket, id),
  constraint one_review_of_a_line unique (bucket, order_id, position),
  constraint a_change_keeps_what_was_said_first check (num_nonnulls(first_stars, first_words, changed_at) in (0, 3)),
  constraint a_follow_up_says_something check ((more_at is null) = (more_words = '')),
  constraint an_answer_says_something check ((answered_at is null) = (answer = '')),
  constraint visible_after_written check (visible_at >= written_at)
);
comment on table reviews.reviews is 'sharded by shop: what buyers say of what they received, and what the shop answers; tallied = the stars counted so far';
comment on column reviews.reviews.buyer_id is 'personal: who wrote it';
comment on column reviews.reviews.shown_name is 'personal: the first sign of the name and stars, empty once the account is closed';
comment on column reviews.reviews.words is 'personal: what the buyer wrote';
comment on column reviews.reviews.first_words is 'personal: what the buyer wrote before the change';
comment on column reviews.reviews.more_words is 'personal: what the buyer added later';
comment on column reviews.reviews.answered_by is 'personal: who of the shop answered';
create index reviews_of_product on reviews.reviews (bucket, product_id, visible_at desc, id desc);
create index reviews_of_product_by_stars on reviews.reviews (bucket, product_id, stars, visible_at desc, id desc);
create index reviews_of_product_with_pictures on reviews.reviews (bucket, product_id, visible_at desc, id desc)
  where cardinality(pictures) > 0;
create index reviews_of_shop on reviews.reviews (bucket, shop_id, visible_at desc, id desc);
create index reviews_unanswered on reviews.reviews (bucket, shop_id, visible_at desc, id desc) where answered_at is null;

create table reviews.product_stars (
  bucket smallint not null, product_id bigint not null,
  one int not null default 0 check (one >= 0), two int not null default 0 check (two >= 0),
  three int not null default 0 check (three >= 0), four int not null default 0 check (four >= 0),
  five int not null default 0 check (five >= 0), with_pictures int not null default 0 check (with_pictures >= 0),
  primary key (bucket, product_id)
);
comment on table reviews.product_stars is 'sharded by shop: how many reviews of a product gave how many stars';

create table reviews.shop_scores (
  bucket smallint not null, order_id bigint not null, shop_id bigint not null, buyer_id bigint not null,
  described smallint not null check (described between 1 and 5),
  service smallint not null check (service between 1 and 5),
  shipping smallint not null check (shipping between 1 and 5),
  given_at timestamptz not null, day date not null, tallied boolean not null default false,
  primary key (bucket, order_id)
);
comment on table reviews.shop_scores is 'sharded by shop: the three scores a buyer gave the shop with an order';
comment on column reviews.shop_scores.buyer_id is 'personal: who gave them';
create index shop_scores_of_pair on reviews.shop_scores (bucket, shop_id, buyer_id, day);

create table reviews.score_days (
  bucket smallint not null, shop_id bigint not null, day date not null,
  described int not null, service int not null, shipping int not null, n int not null check (n > 0),
  primary key (bucket, shop_id, day)
);
comment on table reviews.score_days is 'sharded by shop: sums of the scores by day, those that count';

create table reviews.market_score (
  only_row boolean primary key default true check (only_row),
  described smallint not null, service smallint not null, shipping smallint not null, n bigint not null,
  at timestamptz not null
);
comment on table reviews.market_score is 'reference: mean scores of the whole market, in hundredths of a star, made daily';

-- migrate: rollback
drop schema reviews cascade;
