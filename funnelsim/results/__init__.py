"""What came out: one labelled dataset a run, its intervals, and the files it is kept in."""
