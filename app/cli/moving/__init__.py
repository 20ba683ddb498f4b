"""``zegel db move``: every row into another database, of the other kind or of the same, and the proof that it is so."""
