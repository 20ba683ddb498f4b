"""What shops pay: plans, subscriptions, Stripe's events, invoices. Without a key of Stripe's all of it is off."""
