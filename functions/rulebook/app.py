"""The official rules, alone in their function because saxonche is 110 MB. Decides nothing."""

from chalice import Chalice
from chalice.app import SQSEvent
from facteur.adapters.aws import triggers
from facteur.bootstrap import Function

app = Chalice(app_name="facteur-rulebook")
house = Function("rulebook")


@app.on_sqs_message(queue="facteur-checks", batch_size=1)
def run_checks(event: SQSEvent) -> None:
    """Check one invoice, at most once; raising leaves the message in the queue."""
    sent = event.to_dict()
    house.run_scheduled(*triggers.command(sent), last=triggers.last_try(sent))
