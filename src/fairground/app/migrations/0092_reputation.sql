-- Both sides review and see it together; helpful votes, removals with a note, the ladder of reputation, daily scores
-- depends: 0048_reviews
-- migrate: apply
create table reviews.sides (
  bucket smallint not null, order_id bigint not null, shop_id bigint not null, buyer_id bigint not null,
  ends_at timestamptz not null, buyer_wrote_at timestamptz, shop_wrote_at timestamptz, shown_at timestamptz,
  primary key (bucket, order_id),
  constraint shown_when_both_wrote_or_the_window_ended
    check (shown_at is null or shown_at >= ends_at or num_nulls(buyer_wrote_at, shop_wrote_at) = 0)
);
comment on table reviews.sides is 'sharded by shop: who of the two has written about a received order; hidden until both have, or the window ends';
comment on column reviews.sides.buyer_id is 'personal: who bought';
create index sides_to_rate on reviews.sides (bucket, shop_id, ends_at, order_id) where shop_wrote_at is null;
create index sides_by_end on reviews.sides (ends_at) where buyer_wrote_at is null and shop_wrote_at is null;
insert into reviews.sides (bucket, order_id, shop_id, buyer_id, ends_at, buyer_wrote_at)
select ((i.shop_id >> 12) & 1023)::smallint, i.order_id, i.shop_id, i.buyer_id, i.until,
       (select min(w.written_at) from reviews.written w where w.bucket = i.bucket and w.order_id = i.order_id)
  from reviews.invitations i;

create table reviews.buyer_ratings (
  bucket smallint not null, order_id bigint not null, buyer_id bigint not null, shop_id bigint not null,
  verdict smallint not null check (verdict between -1 and 1), words text not null,
  rated_by bigint, rated_at timestamptz not null, visible_at timestamptz not null,
  shown boolean not null default false, ladder smallint check (ladder between -1 and 1),
  primary key (bucket, order_id),
  constraint visible_after_rated check (visible_at >= rated_at)
);
comment on table reviews.buyer_ratings is 'sharded by person: what shops say of the buyers of received orders; ladder = what of it counts';
comment on column reviews.buyer_ratings.buyer_id is 'personal: of whom';
comment on column reviews.buyer_ratings.words is 'personal: what the shop says of the buyer';
comment on column reviews.buyer_ratings.rated_by is 'personal: who of the shop';
create index ratings_of_buyer on reviews.buyer_ratings (bucket, buyer_id, visible_at desc, order_id desc);
create index ratings_of_pair on reviews.buyer_ratings (bucket, buyer_id, shop_id, rated_at);

alter table reviews.reviews
  add column shown boolean not null default true,
  add column helpful int not null default 0 check (helpful >= 0),
  add column ladder smallint check (ladder between -1 and 1),
  add column removed_at timestamptz, add column removed_why text not null default '', add column removed_by bigint,
  add constraint a_removal_says_why check ((removed_at is null) = (removed_why = ''));
alter table reviews.reviews alter column shown set default false;
comment on column reviews.reviews.ladder is 'what of it counts on the ladder of the shop: 1, 0, -1, or null where it does not';
comment on column reviews.reviews.removed_by is 'personal: who of the staff took it away';
create index reviews_of_pair on reviews.reviews (bucket, shop_id, buyer_id, written_at, id);
create index reviews_by_day on reviews.reviews (written_at desc, id desc);
create index reviews_of_product_by_helpful on reviews.reviews (bucket, product_id, helpful desc, id desc);

create table reviews.helpful_votes (
  bucket smallint not null, review_id bigint not null, person_id bigint not null, voted_at timestamptz not null,
  primary key (bucket, review_id, person_id)
);
comment on table reviews.helpful_votes is 'sharded by shop: who found a review helpful';
comment on column reviews.helpful_votes.person_id is 'personal: who found it so';

create table reviews.reputations (
  bucket smallint not null, kind text not null check (kind in ('shop', 'buyer')), subject_id bigint not null,
  good int not null default 0 check (good >= 0), neutral int not null default 0 check (neutral >= 0),
  bad int not null default 0 check (bad >= 0), points int generated always as (good - bad) stored,
  primary key (bucket, kind, subject_id)
);
comment on table reviews.reputations is 'sharded by shop or person: how many good, neutral and bad reviews count on the ladder';
-- What was written before there was a ladder counts too: of one buyer for one shop the first three of a month.
with ranked as (
  select bucket, id, row_number() over (
           partition by bucket, shop_id, buyer_id, date_trunc('month', written_at at time zone 'Asia/Shanghai')
           order by written_at, id) as place
    from reviews.reviews where visible_at <= now())
update reviews.reviews r
   set ladder = case when r.stars >= 4 then 1 when r.stars <= 2 then -1 else 0 end
  from ranked where ranked.bucket = r.bucket and ranked.id = r.id and ranked.place <= 3;
insert into reviews.reputations (bucket, kind, subject_id, good, neutral, bad)
select bucket, 'shop', shop_id, count(*) filter (where ladder = 1), count(*) filter (where ladder = 0),
       count(*) filter (where ladder = -1)
  from reviews.reviews where ladder is not null group by bucket, shop_id;

alter table reviews.shop_scores
  add column shown boolean not null default true, add column removed boolean not null default false,
  add column category text;
alter table reviews.shop_scores alter column shown set default false;
comment on column reviews.shop_scores.category is 'of what was reviewed first; the mean of its shops is what a score is drawn towards';

create table reviews.shop_categories (
  bucket smallint not null, shop_id bigint not null, category text not null, n int not null check (n >= 0),
  primary key (bucket, shop_id, category)
);
comment on table reviews.shop_categories is 'sharded by shop: from which categories its scores come';

