"""The Once port: Powertools' idempotency, keyed by the command's identifier.

A record in the ephemeral table says that a command is running, then that it ran. It is deleted
when the run raises, so that the queue's next try is a new one, and ends after a day: SQS delivers
again within hours, and commands check the present anyway when they run.

A run that was killed leaves its record "in progress" until ``lease_seconds`` have passed: the
time-out of the function, after which it cannot be running any more. The queue's visibility is six
times that, so its next delivery finds the way free. On the laptop one process runs everything:
at its start nothing runs, and ``forget_unfinished`` frees what a kill left behind.

Source: https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/
Powertools is imported with the first run: not every function and no page needs it.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from facteur.adapters.aws.clients import Clients
from facteur.adapters.aws.failures import failures, translated
from facteur.domain.errors import UnavailableError

KEPT_SECONDS = 24 * 3600
_PARTITION = "ONCE"  # DynamoDB splits a hot partition by its sort key, here a hash


class AwsOnce:
    """At most one effective run per command identifier. Implements facteur.ports.Once."""

    def __init__(self, clients: Clients, table: str, *, lease_seconds: int = 300) -> None:
        self._clients, self._table, self._lease = clients, table, lease_seconds

    def run(self, command_id: str, work: Callable[[], None]) -> None:
        """Run ``work`` unless it ran to its end already; what it raises passes.

        UnavailableError (``once.running``) while another run of the same command goes on.
        """
        from aws_lambda_powertools.utilities.idempotency import exceptions as theirs  # noqa: PLC0415

        try:
            self._handler(command_id, work).handle()
        except theirs.IdempotencyAlreadyInProgressError as error:
            raise UnavailableError("once.running", command=command_id) from error
        except theirs.IdempotencyInconsistentStateError as error:
            raise UnavailableError("once.unsure", command=command_id) from error
        except theirs.IdempotencyPersistenceLayerError as error:
            ours = translated(error.__cause__ or error, "dynamodb", command=command_id)
            raise ours or error from error

    def _handler(self, command_id: str, work: Callable[[], None]) -> Any:
        from aws_lambda_powertools.utilities.idempotency.base import (  # noqa: PLC0415
            IdempotencyHandler,
        )

        def run_once() -> None:
            work()

        return IdempotencyHandler(
            function=run_once,
            function_payload=command_id,
            function_args=(),
            function_kwargs={},
            config=self._config,
            persistence_store=self._records,
            key_prefix="once",
        )

    @cached_property
    def _config(self) -> Any:
        from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig  # noqa: PLC0415

        return IdempotencyConfig(
            expires_after_seconds=KEPT_SECONDS,
            lambda_context=_Deadline(self._lease),  # type: ignore[arg-type]
        )

    @cached_property
    def _records(self) -> Any:
        """Made once: each one made registers itself with the client, for ever."""
        from aws_lambda_powertools.utilities.idempotency import (  # noqa: PLC0415
            DynamoDBPersistenceLayer,
        )

        return DynamoDBPersistenceLayer(
            table_name=self._table,
            key_attr="pk",
            sort_key_attr="sk",
            static_pk_value=_PARTITION,
            expiry_attr="expires_at",
            boto3_client=self._clients("dynamodb"),
        )

    def forget_unfinished(self) -> int:
        """Free the commands that a killed process left "in progress"; how many there were.

        Only where nothing else can be running them: at the start of the local platform.
        """
        dynamodb = self._clients("dynamodb")
        with failures("dynamodb"):
            pages = dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :once",
                FilterExpression="#status = :running",
                ProjectionExpression="pk, sk",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues={
                    ":once": {"S": _PARTITION},
                    ":running": {"S": "INPROGRESS"},
                },
            )
            keys = [key for page in pages for key in page["Items"]]
            for key in keys:
                dynamodb.delete_item(TableName=self._table, Key=key)
        return len(keys)


class _Deadline:
    """What Powertools asks of Lambda's context: how long this run may still take."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        """The lease, whole: the run begins now."""
        return self._seconds * 1000
