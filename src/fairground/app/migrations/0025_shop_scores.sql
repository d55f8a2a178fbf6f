-- Shops carry their three scores, copied from reviews
-- depends: 0024_shops
-- migrate: apply
alter table shops.shops
  add column score_described smallint check (score_described between 100 and 500),
  add column score_service smallint check (score_service between 100 and 500),
  add column score_shipping smallint check (score_shipping between 100 and 500),
  add column score_count int not null default 0 check (score_count >= 0),
  add constraint scores_together check
    (num_nonnulls(score_described, score_service, score_shipping) = case when score_count > 0 then 3 else 0 end);
comment on column shops.shops.score_count is 'how many buyers stand behind the scores; the scores are in hundredths of a star';

-- migrate: rollback
alter table shops.shops drop constraint scores_together,
  drop column score_described, drop column score_service, drop column score_shipping, drop column score_count;
