"""The rules of M-Paspor, pure: no clock of their own, no database, no HTTP."""
