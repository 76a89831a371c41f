"""SIMPONI, the state's billing gateway: issues billing codes, takes payments, tells M-Paspor of each."""
