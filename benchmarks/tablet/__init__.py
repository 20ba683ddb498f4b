"""The tablet in a real browser: how well and how quickly it reads codes, answers, and starts."""
