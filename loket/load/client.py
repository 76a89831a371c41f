"""One person's way of sending: each attempt journalled, sent exactly once over their own connection, and judged."""

import gevent

from loket.load.answers import Answer, judge, judge_loss
from loket.load.call import Attempt, pieces
from loket.load.connection import Connection, Lost
from loket.load.recorder import Recorder


def send(attempt: Attempt, connection: Connection, recorder: Recorder) -> Answer:
    """Make the attempt and say what it came to; the journal knows of it before the first byte leaves.

    Raises JournalBroken where it cannot be written down, and then it is not sent.
    """
    sent_ns = recorder.invoke(attempt)
    step = attempt.call.step
    try:
        received = connection.exchange(attempt.call.method, *pieces(attempt, connection.host))
    except Lost as lost:
        answer = judge_loss(step, lost.loss)
    except gevent.GreenletExit:
        recorder.lost_sight(attempt, sent_ns)
        raise
    else:
        answer = judge(step, *received)
    recorder.ended(attempt, sent_ns, answer)
    return answer
