"""What happens to the data when a program is killed, a call fails, the power fails, or many write at once."""