create table reviews.category_scores (
  category text primary key, described smallint not null, service smallint not null, shipping smallint not null,
  n bigint not null, at timestamptz not null
);
comment on table reviews.category_scores is 'reference: mean scores by category, in hundredths of a star, made daily';

create table reviews.score_history (
  bucket smallint not null, shop_id bigint not null, day date not null,
  described smallint not null check (described between 100 and 500),
  service smallint not null check (service between 100 and 500),
  shipping smallint not null check (shipping between 100 and 500),
  n int not null check (n > 0), points int not null,
  primary key (bucket, shop_id, day)
);
comment on table reviews.score_history is 'sharded by shop: the scores as they stood, day by day';

create table reviews.flags (
  id bigint primary key, kind text not null check (kind in ('duplicate', 'ring', 'burst', 'paid_words')),
  shop_id bigint, reviews bigint[] not null check (cardinality(reviews) > 0), evidence jsonb not null,
  found_at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'kept', 'removed')),
  decided_by bigint, decided_at timestamptz, reason text not null default '',
  constraint a_decision_says_why check ((state = 'open') = (decided_at is null) and (state = 'open') = (reason = ''))
);
comment on table reviews.flags is 'reference: what plain statistics found odd among reviews, for the desk to look at and decide';
comment on column reviews.flags.decided_by is 'personal: who of the staff decided';
create index flags_open on reviews.flags (found_at, id) where state = 'open';
create index flags_decided on reviews.flags (decided_at desc, id desc) where state <> 'open';
create index flags_by_review on reviews.flags using gin (reviews);

create table reviews.owners (
  bucket smallint not null, product_id bigint not null, buyer_id bigint not null, received_at timestamptz not null,
  primary key (bucket, product_id, buyer_id)
);
comment on table reviews.owners is 'sharded by shop: who has received a product, so that some of them can be asked about it';
comment on column reviews.owners.buyer_id is 'personal: who has it';
create index owners_by_day on reviews.owners (bucket, product_id, received_at desc, buyer_id);
insert into reviews.owners (bucket, product_id, buyer_id, received_at)
select bucket, product_id, buyer_id, max(written_at) from reviews.reviews group by 1, 2, 3;

create table reviews.questions (
  bucket smallint not null, id bigint not null, product_id bigint not null, shop_id bigint not null,
  asker_id bigint not null, shown_name text not null, language text not null, words text not null check (words <> ''),
  asked_at timestamptz not null, drawn_at timestamptz, shop_answered_at timestamptz,
  answers int not null default 0 check (answers >= 0), version int not null default 1,
  primary key (bucket, id)
);
comment on table reviews.questions is 'sharded by shop: what people ask about products, answered by the shop and by some who have them';
comment on column reviews.questions.asker_id is 'personal: who asks';
comment on column reviews.questions.shown_name is 'personal: the first sign of the name and stars, empty once the account is closed';
comment on column reviews.questions.words is 'personal: what was asked';
create index questions_of_product on reviews.questions (bucket, product_id, asked_at desc, id desc);
create index questions_answered on reviews.questions (bucket, product_id, asked_at desc, id desc) where answers > 0;
create index questions_open on reviews.questions (bucket, shop_id, asked_at, id) where shop_answered_at is null;

create table reviews.answers (
  bucket smallint not null, id bigint not null, question_id bigint not null,
  side text not null check (side in ('shop', 'buyer')), author_id bigint, shown_name text not null,
  language text not null, words text not null check (words <> ''), written_at timestamptz not null,
  primary key (bucket, id),
  constraint one_answer_of_each unique (bucket, question_id, author_id)
);
comment on table reviews.answers is 'sharded by shop: answers to questions about products';
comment on column reviews.answers.author_id is 'personal: who answers';
comment on column reviews.answers.shown_name is 'personal: the first sign of the name and stars, empty for the shop';
comment on column reviews.answers.words is 'personal: what was answered';
create unique index one_answer_of_the_shop on reviews.answers (bucket, question_id) where side = 'shop';
create index answers_of_question on reviews.answers (bucket, question_id, written_at, id);

create table reviews.own_questions (
  bucket smallint not null, person_id bigint not null, day date not null, n smallint not null,
  question_id bigint not null,
  primary key (bucket, person_id, day, n)
);
comment on table reviews.own_questions is 'sharded by person: who asked what; the number within a day keeps floods out';
create index own_questions_by_id on reviews.own_questions (bucket, person_id, question_id desc);

create table reviews.asked (
  bucket smallint not null, person_id bigint not null, question_id bigint not null, asked_at timestamptz not null,
  state text not null default 'waiting' check (state in ('waiting', 'answered', 'declined')),
  primary key (bucket, person_id, question_id)
);
comment on table reviews.asked is 'sharded by person: who was drawn to answer which question; each may decline';
comment on column reviews.asked.person_id is 'personal: who is asked';
create index asked_waiting on reviews.asked (bucket, person_id, asked_at desc, question_id desc) where state = 'waiting';

-- migrate: rollback
drop table reviews.asked, reviews.own_questions, reviews.answers, reviews.questions, reviews.owners;
drop table reviews.flags;
drop table reviews.score_history, reviews.category_scores, reviews.shop_categories, reviews.reputations,
  reviews.helpful_votes, reviews.buyer_ratings, reviews.sides;
drop index reviews.reviews_of_pair, reviews.reviews_by_day, reviews.reviews_of_product_by_helpful;
alter table reviews.shop_scores drop column shown, drop column removed, drop column category;
alter table reviews.reviews drop constraint a_removal_says_why, drop column shown, drop column helpful,
  drop column ladder, drop column removed_at, drop column removed_why, drop column removed_by;
