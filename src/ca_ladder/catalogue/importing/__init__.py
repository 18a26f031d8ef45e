"""From a role page to the draft of a catalogue."""
