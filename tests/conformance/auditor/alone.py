"""Shows for each word of docs/formats.md §5.8 a docket that this rule alone refuses: without the rule it counts.

    python tests/conformance/auditor/alone.py VECTORS

So a rule that never decides anything is seen. Prints a line a word; exit code 1: one has no such docket. Those of
`SHAPES` are said by the shapes of what is read, and have no rule to leave out; those of `IMPLIED` break another rule too:
who didn't sign at all doesn't reach any threshold either.
"""
import json, os, sys
import logs, rules
from committee import Book, dump
from log import BeginAgain, Fault, Log, line
from vectors import case_lines

SHAPES, IMPLIED = {"docket-malformed", "statement-malformed"}, {"docket-unsigned"}
WORDS = """
docket-malformed docket-mixed told-uncounted publication-malformed statement-malformed item-mismatch docket-too-old
docket-from-the-future genesis issuer docket-roster roster-expired roster-version roster-issuer epoch-altered
epoch-reopened payload-type docket-unsigned signature-key-repeated signature-key-unknown signature-invalid threshold
docket-repeated record-repeated about-erased about-unknown about-kind about-annulled about-several-kinds
about-strangers details-wraps epoch-unknown epoch-closed tag-softness policy-unknown policy-mismatch policy-not-yet
procedure-import policy-measure-unknown policy-scope policy-until interim-effective-late policy-interim-too-long
interim-again members-version key-repeated epoch-in-use roster-born-expired policy-repeated policy-import-too-long
erasure-half-chain erasure-in-effect erasure-uncounted
""".split()


def verdicts(genesis, lines, skipped=()):
    """What each docket comes to, as far as the log can be followed."""
    rules.SKIPPED.clear()
    rules.SKIPPED.update(skipped)
    told = set()
    while True:
        log = Log(genesis, told)
        try:
            for each in lines:
                log.follow(line(dump(each)))
            return log.verdicts
        except BeginAgain as again:
            if again.told == told:  # it is the rule that is left out
                return {**log.verdicts, **dict.fromkeys(told)}
            told = again.told
        except (Fault, KeyError, TypeError, AttributeError):
            return log.verdicts


def short_logs(said):
    for case in said["cases"]:
        yield case_lines(said, case)
    for make in logs.WORDS:
        make(book := Book(said))
        yield book.lines


if __name__ == "__main__":
    with open(os.path.join(sys.argv[1], "replays.json"), encoding="utf-8") as file:
        vectors = json.load(file)
    alone, seen = {}, set()
    for lines in short_logs(vectors):
        for index, word in verdicts(vectors["genesis"], lines).items():
            seen.add(word)
            if word and word not in SHAPES and word not in alone:
                if verdicts(vectors["genesis"], lines, {word}).get(index, word) is None:
                    alone[word] = index
    for word in WORDS:
        said = "alone" if word in alone else "seen" if word in (SHAPES | IMPLIED) & seen else "NO DOCKET"
        print(f"{word}: {said}")
    sys.exit(not set(WORDS) <= set(alone) | (SHAPES | IMPLIED) & seen)
