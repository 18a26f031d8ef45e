"""The screens, in full: what a trainee, a mentor and a manager read, at 60, 80 and 120 columns and piped."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from tests.conftest import Cli, masked


@pytest.fixture
def spring(cli: Cli) -> Cli:
    """Maria Lopez in her third month: some things signed off, checked, returned, waived, and some late in a tier."""
    cli("init", "--name=Maria Lopez", "--start=2026-01-05", "--variant=middle-market", "--mentor=Pat Lee")
    cli("signoff", "chg-s2", "--by=Pat Lee", "--observed", "--on=2026-01-20", as_="pat")
    cli("check", "cert-01", "--note=Twice this week, the second time alone", "--evidence=WorkSmart 20418")
    cli("check", "mail-01", "mail-02", "chg-01", "pol-01", "aud-01", "--on=2026-02-20")
    cli("signoff", "mail-01", "chg-01", "pol-01", "--by=Pat Lee", as_="pat")
    cli("signoff", "aud-01", "--by=Pat Lee", "--note=Sat together")
    cli("return", "mail-02", "--by=Pat Lee", "--because=Categories are mixed up", as_="pat")
    cli("waive", "cert-09", "--by=Pat Lee", "--because=No contracts in this book", as_="pat")
    cli.terminal = True
    return cli


def screen(text: str) -> str:
    """Return a screen that is written in a test."""
    return dedent(text).lstrip("\n")


def at_width(cli: Cli, width: int, *args: str) -> str:
    """Return what a command shows at this width."""
    cli.width = width
    return masked(cli(*args).stdout)


def other_lines(text: str, usual: str) -> str:
    """Return the lines of a screen that are not on the usual one; how far apart columns are does not matter."""
    known = [re.sub("─+", "─", line).split() for line in usual.splitlines()]
    lines = [line for line in text.splitlines() if re.sub("─+", "─", line).split() not in known]
    return "".join(f"{line}\n" for line in lines)


def numbers(text: str) -> list[str]:
    """Return all numbers on a screen in their order."""
    return re.findall(r"\d+", text)


def without_help(text: str) -> str:
    """Return a screen without the reasons and resources of a task."""
    return re.sub(r"^(Why|Helps) .*\n( +.*\n)*", "", text, flags=re.MULTILINE)


def test_home(spring: Cli) -> None:
    """A bare `ca-ladder` says where Maria is, what is late, and what comes first."""
    spring.width = 80
    assert spring().stdout == screen(
        """
        Maria Lopez, Client Advocate (Middle Market)
        On 2026-03-16: month 3 since 2026-01-05, tier 0-3 New in role

        0-3  █░░░░░░░░░  4 signed off, 1 checked of 39
        3-6  ░░░░░░░░░░  0 signed off, 0 checked of 37
        6+   ░░░░░░░░░░  0 signed off, 0 checked of 26

        Tier 0-3: 27 of 39 expected by now, 5 checked or signed: 22 behind. At this pace
        everything is checked by 2027-04-01.
        Tier 3-6: begins on 2026-04-05.
        Tier 6+: begins on 2026-07-05.
        Waiting for a mentor (oldest since 2026-03-16): cert-01
        Returned, to do again: mail-02

        What comes next
        Item     State       Do by       What
        ────────────────────────────────────────────────────────────────────────────────
        mail-02  ↩ returned  2026-01-31  Sort your work into categories in WorkSmart
                                         Pat Lee (mentor): Categories are mixed up
        bill-01  ○ open      2026-01-18  State the questions that a client has to be
                                         asked
        pol-02   ○ open      2026-01-28  Navigate AMS360 with ease
        Next: ca-ladder check ID    More: ca-ladder next    All: ca-ladder status
        """
    )


def test_next(spring: Cli) -> None:
    """First what was returned, with its reason; then what is expected soonest: two more items than on the home screen."""
    assert other_lines(at_width(spring, 80, "next"), at_width(spring, 80)) == screen(
        """
        chg-02   ○ open      2026-01-31  Bring the application up to date
        bill-02  ○ open      2026-01-31  Show how to talk with a client by phone
        Next: ca-ladder show mail-02    When you can do it: ca-ladder check ID
        """
    )


def test_next_60(spring: Cli) -> None:
    """At 60 columns every id and date is whole."""
    spring.width = 60
    assert spring("next", "-n", "2").stdout == screen(
        """
        Maria Lopez, Client Advocate (Middle Market)
        On 2026-03-16: month 3 since 2026-01-05, tier 0-3 New in
        role

        Item    State      Do by      What
        ────────────────────────────────────────────────────────────
        mail-02 ↩ returned 2026-01-31 Sort your work into categories
                                      in WorkSmart
                                      Pat Lee (mentor): Categories
                                      are mixed up
        bill-01 ○ open     2026-01-18 State the questions that a
                                      client has to be asked
        Next: ca-ladder show mail-02    When you can do it:
        ca-ladder check ID
        """
    )


def test_status(spring: Cli) -> None:
    """The whole ladder at a glance."""
    spring.width = 80
    assert spring("status").stdout == screen(
        """
        Maria Lopez, Client Advocate (Middle Market)
        On 2026-03-16: month 3 since 2026-01-05, tier 0-3 New in role

        Tier              Signed  Checked  Returned  Open  Total  Overdue  Due
        ─────────────────────────────────────────────────────────────────────────────
        0-3   █░░░░░░░░░       4        1         1    33     39        0  2026-04-05
        3-6   ░░░░░░░░░░       0        0         0    37     37        0  2026-07-05
        6+    ░░░░░░░░░░       0        0         0    26     26        0  n/a

        Task                                                               0-3  3-6   6+
        ────────────────────────────────────────────────────────────────────────────────
        certificates        Certificates of insurance and policy endor…  0+1/3  0/3  0/3
        audits              Audits                                         1/4  0/5  0/4
        changes             Change requests and endorsements               1/7  0/6  0/3
        billing-questions   Client billing questions                       0/7  0/4  0/3
        billing-processing  Ownership of billing processing                0/3  0/9  0/3
        mail                Incoming mail and its distribution             1/7  0/3  0/2
        check-ins           Policy check-ins                               1/8  0/7  0/5
        acumen              Technical acumen                               n/a  n/a  0/3
        2+1/5 = 2 signed off, 1 checked and waiting, of 5; ! = overdue

        Not tied to a tier  Signed  Checked  Returned  Open  Total
        ──────────────────────────────────────────────────────────
        knowledge                0        0         0    10     10
        skill                    1        0         0    15     16
        ability                  0        0         0    12     12
        activity                 0        0         0    12     12
        manager-activity         0        0         0     2      2

        Tier 0-3: 27 of 39 expected by now, 5 checked or signed: 22 behind. At this pace
        everything is checked by 2027-04-01.
        Tier 3-6: begins on 2026-04-05.
        Tier 6+: begins on 2026-07-05.
        Waiting for a mentor (oldest since 2026-03-16): cert-01
        Returned, to do again: mail-02
        Next: ca-ladder next
        """
    )


def test_status_60(spring: Cli) -> None:
    """At 60 columns the bars go, and the names of tasks give way; no number does."""
    usual, narrow = (at_width(spring, width, "status") for width in (80, 60))
    assert numbers(narrow) == numbers(usual)
    assert max(map(len, narrow.splitlines())) <= 60
    assert other_lines(narrow, usual) == screen(
        """
        On 2026-03-16: month 3 since 2026-01-05, tier 0-3 New in
        role
        0-3       4       1        1   33    39       0 2026-04-05
        3-6       0       0        0   37    37       0 2026-07-05
        6+        0       0        0   26    26       0 n/a
        certificates       Certificates of insura… 0+1/3 0/3 0/3
        changes            Change requests and en…   1/7 0/6 0/3
        billing-questions  Client billing questio…   0/7 0/4 0/3
        billing-processing Ownership of billing p…   0/3 0/9 0/3
        mail               Incoming mail and its …   1/7 0/3 0/2
        2+1/5 = 2 signed off, 1 checked and waiting, of 5; ! =
        overdue
        Tier 0-3: 27 of 39 expected by now, 5 checked or signed: 22
        behind. At this pace everything is checked by 2027-04-01.
        """
    )


def test_status_120(spring: Cli) -> None:
    """At 120 columns the names of the tasks and all sentences are in one line."""
    usual, wide = (at_width(spring, width, "status") for width in (80, 120))
    assert numbers(wide) == numbers(usual)
    assert other_lines(wide, usual) == screen(
        """
        certificates        Certificates of insurance and policy endorsements  0+1/3  0/3  0/3
        Tier 0-3: 27 of 39 expected by now, 5 checked or signed: 22 behind. At this pace everything is checked by 2027-04-01.
        """
    )


def test_status_of_one_tier(spring: Cli) -> None:
    """Asked for one tier, only its tasks, its pace and its due date are shown."""
    usual, narrowed = at_width(spring, 120, "status"), at_width(spring, 120, "status", "--tier", "0-3")
    assert "3-6" not in narrowed
    assert other_lines(narrowed, usual) == screen(
        """
        Task                                                                     0-3
        certificates        Certificates of insurance and policy endorsements  0+1/3
        audits              Audits                                               1/4
        changes             Change requests and endorsements                     1/7
        billing-questions   Client billing questions                             0/7
        billing-processing  Ownership of billing processing                      0/3
        mail                Incoming mail and its distribution                   1/7
        check-ins           Policy check-ins                                     1/8
        acumen              Technical acumen                                     n/a
        """
    )


def test_report(spring: Cli) -> None:
    """The manager's tier, task by task."""
    spring.width = 80
    assert masked(spring("report", "--tier", "0-3").stdout) == screen(
        """
        Maria Lopez, Client Advocate (Middle Market)
        On 2026-03-16: month 3 since 2026-01-05, tier 0-3 New in role

        Tier 0-3  New in role, due 2026-04-05
        Task               Total Open Checked Returned Signed Waived Late Exp.      Pace
        ────────────────────────────────────────────────────────────────────────────────
        certificates           3    2       1        0      0      0    0    1   on pace
        audits                 4    3       0        0      1      0    0    3  2 behind
        changes                7    6       0        0      1      0    0    5  4 behind
        billing-questions      7    7       0        0      0      0    0    5  5 behind
        billing-processing     3    3       0        0      0      0    0    2  2 behind
        mail                   7    5       0        1      1      0    0    5  4 behind
        check-ins              8    7       0        0      1      0    0    6  5 behind
        acumen               n/a                                           n/a       n/a

        Total                 39   33       1        1      4      0    0   27 22 behind

        Not tied to a tier
        Kind             Total Open Checked Returned Signed Waived Late
        ───────────────────────────────────────────────────────────────
        knowledge           10   10       0        0      0      0    0
        skill               16   15       0        0      1      0    0
        ability             12   12       0        0      0      0    0
        activity            12   12       0        0      0      0    0
        manager-activity     2    2       0        0      0      0    0
        Late = overdue; Exp. = expected by now; Pace = checked or signed, against that

        Waits on          Trainee  Mentor  Manager  Not yet
        ───────────────────────────────────────────────────
        Tier 0-3               34       1        0        0
        knowledge              10       0        0        0
        skill                  15       0        0        0
        ability                11       0        0        1
        activity               12       0        0        0
        manager-activity        0       0        2        0
        Not yet = not yet possible: too early, something else is first, or no occasion

        Tier 0-3: 27 of 39 expected by now, 5 checked or signed: 22 behind. At this pace
        everything is checked by 2027-04-01.
        Waiting for a mentor (oldest since 2026-03-16): cert-01
        Returned, to do again: mail-02
        Fingerprint: FINGERPRINT
        To compare later: ca-ladder record verify --expect FINGERPRINT
        """
    )


