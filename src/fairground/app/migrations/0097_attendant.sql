-- The attendant: a shop's own questions and answers, and what nobody could answer yet
-- depends: 0001_kit 0096_tickets
-- migrate: apply
create table service.shop_answers (
  bucket smallint not null, id bigint not null, shop_id bigint not null, product_id bigint,
  question text not null check (question <> ''), answer text not null check (answer <> ''),
  written_by bigint, written_at timestamptz not null, changed_at timestamptz not null, version int not null default 1,
  primary key (bucket, id)
);
comment on table service.shop_answers is 'sharded by shop: questions that a shop has answered once for all, for one product or for all';
comment on column service.shop_answers.written_by is 'personal: who of the shop wrote it';
create index shop_answers_of_shop on service.shop_answers (bucket, shop_id, id);

create table service.shop_questions (
  bucket smallint not null, id bigint not null, shop_id bigint not null, product_id bigint,
  person_id bigint not null, question text not null, language text not null, asked_at timestamptz not null,
  primary key (bucket, id),
  constraint asked_once unique (bucket, shop_id, person_id, question)
);
comment on table service.shop_questions is 'sharded by shop: questions that the attendant could not answer; gone once answered, dismissed or old';
comment on column service.shop_questions.person_id is 'personal: who asked';
comment on column service.shop_questions.question is 'personal: what somebody asked';
create index shop_questions_of_shop on service.shop_questions (bucket, shop_id, asked_at, id);
create index shop_questions_of_person on service.shop_questions (person_id, asked_at);
create index shop_questions_by_age on service.shop_questions (asked_at);

-- migrate: rollback
drop table service.shop_questions, service.shop_answers;
