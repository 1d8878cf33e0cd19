-- The open work about a difference follows the organisation that has to mend it (docs/adr/0017).
alter table difference_event drop constraint ck_difference_event_kind;
alter table difference_event add constraint ck_difference_event_kind check
    (kind in ('found', 'changed', 'returned', 'confirmed', 'unconfirmed', 'given', 'handed', 'fixed', 'gone'));
