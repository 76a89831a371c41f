"""The bank: takes people's money for a billing code and keeps the ledger, the truth about money."""
