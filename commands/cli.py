"""``gongjiang``: one word, then what to do. Everything is imported when it is needed: ``standings`` needs no database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gongjiang", description="Skills competitions, honours and innovation studios."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    run = verbs.add_parser("run", help="start everything: database, migrations, worker, site")
    run.add_argument("--demo", action="store_true", help="load the demonstration season first and print its accounts")
    run.add_argument("--city", action="store_true", help="with --demo: also load 340,203 synthetic workers")
    verbs.add_parser("migrate", help="bring the database up to date, as its owner")
    demo = verbs.add_parser("demo", help="load the demonstration season, or print its accounts")
    demo.add_argument("--accounts", action="store_true", help="only print the accounts and current codes")
    standings = verbs.add_parser("standings", help="score event bundles; needs no database")
    standings.add_argument("files", nargs="+", metavar="FILE")
    importing = verbs.add_parser("import", help="import event bundles")
    importing.add_argument("files", nargs="+", metavar="FILE")
    importing.add_argument(
        "--as", dest="login", metavar="LOGIN", help="the officer who imports (default: the first city officer)"
    )
    export = verbs.add_parser("export", help="write an event as a bundle")
    export.add_argument("event", metavar="EVENT", help="the event's code")
    export.add_argument("--output", metavar="FILE", help="where to (default: standard output)")
    roster = verbs.add_parser("roster", help="whole-city rosters: import, generate", add_help=False)
    roster.add_argument("rest", nargs=argparse.REMAINDER)
    worker = verbs.add_parser("worker", help="do jobs and seal the trail")
    worker.add_argument("--once", action="store_true", help="until the queue is empty")
    check = verbs.add_parser("check", help="look at the installation")
    check.add_argument("--deploy", action="store_true", help="list everything that must not stand in production")
    backup = verbs.add_parser("backup", help="write the database and its files into a folder")
    backup.add_argument("folder")
    restore = verbs.add_parser("restore", help="read a backup into an empty database")
    restore.add_argument("folder")
    verify = verbs.add_parser("verify-trail", help="recompute every seal of the trail")
    verify.add_argument("--head", help="a head that was published: found missing, the tail was cut")
    certificate = verbs.add_parser("verify-certificate", help="verify a certificate with the published keys, offline")
    certificate.add_argument("what", metavar="FILE.pdf|FILE.json|QR")
    certificate.add_argument(
        "--keys", default="gongjiang-keys.json", metavar="FILE", help="the published keys, as saved"
    )
    certificate.add_argument("--holder", default="", help="with --code: does the QR belong to this holder?")
    certificate.add_argument("--code", default="", help="the check code beside the QR")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["standings"] and len(given) > 1 and not given[1].startswith("-"):
        from commands.standings import main as standings  # without building a parser: it must start at once

        return standings(given[1:])
    args = build_parser().parse_args(given)
    if args.verb != "standings" and (fault := _settings_fault()):
        print(fault, file=sys.stderr)
        return 2
    return _run(args)


def _settings_fault() -> str:
    """What is wrong with the environment, in one line."""
    from foundation.settings import settings

    try:
        settings()
    except ValueError as why:  # msgspec's ValidationError is one
        return str(why)
    return ""


def _run(args: argparse.Namespace) -> int:
    match args.verb:
        case "standings":
            from commands.standings import main as standings

            return standings(args.files)
        case "run":
            from commands.serve import run

            return run(demo=args.demo, city=args.city)
        case "migrate":
            from commands.serve import migrate

            return migrate()
        case "demo":
            from commands.serve import demo

            return demo(accounts_only=args.accounts)
        case "import":
            from commands.bundles import import_files

            return _with_database(lambda: import_files(args.files, login=args.login))
        case "export":
            from commands.bundles import export_event

            return _with_database(lambda: export_event(args.event, output=args.output))
        case "roster":
            from commands.roster import main as roster

            return _with_database(lambda: roster(args.rest))
        case "worker":
            from commands.serve import work

            return work(once=args.once)
        case "check":
            from commands.check import main as check

            return check(deploy=args.deploy)
        case "backup" | "restore":
            from commands import backup

            return _with_database(lambda: getattr(backup, args.verb)(args.folder))
        case "verify-certificate":
            from commands.verify_certificate import main as verify_certificate

            return verify_certificate(args.what, keys=args.keys, holder=args.holder, code=args.code)
        case "verify-trail":
            from commands.check import verify_trail

            return _with_database(lambda: verify_trail(args.head))
    raise AssertionError(args.verb)


def _with_database(action) -> int:
    """Start the embedded server where that is what serves, then act."""
    from commands.serve import ensure_database

    ensure_database()
    return action()


if __name__ == "__main__":
    sys.exit(main())
