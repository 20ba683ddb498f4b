"""Looking for cards and members, and at everything that happened to them. Nothing here shows who somebody is: names,
addresses and numbers of people leave masked."""