def test_report_60(spring: Cli) -> None:
    """At 60 columns the headings are short, and explained; the pace is a number with its sign."""
    usual, narrow = (at_width(spring, width, "report", "--tier", "0-3") for width in (80, 60))
    assert numbers(narrow) == numbers(usual.replace("on pace", "0"))
    assert max(map(len, narrow.splitlines())) <= 60
    assert other_lines(narrow, usual) == screen(
        """
        On 2026-03-16: month 3 since 2026-01-05, tier 0-3 New in
        role
        Task               All Open Chk Ret Sig Wvd Late Exp +/-
        certificates         3    2   1   0   0   0    0   1   0
        audits               4    3   0   0   1   0    0   3  -2
        changes              7    6   0   0   1   0    0   5  -4
        billing-questions    7    7   0   0   0   0    0   5  -5
        billing-processing   3    3   0   0   0   0    0   2  -2
        mail                 7    5   0   1   1   0    0   5  -4
        check-ins            8    7   0   0   1   0    0   6  -5
        Total               39   33   1   1   4   0    0  27 -22
        Kind             All Open Chk Ret Sig Wvd Late
        Chk checked, Ret returned, Sig signed off, Wvd waived, Late
        overdue, Exp expected by now, +/- ahead or behind
        Not yet = not yet possible: too early, something else is
        first, or no occasion
        Tier 0-3: 27 of 39 expected by now, 5 checked or signed: 22
        behind. At this pace everything is checked by 2027-04-01.
        To compare later: ca-ladder record verify --expect
        FINGERPRINT
        """
    )


