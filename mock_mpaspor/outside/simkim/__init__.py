"""SIMKIM, the immigration offices' own system: from check-in to the passport in the applicant's hand."""
