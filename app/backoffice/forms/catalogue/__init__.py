"""Forms of rewards, their pictures and codes, promotions, and what is given by hand."""
