"""What becomes of a case where SIMKIM's own clerks work: drawn by the person, so that it depends on nothing else,
neither the order of events nor an id: the same seed and people have the same fates in every run.

Published: ready within four working days of the interview, express on the same day; seven days to complete a file. The
rest is assumed.
"""

from dataclasses import dataclass
from random import Random

from mock_mpaspor.outside.clock import NS
from mock_mpaspor.outside.simkim.cases import Case, CaseState, Step
from mock_mpaspor.outside.simkim.deadlines import COLLECTION_DAYS, COMPLETION_DAYS, DAY_NS
from mock_mpaspor.outside.simkim.zones import clock_time, local, working_days_later

MINUTE_NS = 60 * NS
READY_WORKING_DAYS = 4
# Assumption: people are received from 8 to 12 and from 13 to 16; a case without a session may come all day.
HOURS = {"morning": (8.0, 12.0), "afternoon": (13.0, 16.0)}
ALL_DAY = (8.0, 16.0)
# Assumption: an express passport is handed over until five.
EXPRESS_UNTIL = 17.0
# Assumption: of a hundred who are expected five stay away; interviews approve 95 %, 4 % lack papers, 1 % are rejected.
NO_SHOW_SHARE = 0.05
INTERVIEWS = {Step.APPROVAL: 0.95, Step.INCOMPLETENESS: 0.04, Step.REJECTION: 0.01}
# Assumption: one referral in ten is turned down, one in ten is a case of force majeure, decided within five days.
BAP_REJECTION_SHARE = 0.1
FORCE_MAJEURE_SHARE = 0.1
BAP_DAYS = (0.1, 5.0)
# Assumption: a visit takes minutes, a parcel leaves within two days, one passport in a hundred is never fetched.
ENROL_MINUTES = (5.0, 20.0)
INTERVIEW_MINUTES = (5.0, 30.0)
POST_DAYS = (0.2, 2.0)
FETCH_DAYS = (0.1, 14.0)
NEVER_FETCHED_SHARE = 0.01
COMPLETION_TRIES_DAYS = (0.5, COMPLETION_DAYS + 1.0)
# Assumption: whoever was entered for this very day stands at the counter.
AT_THE_COUNTER_NS = 10 * MINUTE_NS


@dataclass(frozen=True)
class Fate:
    """Shares of a span are 0 to 1."""

    bap_days: float
    bap: Step
    force_majeure: bool
    comes: bool
    arrives_share: float
    enrol_minutes: float
    interview_minutes: float
    interview: Step
    completion_days: float
    ready_share: float
    post_days: float
    fetch_days: float

    @classmethod
    def of(cls, seed: str, person: str) -> "Fate":
        """The fate of this person under this seed."""
        rng = Random(f"{seed}:{person}")
        return cls(
            bap_days=rng.uniform(*BAP_DAYS),
            bap=Step.BAP_REJECTION if rng.random() < BAP_REJECTION_SHARE else Step.BAP_APPROVAL,
            force_majeure=rng.random() < FORCE_MAJEURE_SHARE,
            comes=rng.random() >= NO_SHOW_SHARE,
            arrives_share=rng.random(),
            enrol_minutes=rng.uniform(*ENROL_MINUTES),
            interview_minutes=rng.uniform(*INTERVIEW_MINUTES),
            interview=rng.choices(list(INTERVIEWS), list(INTERVIEWS.values()))[0],
            completion_days=rng.uniform(*COMPLETION_TRIES_DAYS),
            ready_share=rng.uniform(0.3, 0.95),
            post_days=rng.uniform(*POST_DAYS),
            fetch_days=COLLECTION_DAYS + 1.0 if rng.random() < NEVER_FETCHED_SHARE else rng.uniform(*FETCH_DAYS),
        )

    def next_step(self, case: Case) -> Step | None:
        """What is done next to the case; None where nothing is."""
        match case.state:
            case CaseState.REFERRED:
                return self.bap
            case CaseState.ENROLLED:
                return self.interview
            case CaseState.READY:
                return Step.SHIPMENT if case.file.delivery == "post" else Step.HAND_OVER
            case state:
                return ONLY_STEP.get(state)

    def due_ns(self, case: Case) -> int | None:
        """When it is done; None where it never is."""
        since_ns = case.since_ns
        match case.state:
            case CaseState.REFERRED:
                return since_ns + int(self.bap_days * DAY_NS)
            case CaseState.AWAITED:
                return self._arrival_ns(case)
            case CaseState.CHECKED_IN:
                return since_ns + int(self.enrol_minutes * MINUTE_NS)
            case CaseState.ENROLLED:
                return since_ns + int(self.interview_minutes * MINUTE_NS)
            case CaseState.INCOMPLETE:
                late = self.completion_days >= COMPLETION_DAYS
                return None if late else since_ns + int(self.completion_days * DAY_NS)
            case CaseState.INTERVIEWED | CaseState.ADJUDICATED | CaseState.PRINTING:
                return self._back_office_ns(case)
            case CaseState.READY:
                days = self.post_days if case.file.delivery == "post" else self.fetch_days
                return None if days >= COLLECTION_DAYS else since_ns + int(days * DAY_NS)
        return None

    def _arrival_ns(self, case: Case) -> int | None:
        office, day = case.file.office, case.file.date
        if day is None:
            return None
        if local(office, case.since_ns).date() == day:
            left_ns = clock_time(office, day, 24) - case.since_ns
            return case.since_ns + min(AT_THE_COUNTER_NS, left_ns // 2)
        opens, closes = HOURS.get(case.file.session or "", ALL_DAY)
        return clock_time(office, day, opens + self.arrives_share * (closes - opens)) if self.comes else None

    def _back_office_ns(self, case: Case) -> int:
        """Adjudicated, printed and proofed in turn, all within the working days that were promised."""
        interviewed_ns = case.interviewed_ns or case.since_ns
        limit_ns = _promised_ns(case, interviewed_ns)
        return interviewed_ns + int((limit_ns - interviewed_ns) * self.ready_share * SHARE_OF_THE_WAY[case.state])


def _promised_ns(case: Case, interviewed_ns: int) -> int:
    """By when the passport is to be ready: an express one (percepatan) on the day of the interview."""
    office = case.file.office
    if not case.file.express:
        return working_days_later(office, interviewed_ns, READY_WORKING_DAYS)
    day = local(office, interviewed_ns).date()
    # Whoever is heard late waits the shorter for it.
    return max(clock_time(office, day, EXPRESS_UNTIL), (interviewed_ns + clock_time(office, day, 24)) // 2)


ONLY_STEP = {
    CaseState.AWAITED: Step.CHECK_IN,
    CaseState.CHECKED_IN: Step.BIOMETRICS,
    CaseState.INCOMPLETE: Step.COMPLETION,
    CaseState.INTERVIEWED: Step.ADJUDICATION,
    CaseState.ADJUDICATED: Step.PRINT,
    CaseState.PRINTING: Step.PROOF,
}
# Assumption: half of the way from interview to passport is adjudication, the printer's queue is most of the rest.
SHARE_OF_THE_WAY = {CaseState.INTERVIEWED: 0.5, CaseState.ADJUDICATED: 0.85, CaseState.PRINTING: 1.0}
