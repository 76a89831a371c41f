"""The steps of the journey that the audit knows by name, as the people's journal writes them."""

from enum import StrEnum


class Step(StrEnum):
    """One call of the journey; a service of one's own maps its calls onto these."""

    REGISTER = "register"
    LOGIN = "login"
    DRAFT = "draft"
    VERIFY_NIK = "verify_nik"
    UPLOAD_DOCUMENT = "upload_document"
    HOLD_SLOT = "hold_slot"
    REQUEST_BILLING = "request_billing"
    BILLING_CODE = "billing_code"
    PAY = "pay"


# Operations whose unknown outcome the audit resolves, because other people's places or money hang on them.
WRITES = frozenset({Step.HOLD_SLOT, Step.REQUEST_BILLING, Step.PAY})
