"""Where people pay: the channels a fee can be paid through (DOMAIN §3)."""

from enum import StrEnum


class Channel(StrEnum):
    TELLER = "teller"
    ATM = "atm"
    EDC = "edc"
    MOBILE_BANKING = "mobile_banking"
    POS = "pos"
    TOKOPEDIA = "tokopedia"
    BUKALAPAK = "bukalapak"
    INDOMARET = "indomaret"
    ALFAMART = "alfamart"
    DANA = "dana"
