"""Verbs that compute runs or work on the folder of a run."""
