"""The main road: uploads become documents, commands read, convert and seal them."""

from chalice import Chalice
from chalice.app import SQSEvent
from facteur.adapters.aws import triggers
from facteur.bootstrap import Function

app = Chalice(app_name="facteur-pipeline")
house = Function("pipeline")


@app.on_sqs_message(queue="facteur-uploads", batch_size=1)
def receive_uploads(event: SQSEvent) -> None:
    """Receive the uploads of one notice; raising leaves it in the queue."""
    house.run(*triggers.uploads_received(event.to_dict()))


@app.on_sqs_message(queue="facteur-commands", batch_size=1)
def run_commands(event: SQSEvent) -> None:
    """Run one queued command, at most once; raising leaves it in the queue."""
    sent = event.to_dict()
    house.run_scheduled(*triggers.command(sent), last=triggers.last_try(sent))
