"""Received mails: SES wrote the mail and said so; each becomes documents. Decides nothing."""

from chalice import Chalice
from chalice.app import SQSEvent
from facteur.adapters.aws import triggers
from facteur.bootstrap import Function

app = Chalice(app_name="facteur-inbound")
house = Function("inbound")


@app.on_sqs_message(queue="facteur-mails", batch_size=1)
def receive_mails(event: SQSEvent) -> None:
    """Receive the mails of one notice; raising leaves it in the queue."""
    house.run(*triggers.mail_received(event.to_dict()))
