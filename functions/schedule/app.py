"""The clock's round: sends what is due, finds what was left behind. Decides nothing."""

from chalice import Chalice
from chalice.app import CloudWatchEvent
from facteur.adapters.aws import triggers
from facteur.bootstrap import Function

app = Chalice(app_name="facteur-schedule")
house = Function("schedule")


@app.schedule("rate(5 minutes)")
def sweep(event: CloudWatchEvent) -> None:
    """Make one round; the next comes in five minutes whatever happens to this one."""
    house.run(triggers.swept(event.to_dict()))
