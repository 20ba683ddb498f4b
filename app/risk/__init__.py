"""What looks like misuse of cards, by whom it was noticed, and what somebody decided about it.

Rules look at what was booked and at tries that missed. Above a soft limit they open a case, which a person decides;
hard limits are held by the counter itself. Nothing here books, blocks or tells a shop by itself.
"""
