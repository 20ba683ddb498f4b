"""The member's app and the shops' public pages, measured in a browser."""
