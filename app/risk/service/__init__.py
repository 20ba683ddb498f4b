"""What is done about risk: looking for cases, deciding them, setting limits and trying them. Each function is one
transaction, unless it says otherwise."""
