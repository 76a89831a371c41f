"""One application from the draft to the payment, for the account's owner or somebody they apply for."""

from collections.abc import Callable

from locustfiles._appointment import Appointment
from locustfiles._behaviour import Habits
from locustfiles._document import jpeg
from locustfiles._errands import Errand, Quirks
from locustfiles._family import mistaken, mistyped
from locustfiles._mpaspor import MPaspor
from locustfiles._people import Person
from locustfiles._phone import Leaves, Phone
from locustfiles._purchase import Purchase
from locustfiles._steps import Drafts, Missing, Slot
from locustfiles._visit import Visit
from loket.load.answers import Reply
from loket.records import Outcome

# Nobody is asked for more scans than this.
MOST_DOCUMENTS = 12
FIRST_DOCUMENT = "kk"
ADDRESS = "Jalan Contoh 1, Kota Contoh"


class Applying:
    """`number` is that of the applicant within the account; `log_in` is for who comes back to a draft."""

    def __init__(
        self, phone: Phone, mpaspor: MPaspor, log_in: Callable[[], MPaspor], errand: Errand, habits: Habits
    ) -> None:
        self._phone = phone
        self._mpaspor = mpaspor
        self._log_in = log_in
        self._errand = errand
        self._habits = habits

    def until_paid(self, number: int, applicant: Person, quirks: Quirks) -> str:
        """The application, paid for and seen as paid. Raises Leaves."""
        name = str(number)
        self._phone.be_patient()
        application = self._draft(quirks)
        self._identify(application, applicant, quirks)
        self._upload(application, quirks)
        if self._errand.in_person_first:
            self._see_the_office_first(application, number)
        lane = "express" if self._errand.wish.express else "online"
        appointment = Appointment(self._phone, self._mpaspor, application, lane, name)
        slot = appointment.hold(self._habits.taste)
        self._buy(application, name, quirks)
        self._arrange(application, appointment, slot, quirks)
        return application

    def _draft(self, quirks: Quirks) -> str:
        phone = self._phone
        phone.think()
        drafted = phone.needed(phone.insist(self._mpaspor.draft(phone.visitor.office, self._errand.wish)), Reply)
        phone.visitor.passed("draft")
        if not quirks.leaves_draft:
            return drafted.application_id or ""
        phone.visitor.pause(phone.behaviour.look_every_s)
        self._mpaspor = self._log_in()
        mine = phone.needed(phone.insist(self._mpaspor.applications()), Drafts).applications
        found = next((row.application_id for row in mine if row.application_id == drafted.application_id), None)
        if found is None:
            raise Leaves(Outcome.FAILED)
        return found

    def _identify(self, application: str, applicant: Person, quirks: Quirks) -> None:
        phone = self._phone
        phone.think()
        if quirks.mistakes_birth_date:
            phone.insist(self._mpaspor.verify_nik(application, mistaken(applicant)))
            phone.think()
        if quirks.mistypes_nik:
            phone.insist(self._mpaspor.verify_nik(application, mistyped(applicant)))
            phone.think()
        phone.needed(phone.insist(self._mpaspor.verify_nik(application, applicant)), Reply)
        phone.visitor.passed("verify_nik")

    def _upload(self, application: str, quirks: Quirks) -> None:
        """Whatever the service says is missing; a service that does not say gets the usual three."""
        phone = self._phone
        image = jpeg(phone.behaviour.document_bytes)
        if quirks.picks_wrong_file:
            phone.insist(self._mpaspor.upload_wrong_file(application, FIRST_DOCUMENT))
        stored: list[str] = []
        missing: tuple[str, ...] = (FIRST_DOCUMENT,)
        while missing and len(stored) < MOST_DOCUMENTS:
            phone.think()
            call = self._mpaspor.upload_document(application, missing[0], image)
            stored.append(missing[0])
            said = phone.needed(phone.insist(call), Missing).missing
            usual = tuple(kind for kind in phone.behaviour.documents if kind not in stored)
            missing = usual if said is None else said
        phone.visitor.passed("upload_document")

    def _see_the_office_first(self, application: str, number: int) -> None:
        """Ask for the interview (BAP) and wait for what it decides."""
        phone = self._phone
        phone.needed(phone.insist(self._mpaspor.refer(application)), Reply)
        if phone.visitor.plan.simkim_url:
            Visit(phone, self._mpaspor, application, number).be_heard_first()
        phone.be_patient()
        for answer in phone.poll(lambda: self._mpaspor.status(application)):
            state = answer.reply.state if answer.reply else None
            if state == "REJECTED":
                raise Leaves(Outcome.REFUSED)
            if state not in (None, "REFERRED"):
                phone.visitor.passed("referral")
                return
        raise Leaves(Outcome.GAVE_UP)

    def _buy(self, application: str, name: str, quirks: Quirks) -> None:
        phone = self._phone
        purchase = Purchase(phone, self._mpaspor, application, self._habits, name)
        bill = purchase.get_the_code()
        if quirks.cancels:
            phone.think()
            phone.insist(self._mpaspor.cancel(application, phone.key(f"cancel-{name}")))
            raise Leaves(Outcome.WITHDREW)
        purchase.pay(bill)
        seen = purchase.see_it_paid()
        if seen is not Outcome.CONFIRMED:
            raise Leaves(seen)

    def _arrange(self, application: str, appointment: Appointment, slot: Slot, quirks: Quirks) -> None:
        """What may follow a payment."""
        phone = self._phone
        if quirks.by_post:
            phone.insist(self._mpaspor.have_it_posted(application, ADDRESS))
        if quirks.moves:
            phone.think()
            appointment.move(slot, self._habits.taste)
        if quirks.fetches_pass:
            phone.insist(self._mpaspor.arrival_pass(application))
            phone.insist(self._mpaspor.arrival_pass_picture(application))