def test_report_120(spring: Cli) -> None:
    """With room, the headings are in full, and need no explanation."""
    usual, wide = (at_width(spring, width, "report", "--tier", "0-3") for width in (80, 120))
    assert numbers(wide) == numbers(usual)
    assert "Exp." not in wide
    assert other_lines(wide, usual) == screen(
        """
        Task               Total Open Checked Returned Signed Waived Overdue Expected      Pace
        Kind             Total Open Checked Returned Signed Waived Overdue
        Tier 0-3: 27 of 39 expected by now, 5 checked or signed: 22 behind. At this pace everything is checked by 2027-04-01.
        """
    )


def test_report_piped(spring: Cli) -> None:
    """Redirected, it is the wide screen without rules, with columns that a program can tell apart."""
    wide = at_width(spring, 120, "report", "--tier", "0-3")
    spring.terminal, spring.width = False, None
    piped = masked(spring("report", "--tier", "0-3").stdout)
    assert (other_lines(piped, wide), numbers(piped), "─" in piped) == ("", numbers(wide), False)
    heading = "Task                Total  Open  Checked  Returned  Signed  Waived  Overdue  Expected       Pace"
    total = "Total                  39    33        1         1       4       0        0        27  22 behind"
    assert f"\n{heading}\n" in piped
    assert f"n/a\n{total}\n\nNot tied to a tier\n" in piped


