"""What the visits say of the customers: how often they will come, and what they will spend. Reads only."""
