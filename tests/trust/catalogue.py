"""The small catalogue of the forgeries: two tiers, a gate, an item that was reworded once, and the role above."""

from tests.catalogues import SENIOR, catalogue_of

CATALOGUE = catalogue_of(
    """\
  - id: clerk
    name: Clerk
    tiers:
      - {id: first, title: First month, months: {from: 0, until: 1}}
      - {id: 1-3, title: New, months: {from: 1, until: 3}}
    tasks:
      - id: mail
        name: Mail
        why: It is read.
        expectations:
          first:
            - {id: open, text: Open a letter}
            - {id: burn, text: Burn a letter}
          1-3:
            - {id: stamp, text: Stamp a letter}
            - {id: send, text: Send a letter, revision: 2}
            - {id: sort, text: Sort the letters}
            - {id: file, text: File a letter}
            - {id: find, text: Find a letter}
      - id: law
        name: Law
        why: It binds.
        gate: license
        expectations:
          1-3:
            - {id: advise, text: Advise a client}
        skills:
          - {id: license, text: Hold a license}
""",
    SENIOR,
)
