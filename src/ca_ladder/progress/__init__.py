"""What it means: records measured against their ladders on a given day; pure, no clock, no files."""
