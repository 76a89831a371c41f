"""How long things last. The payment deadline is M-Paspor's two hours; it starts when the code is issued."""

from dataclasses import dataclass

from mock_mpaspor.domain.clock import NS_PER_S


@dataclass(frozen=True)
class Deadlines:
    """Spans in seconds and instants in unix nanoseconds, both of the service's clock."""

    payment_s: float
    hold_s: float
    code_patience_s: float

    def held_until(self, held_ns: int) -> int:
        """When a hold without a billing request ends."""
        return held_ns + int(self.hold_s * NS_PER_S)

    def pay_before(self, issued_ns: int) -> int:
        """When an unpaid code expires."""
        return issued_ns + int(self.payment_s * NS_PER_S)

    def reconcile_from(self, issued_ns: int) -> int:
        """When SIMPONI is first asked whether a code was paid: half-way, so that no paid code expires unasked."""
        return issued_ns + int(self.payment_s * NS_PER_S / 2)

    def give_up_code_at(self, requested_ns: int) -> int:
        """When the service stops trying for a code and gives the place back."""
        return requested_ns + int(self.code_patience_s * NS_PER_S)