def test_a_tier_not_begun_expects_nothing(spring: Cli) -> None:
    """The report of the next tier has its counts, and says when it begins."""
    usual, later = (at_width(spring, 120, "report", "--tier", tier) for tier in ("0-3", "meeting"))
    assert other_lines(later, usual) == screen(
        """
        Tier 3-6  Meeting expectations, due 2026-07-05
        certificates           3    3       0        0      0      0       0        0 on pace
        audits                 5    5       0        0      0      0       0        0 on pace
        changes                6    6       0        0      0      0       0        0 on pace
        billing-questions      4    4       0        0      0      0       0        0 on pace
        billing-processing     9    9       0        0      0      0       0        0 on pace
        mail                   3    3       0        0      0      0       0        0 on pace
        check-ins              7    7       0        0      0      0       0        0 on pace
        Total                 37   37       0        0      0      0       0        0 on pace
        Tier 3-6                0       0        0       37
        Tier 3-6: begins on 2026-04-05.
        """
    )


def test_show_checked(spring: Cli) -> None:
    """A checked item shows the claim, its evidence, and who moves next."""
    spring.width = 80
    assert spring("show", "cert-01").stdout == screen(
        """
        cert-01  Explain certain forms of a policy, and which details are entered on the
        certificate

        Task      certificates: Certificates of insurance and policy endorsements
        Kind      expectation, tier 0-3 New in role
        State     ◐ checked on 2026-03-16 by Maria Lopez (trainee)
        Evidence  WorkSmart 20418
        Do by     2026-03-16
        Due       2026-04-05 (the end of the tier)
        Note      Maria Lopez, 2026-03-16: Twice this week, the second time alone
        Why       Clients need these documents to operate their business. When
                  certificates are accurate and on time, businesses can keep running.
        Helps     AMS360
        Helps     Carrier classes: A help in understanding the language of forms.
        Helps     Additional Insured classes: Offered on the carriers' websites.
        Helps     OneNote: Procedure manual: information on the process, and training
                  about Additional Insureds.

        History
        On          What     By           Words
        ────────────────────────────────────────────────────────────────────────────────
        2026-03-16  checked  Maria Lopez  Twice this week, the second time alone;
                                          Evidence: WorkSmart 20418
        Next, for a mentor: ca-ladder signoff cert-01 --by "NAME"
        """
    )


