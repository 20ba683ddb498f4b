"""What happens to a member across the domains: two become one, and are parted again."""
