"""Invariant 13: every payment that left a bank account bought a place or came back."""

from loket.verdict import CheckVerdict


def expired(story):
    """a1 had a code, let it expire and lost its place."""
    return story.booked("a1", "81").event("expired", "a1", billing_code="81").released("a1")


def sentence(result):
    """The one violation's sentence."""
    [violation] = result.violations
    return violation.sentence


def test_holds_when_the_payment_bought_the_place(story):
    """Debited and paid, same code, same amount."""
    result = story.booked("a1", "81").entry("debited", "81").paid("a1", "81").check(13)
    assert (result.verdict, result.examined) == (CheckVerdict.HOLDS, 1)
    assert result.note == "1 honoured on time, 0 honoured late, 0 refunded (0 of them in the bank's ledger)"


def test_holds_when_late_money_is_honoured(story):
    """A free place was found for it."""
    expired(story).entry("debited", "81").event("late_payment", "a1", billing_code="81")
    result = story.held("a1", reason="late_payment").paid("a1", "81", reason="late_honoured").check(13)
    assert result.verdict is CheckVerdict.HOLDS
    assert "1 honoured late" in result.note


def test_holds_when_late_money_is_refunded(story):
    """No place was free, the money came back."""
    expired(story).entry("debited", "81").event("late_payment", "a1", billing_code="81").refunded("a1", "81")
    result = story.bill("81", "a1", "refunded").entry("refunded", "81").check(13)
    assert result.verdict is CheckVerdict.HOLDS
    assert "1 refunded (1 of them in the bank's ledger)" in result.note


def test_a_refund_may_be_told_by_the_gateway_alone(story):
    """The bill's state is enough."""
    assert expired(story).entry("debited", "81").bill("81", "a1", "refunded").check(13).verdict is CheckVerdict.HOLDS


def test_fires_when_late_money_is_swallowed(story):
    """Neither honoured nor refunded; the witness follows the money."""
    expired(story).entry("debited", "81").event("late_payment", "a1", billing_code="81", ntpn="N1")
    result = story.bill("81", "a1", "paid").check(13)
    assert result.violation_count == 1
    assert (
        sentence(result)
        == "Payment of 650000 rupiah on code 81 (application a1) neither bought a place nor was refunded."
    )
    assert result.violations[0].witness == (
        "2.000 s  service #3: bill_issued (application a1, billing_code 81, amount 650000)",
        "3.000 s  service #4: expired (application a1, billing_code 81)",
        "4.000 s  service #5: released (application a1, slot s1, reason expired)",
        "5.000 s  bank #1: debited 650000 for 81 (ntb b1)",
        "6.000 s  service #6: late_payment (application a1, billing_code 81, ntpn N1)",
        "7.000 s  gateway: bill 81 for a1, 650000, in the end paid",
    )


def test_fires_when_a_refund_was_ordered_and_never_made(story):
    """An order is not a refund."""
    expired(story).entry("debited", "81").event("late_payment", "a1", billing_code="81")
    assert sentence(story.event("refund_ordered", "a1", billing_code="81").check(13)).endswith("nor was refunded.")


def test_fires_when_a_paid_place_is_taken_away(story):
    """The expiry came after the payment: paid, yet expired."""
    story.booked("a1", "81").entry("debited", "81").paid("a1", "81").event("expired", "a1", billing_code="81")
    assert sentence(story.released("a1").check(13)).endswith(
        "was booked as paid, has no place to show for it and was not refunded."
    )


def test_fires_when_the_payment_came_after_the_place_was_gone(story):
    """The payment lost the race against the expiry and was booked all the same."""
    result = expired(story).entry("debited", "81").paid("a1", "81").check(13)
    assert sentence(result).endswith("was booked as paid, has no place to show for it and was not refunded.")


def test_fires_when_money_is_refunded_twice(story):
    """One debit, one refund."""
    expired(story).entry("debited", "81").refunded("a1", "81")
    story.event("refunded", "a1", billing_code="81", ntpn="N2")
    assert sentence(story.check(13)).endswith("was refunded more than once.")


def test_a_paid_place_taken_away_with_a_refund_is_honest(story):
    """The money came back."""
    story.booked("a1", "81").entry("debited", "81").paid("a1", "81").released("a1", reason="expired")
    assert story.refunded("a1", "81").check(13).verdict is CheckVerdict.HOLDS


def test_a_place_the_applicant_gave_up_forfeits_its_fee(story):
    """Cancelling after paying is not refunded: the rule, not a breach."""
    story.booked("a1", "81").entry("debited", "81").paid("a1", "81").released("a1", reason="cancelled")
    assert story.check(13).verdict is CheckVerdict.HOLDS


def test_fires_when_money_is_honoured_and_refunded(story):
    """Exactly one of the two."""
    story.booked("a1", "81").entry("debited", "81").paid("a1", "81").refunded("a1", "81")
    assert sentence(story.check(13)).endswith("bought a place and was refunded as well.")