def test_show_signed(spring: Cli) -> None:
    """A sign-off written from the trainee's own account says so."""
    spring.width = 80
    assert without_help(spring("show", "aud-01").stdout) == screen(
        """
        aud-01  Create an audit transaction in AMS360 and enter its premium

        Task   audits: Audits
        Kind   expectation, tier 0-3 New in role
        State  ● signed off on 2026-03-16 by Pat Lee (mentor), from the trainee's own
               account
        Note   Pat Lee, 2026-03-16: Sat together

        History
        On          What        By           Words
        ──────────────────────────────────────────────────────────────────────────────
        2026-02-20  checked     Maria Lopez
        2026-03-16  signed off  Pat Lee      Sat together (from the trainee's account)
        Next: ca-ladder next
        """
    )


def test_show_waived(spring: Cli) -> None:
    """A waived item keeps the reason, and its condition."""
    spring.width = 80
    assert without_help(spring("show", "cert-09").stdout) == screen(
        """
        cert-09  Review the wording and negotiate it confidently with the carrier

        Task     certificates: Certificates of insurance and policy endorsements
        Kind     expectation, tier 6+ Exceeding expectations
        State    – waived on 2026-03-16 by Pat Lee (mentor): No contracts in this book
        Depends  May overlap with the roles Sr. CA and CM. Depends on the book: the
                 industries it covers and how complex its accounts are. If it does not
                 apply, a mentor can waive it.

        History
        On          What    By       Words
        ──────────────────────────────────────────────────────
        2026-03-16  waived  Pat Lee  No contracts in this book
        Next: ca-ladder next
        """
    )


def test_show_parent(spring: Cli) -> None:
    """A parent follows from its children."""
    spring.width = 80
    assert without_help(spring("show", "aud-11").stdout) == screen(
        """
        aud-11  Show knowledge of exposures and of state laws and rules, on which the
        three behaviors below rest

        Task         audits: Audits
        Kind         expectation, tier 6+ Exceeding expectations
        State        ○ open (follows from its parts)
        Part aud-12  ○ open
        Part aud-13  ○ open
        Part aud-14  ○ open
        Next: ca-ladder next
        """
    )


