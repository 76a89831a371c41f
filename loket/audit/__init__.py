"""The audit: reads what a run left behind and says whether the service was right. Pure: files in, findings out."""