def test_fires_when_the_amount_differs(story):
    """Paid must mean paid in full."""
    story.booked("a1", "81").entry("debited", "81").paid("a1", "81", amount_idr=1)
    assert sentence(story.check(13)).endswith("was booked as 1.")


def test_fires_for_a_payment_on_a_code_the_service_does_not_know(story):
    """The bill exists at the gateway, its answer never reached the service."""
    story.held("a1").asked("a1").bill("89", "a1", "paid").entry("debited", "89")
    assert sentence(story.check(13)).endswith("was paid on a code that the service does not know.")


def test_money_for_a_bill_that_came_too_late_is_told_by_its_application(story):
    """The place had gone back when the gateway answered; the late payment names the application."""
    story.held("a1").asked("a1").event("billing_failed", "a1").released("a1", reason="billing_failed")
    story.entry("debited", "81").event("late_payment", "a1", billing_code="81", ntpn="N1")
    assert "(application a1) neither bought" in sentence(story.check(13))


def test_a_second_payment_that_is_refunded_leaves_the_first_alone(story):
    """Paid twice by mistake: one place, one refund."""
    story.booked("a1", "81").entry("debited", "81", "b1").paid("a1", "81").entry("debited", "81", "b2")
    assert story.refunded("a1", "81").check(13).verdict is CheckVerdict.HOLDS


def test_fires_when_the_second_of_two_debits_is_kept(story):
    """One place was bought; the other debit must come back."""
    story.booked("a1", "81").entry("debited", "81", "b1").entry("debited", "81", "b2").paid("a1", "81")
    assert sentence(story.check(13)).startswith("Payment of 1300000 rupiah")


def test_money_the_bank_returned_is_no_violation(story):
    """A debit that was refused at the gateway and went back claims nothing."""
    story.booked("a1", "81").entry("debited", "81", "b1").paid("a1", "81")
    result = story.entry("debited", "81", "b2").entry("returned", "81", "b2").check(13)
    assert (result.verdict, result.examined) == (CheckVerdict.HOLDS, 1)


def test_returned_money_alone_proves_nothing(story):
    """A run in which no money stood is vacuous."""
    result = story.booked("a1", "81").entry("debited", "81").entry("returned", "81").check(13)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert result.note.startswith("no money left any account for good")


def test_an_open_payment_is_unknown_where_the_service_got_no_time(story):
    """Time alone could still put it right."""
    result = story.booked("a1", "81").entry("debited", "81").rested(unhealed=["simponi_slow"]).check(13)
    assert result.verdict is CheckVerdict.UNKNOWN
    assert result.note.startswith("payments still open: 1, but faults were still active: simponi_slow")


def test_two_settlements_are_wrong_even_where_the_service_got_no_time(story):
    """No amount of time undoes a payment that was both honoured and refunded."""
    story.booked("a1", "81").entry("debited", "81").paid("a1", "81").refunded("a1", "81")
    assert story.rested(unhealed=["simponi_slow"]).check(13).verdict is CheckVerdict.VIOLATED


def test_a_refund_may_be_told_by_the_bank_alone(story):
    """The bank is the truth about money."""
    assert expired(story).entry("debited", "81").entry("refunded", "81").check(13).verdict is CheckVerdict.HOLDS


def test_holds_when_a_paid_appointment_was_moved(story):
    """The place is another, and it is there."""
    story.booked("a1", "81").entry("debited", "81").paid("a1", "81").released("a1", "s1", reason="rescheduled")
    assert story.held("a1", "s2", reason="rescheduled").check(13).verdict is CheckVerdict.HOLDS


def test_fires_when_a_move_lost_the_paid_place(story):
    """Given back and never taken anew."""
    story.booked("a1", "81").entry("debited", "81").paid("a1", "81").released("a1", "s1", reason="rescheduled")
    assert sentence(story.check(13)).endswith("has no place to show for it and was not refunded.")


def test_money_for_a_cancelled_booking_must_come_back(story):
    """Paid after its owner had cancelled: refunded it is well, else it is not."""
    story.booked("a1", "81").released("a1", reason="cancelled").event("cancelled", "a1", reason="cancelled")
    story.entry("debited", "81").event("late_payment", "a1", billing_code="81")
    assert story.refunded("a1", "81").entry("refunded", "81").check(13).verdict is CheckVerdict.HOLDS


def test_fires_when_money_for_a_cancelled_booking_is_kept(story):
    """Cancelled, paid, and silence."""
    story.booked("a1", "81").released("a1", reason="cancelled").event("cancelled", "a1", reason="cancelled")
    story.entry("debited", "81").event("late_payment", "a1", billing_code="81")
    assert sentence(story.check(13)).endswith("neither bought a place nor was refunded.")
