"""What pages share: base templates, tokens, locale, headers, error pages and the words for errors. Knows no domain."""
