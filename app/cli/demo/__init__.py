"""The demo town: an invented shopping street with a year behind it, booked through the counter's own services."""
