"""The `namjai` command."""

import typer

from namjai.devkit.commands import alerts, data, log, oncall, risk, run, talk

app = typer.Typer(
    name="namjai",
    help="Run Namjai on this machine, chat with it, look into its log, and mend it.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold secrets
    add_completion=False,
)
for command in (
    *(run.up, run.down, run.status, run.hold, run.release),
    *(talk.say, log.events, log.erase),
    *(data.rebuild, data.verify, data.restore_log),
):
    app.command()(command)
app.add_typer(log.dead, name="dead")
app.add_typer(oncall.oncall, name="oncall")
app.add_typer(alerts.alerts, name="alerts")
app.add_typer(risk.risk, name="risk")


def main() -> None:
    """Entry point of the installed command."""
    app()


if __name__ == "__main__":
    main()
