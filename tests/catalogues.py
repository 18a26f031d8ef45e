"""Catalogues that several tests share. They are text, as their authors write it."""


def catalogue_of(*roles: str) -> str:
    """Return the text of a catalogue, version 7, with these roles."""
    return 'version: "7"\nroles:\n' + "".join(roles)


# Three letters in the first tier, one in the second, and an activity beside the tiers.
CLERK = """\
  - id: clerk
    name: Clerk
    tiers:
      - {id: 0-3, title: New, months: {from: 0, until: 3}}
      - {id: 3-6, title: Meeting, months: {from: 3, until: 6}}
    tasks:
      - id: files
        name: Files
        why: Nothing is lost.
        expectations:
          0-3:
            - {id: file-01, text: File a letter}
            - {id: file-02, text: Find a letter}
            - {id: file-03, text: Throw a letter away when the law does not ask any longer for it to be kept}
          3-6:
            - {id: file-04, text: Teach filing}
        activities:
          - {id: file-t1, text: Ask the employee to explain the filing plan, led_by: mentor}
"""
# The role above the clerk's: one item, and another for those on the night shift.
SENIOR = """\
  - id: senior
    name: Senior Clerk
    variants: [{id: night, name: Night shift}]
    tiers: [{id: 0-12, title: First year, months: {from: 0, until: 12}}]
    tasks:
      - id: office
        name: The office
        why: It runs.
        expectations:
          0-12:
            - {id: off-01, text: Open the office}
      - id: lamps
        name: The lamps
        why: It is dark.
        variant: night
        expectations:
          0-12:
            - {id: off-02, text: Light the office}
"""
OFFICE = catalogue_of(CLERK, SENIOR)

# A clerk with something for each section of a one-to-one: two tasks, a condition, what a mentor or manager leads.
BUSY_CLERK = catalogue_of("""\
  - id: clerk
    name: Clerk
    tiers:
      - {id: 0-3, title: New, months: {from: 0, until: 3}}
      - {id: 3-6, title: Meeting, months: {from: 3, until: 6}}
    conditions:
      - {id: fire, text: Only when there is a fire., occasion: true}
    tasks:
      - id: files
        name: Files
        why: Nothing is lost.
        expectations:
          0-3:
            - {id: file-01, text: File a letter}
            - {id: file-02, text: Find a letter}
            - {id: file-03, text: Send a letter}
            - {id: file-04, text: Burn a letter}
            - {id: file-05, text: Save the letters, condition: fire}
          3-6:
            - {id: file-06, text: Teach filing}
            - {id: file-07, text: Teach finding}
        activities:
          - {id: file-t1, text: Ask the employee to explain the filing plan, led_by: mentor}
          - {id: file-t2, text: Read the filing plan}
        manager_activities:
          - {id: file-m1, text: Ask the archive who files late}
      - id: stamps
        name: Stamps
        why: It is paid for.
        expectations:
          0-3:
            - {id: stamp-01, text: Stamp a letter}
        activities:
          - {id: stamp-t1, text: Ask the employee to explain the price of stamps, led_by: mentor}
""")
