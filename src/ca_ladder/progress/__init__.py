"""What it means: records measured against their ladders on a given day. Pure: no clock, no files."""