def test_show_activity(spring: Cli) -> None:
    """A training activity names who leads it, and its parts."""
    spring.width = 80
    assert without_help(spring("show", "pol-t2").stdout) == screen(
        """
        pol-t2  Hold check-in review conversations on the most common business
        operations; the employee explains which coverages are most common there and why
        certain ones matter

        Task    check-ins: Policy check-ins
        Kind    activity
        State   ○ open
        Led by  the mentor
        Parts   Contractors, Restaurants, Building owners, Consultants, Social services,
                Manufacturers, Tech
        Next, when you can do it: ca-ladder check pol-t2
        """
    )


def test_show_task(spring: Cli) -> None:
    """A task shows its why, where it is not asked for, and its items."""
    spring.width = 80
    assert spring("show", "acumen").stdout == screen(
        """
        acumen  Technical acumen

        Why            Client Advocates who want to move up to Client Manager are
                       considered for that role only with strong technical skills.
        Not asked for  in tier 0-3, 3-6

        Item     Tier or kind  State   What
        ────────────────────────────────────────────────────────────────────────────────
        tech-01  6+            ○ open  Discuss forms and coverages at a basic level
        tech-02  6+            ○ open  Describe how carriers differ in billing and in
                                       common processes
        tech-03  6+            ○ open  Name the forms that a policy needs, and say which
                                       carriers cover what
        tech-t1  activity      ○ open  Spend time beside a mentor or Client Manager and
                                       ask about the process for renewals and new
                                       business
        tech-t2  activity      ○ open  Go to carrier meetings and ask what carriers want
                                       a submission to contain
        Next: ca-ladder show ID
        """
    )


def test_list_piped(spring: Cli) -> None:
    """Redirected, each item is one line."""
    spring.terminal = False
    assert spring("list", "--tier", "0-3", "--task", "mail").stdout == screen(
        """
        Item     Tier or kind  State         What
        mail-01  0-3           ● signed off  Name the common tasks and their priority levels
        mail-02  0-3           ↩ returned    Sort your work into categories in WorkSmart
        mail-03  0-3           ○ open        Explain why consistent organization in WorkSmart is important for the wider Commercial Lines (CL) team
        mail-04  0-3           ○ open        Name everyone who takes part in processing mail
        mail-05  0-3           ○ open        Explain how your role affects the work of others
        mail-06  0-3           ○ open        Describe the importance of mail, and the possible consequences when its processing is behind
        mail-07  0-3           ○ open        Explain the importance of mail processing for the Customer Service Model
        """
    )


def test_list_80(spring: Cli) -> None:
    """A list at a terminal."""
    spring.width = 80
    assert spring("list", "--state", "checked").stdout == screen(
        """
        Item     Tier or kind  State      What
        ────────────────────────────────────────────────────────────────────────────────
        cert-01  0-3           ◐ checked  Explain certain forms of a policy, and which
                                          details are entered on the certificate
        Next: ca-ladder show ID
        """
    )


def test_log(spring: Cli) -> None:
    """The log says who wrote what, and from whose account."""
    spring.width = 80
    assert spring("log").stdout == screen(
        """
        On          What        Item     By           Words
        ────────────────────────────────────────────────────────────────────────────────
        2026-03-16  enrolled             Maria Lopez  Maria Lopez starts on 2026-01-05
                                                      as client-advocate; middle-market;
                                                      Mentor: Pat Lee
        2026-01-20  signed off  chg-s2   Pat Lee      Saw it done.
        2026-03-16  checked     cert-01  Maria Lopez  Twice this week, the second time
                                                      alone; Evidence: WorkSmart 20418
        2026-02-20  checked     mail-01  Maria Lopez
        2026-02-20  checked     mail-02  Maria Lopez
        2026-02-20  checked     chg-01   Maria Lopez
        2026-02-20  checked     pol-01   Maria Lopez
        2026-02-20  checked     aud-01   Maria Lopez
        2026-03-16  signed off  mail-01  Pat Lee
        2026-03-16  signed off  chg-01   Pat Lee
        2026-03-16  signed off  pol-01   Pat Lee
        2026-03-16  signed off  aud-01   Pat Lee      Sat together (from the trainee's
                                                      account)
        2026-03-16  returned    mail-02  Pat Lee      Categories are mixed up
        2026-03-16  waived      cert-09  Pat Lee      No contracts in this book
        """
    )


