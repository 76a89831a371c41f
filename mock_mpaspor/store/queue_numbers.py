"""Numbers of the counter queue: 1, 2, 3, … for each office's day, none left out and none given twice."""

from sqlalchemy import Connection, bindparam

from mock_mpaspor.store.schema import QUEUE_NUMBERS

_NEXT = (
    QUEUE_NUMBERS.update()
    .where(QUEUE_NUMBERS.c.office == bindparam("the_office"), QUEUE_NUMBERS.c.date == bindparam("the_date"))
    .values(last=QUEUE_NUMBERS.c.last + 1)
    .returning(QUEUE_NUMBERS.c.last)
)


def draw(connection: Connection, office: str, date: str) -> int:
    """The next number; others who draw for the same day wait for the commit.

    Raises IntegrityError where somebody else drew the first number of the day at the same moment.
    """
    number = connection.execute(_NEXT, {"the_office": office, "the_date": date}).scalar()
    if number is None:
        connection.execute(QUEUE_NUMBERS.insert(), {"office": office, "date": date, "last": 1})
        return 1
    return int(number)
