"""The outbox: what people are to be told of risen levels, once per task and level."""

from oncor_cases.store.session import Connection


def deliver(conn: Connection, region: int, limit: int = 10_000) -> int:
    """Marks the waiting notices of still open tasks delivered: the owner's inbox shows them from now on.

    A notice whose task was closed meanwhile is dropped: nobody is told of what is done. Two deliveries at once take
    different rows."""
    conn.execute(
        """delete from notice n using task t
           where n.region_id = %s and n.delivered_at is null
             and t.region_id = n.region_id and t.id = n.task_id and t.closed_at is not null""",
        (region,),
    )
    return conn.execute(
        """update notice set delivered_at = clock_timestamp()
           where region_id = %(region)s and id = any(array(
               select id from notice where region_id = %(region)s and delivered_at is null
               order by id limit %(limit)s for update skip locked))""",
        {"region": region, "limit": limit},
    ).rowcount
