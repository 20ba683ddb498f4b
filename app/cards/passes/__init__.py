"""Cards for the phone's own wallet: Apple's signed file and Google's signed link. Both carry the card's static code."""
