"""The systems around M-Paspor, each its own process: the civil registry, the state's billing gateway,
a bank, the offices' own system.
"""
