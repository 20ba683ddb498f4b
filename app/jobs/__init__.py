"""What is done beside the requests: the outbox, webhook deliveries, and jobs that come round by the clock."""
