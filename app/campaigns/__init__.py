"""What members are told, invited by, and asked: messages, invitations, feedback."""
