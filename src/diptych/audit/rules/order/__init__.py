"""What miners and other senders decide: time, randomness, the order of transactions."""
