"""What SES says: mails received, each becomes documents; mails of ours that came back."""

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


@app.on_sqs_message(queue="facteur-feedback", batch_size=1)
def receive_feedback(event: SQSEvent) -> None:
    """Count the bounces and complaints of one notice; raising leaves it in the queue."""
    house.run(*triggers.feedback_received(event.to_dict()))
