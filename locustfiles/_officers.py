"""The office's own people, at work in SIMKIM: one method a step of a case, nothing but the call."""

from dataclasses import replace

from locustfiles import _steps as steps
from locustfiles._mpaspor import encode
from loket.load.answers import Step
from loket.load.call import Call


class Officer:
    """`token` is the staff's. A case is named as its application is."""

    def __init__(self, token: str) -> None:
        self._bearer = (("authorization", f"Bearer {token}"),)

    def decide_referral(self, case: str, approved: bool) -> Call:
        """The interview before the appointment (BAP), of who has lost a passport, say."""
        return self._take(steps.BAP, case, {"approved": approved})

    def check_in(self, case: str, pass_code: str) -> Call:
        """Of somebody who shows their arrival pass."""
        return self._take(steps.CHECK_IN, case, {"pass_code": pass_code})

    def take_biometrics(self, case: str) -> Call:
        return self._take(steps.BIOMETRICS, case)

    def interview(self, case: str, result: str) -> Call:
        """`approved`, `rejected` or `incomplete`."""
        return self._take(steps.INTERVIEW, case, {"result": result})

    def complete(self, case: str) -> Call:
        """What was missing has been brought."""
        return self._take(steps.COMPLETION, case)

    def adjudicate(self, case: str) -> Call:
        return self._take(steps.ADJUDICATION, case)

    def print_passport(self, case: str) -> Call:
        return self._take(steps.PRINT, case)

    def hand_over(self, case: str) -> Call:
        return self._take(steps.HAND_OVER, case)

    def post(self, case: str) -> Call:
        return self._take(steps.SHIPMENT, case)

    def _take(self, step: Step, case: str, body: dict[str, object] | None = None) -> Call:
        word = step.name.replace("_", "-")
        call = Call(step, "POST", f"/cases/{case}/{word}", encode(body or {}), headers=self._bearer)
        return replace(call, application_id=case)
