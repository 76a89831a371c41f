"""The billing code (kode billing) that SIMPONI issues: 15 digits, the first 7 to 9 for non-tax revenue.

Assumption: immigration's codes start with 8, after one published specimen (8, yyyymmdd, six digits).
"""

import re

_BILLING_CODE = re.compile(r"8\d{14}", re.ASCII)
_NTPN = re.compile(r"[0-9A-Z]{16}", re.ASCII)


def is_billing_code(text: str) -> bool:
    """Whether `text` can be a billing code.

    >>> [is_billing_code(text) for text in ("820250203000001", "720250203000001", "82025020300001")]
    [True, False, False]
    """
    return _BILLING_CODE.fullmatch(text) is not None


def is_ntpn(text: str) -> bool:
    """Whether `text` can be an NTPN, the treasury's number of a payment: 16 capitals and digits.

    >>> is_ntpn("0A1B2C3D4E5F6G7H"), is_ntpn("short")
    (True, False)
    """
    return _NTPN.fullmatch(text) is not None