def test_check_says_what_comes_first(maria: Cli) -> None:
    """Who checks a gated item hears what it needs, and of which items; the others wait for a mentor alone."""
    assert maria("check", "cert-01", "chg-01", "chg-02").stdout == screen(
        """
        Checked cert-01, chg-01, chg-02. cert-01 waits for a mentor to sign off.
        Needed before chg-01, chg-02 can be signed off: chg-s2, Hold the license that is required for change requests.
        """
    )


def test_demo_touches_no_record_of_ones_own(cli: Cli) -> None:
    """The example is shown, and where it lies; nothing appears where the user's own record would."""
    output = cli("demo").stdout
    assert "Maria Lopez, Client Advocate (Middle Market)" in output
    assert 'ca-ladder signoff --by "Pat Lee"' in output
    assert not cli.store.exists()
    cli.store = Path(re.findall(r'CA_LADDER_STORE = "(.+)"', output)[0])
    assert cli("status", "--json").json["trainee"]["name"] == "Maria Lopez"


def test_the_answer_names_the_day_when_it_is_not_today(spring: Cli) -> None:
    """A slip in the date is seen at once."""
    assert spring("check", "cert-03", "--on=yesterday").stdout.startswith("Checked cert-03 on 2026-03-15. ")
    answers = [
        spring("signoff", "cert-03", "--by=Pat Lee", "--on=yesterday", *more).stdout for more in (["--dry-run"], [])
    ]
    assert "Would sign off cert-03 on 2026-03-15 as Pat Lee." in answers[0]
    assert "Signed off cert-03 on 2026-03-15 by Pat Lee" in answers[1]
    assert spring("check", "cert-04", "--on=today").stdout.startswith("Checked cert-04. ")


def test_a_mentor_writes_a_note_as_themself(spring: Cli) -> None:
    """Beside the trainee, at the trainee's computer, a mentor's words are the mentor's."""
    spring("note", "cert-01", "Ask me about box 4", "--by=Pat Lee")
    last = spring("log", "cert-01", "--json").json["events"][-1]
    assert (last["by"], last["note"]) == ({"name": "Pat Lee", "role": "mentor"}, "Ask me about box 4")


def test_only_who_signs_changes_who_signs(spring: Cli) -> None:
    """Neither Maria nor a friend adds a mentor; Pat does."""
    spring("init", "--mentor=Pat Lee", "--mentor=A Friend", code=1)
    spring("init", "--mentor=Pat Lee", "--mentor=A Friend", "--by=A Friend", code=1)
    spring("init", "--mentor=Pat Lee", "--mentor=Lou Park", "--by=Pat Lee")
    assert spring("status", "--json").json["trainee"]["mentors"] == ["Pat Lee", "Lou Park"]


def test_every_decision_from_the_trainees_account_says_so(spring: Cli) -> None:
    """Signing, returning, waiving and revoking at Maria's own computer are allowed, and marked as such."""
    for command, word, id_ in [
        ("return", "Returned", "cert-01"),
        ("waive", "Waived", "cert-02"),
        ("revoke", "Revoked", "aud-01"),
    ]:
        output = spring(command, id_, "--by=Pat Lee", "--because=Not yet").stdout
        assert f"{word} {id_} by Pat Lee, from the trainee's own account: Not yet\n" in output
    review = spring("signoff", "--by=Pat Lee", answers="s\n")
    assert "Signed off aud-01, from the trainee's own account.\n" in review.stderr
    elsewhere = spring("return", "cert-01", "--by=Pat Lee", "--because=No", code=1, as_="pat")
    assert "cert-01 is returned" in elsewhere.stderr
