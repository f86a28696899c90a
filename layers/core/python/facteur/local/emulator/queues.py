"""SQS messages that survive: every message added, received or removed is a line of the journal.

The emulator appends to and filters plain lists, from its own handlers and from the threads which
deliver S3 and SNS notifications. So the lists themselves report what happens to them. Records are
facts about one message, hence harmless when played twice.
"""
# ruff: noqa: SLF001 - a pinned release is corrected from the outside; tests watch the names

import time
from collections.abc import Callable, Iterable
from typing import Any

Append = Callable[[dict[str, Any]], None]

_MANAGEMENT = (
    "CreateQueue",
    "DeleteQueue",
    "SetQueueAttributes",
    "TagQueue",
    "UntagQueue",
    "AddPermission",
    "RemovePermission",
)


class _Messages(list[dict[str, Any]]):
    """The messages of one queue; each change is reported."""

    def __init__(self, messages: Iterable[dict[str, Any]], arn: str, append: Append) -> None:
        super().__init__(messages)
        self._arn, self._report = arn, append

    def append(self, message: dict[str, Any]) -> None:
        super().append(message)
        self._report({"queue": self._arn, "added": message})

    def remove(self, message: dict[str, Any]) -> None:
        super().remove(message)
        self._report({"queue": self._arn, "removed": [message["id"]]})

    def clear(self) -> None:
        gone = [message["id"] for message in self]
        super().clear()
        self._report({"queue": self._arn, "removed": gone})


class _Queue(dict[str, Any]):
    """One queue; when its messages are filtered, the ones left out are reported."""

    def __init__(self, queue: dict[str, Any], append: Append) -> None:
        super().__init__(queue)
        self._report = append
        super().__setitem__("messages", self._reporting(queue["messages"]))

    @property
    def arn(self) -> str:
        """The queue's ARN, its name in the journal."""
        return str(self["attributes"]["QueueArn"])

    def __setitem__(self, key: str, value: Any) -> None:
        if key == "messages":
            kept = {message["id"] for message in value}
            gone = [message["id"] for message in self["messages"] if message["id"] not in kept]
            if gone:
                self._report({"queue": self.arn, "removed": gone})
            value = self._reporting(value)
        super().__setitem__(key, value)

    def _reporting(self, messages: Iterable[dict[str, Any]]) -> _Messages:
        return _Messages(messages, self.arn, self._report)


class DurableQueues:
    """Makes the emulator's queues report to the journal, and puts them back from it."""

    def __init__(self, sqs: Any, responses: Any, append: Append) -> None:
        self._sqs, self._responses, self._append = sqs, responses, append

    def install(self) -> None:
        """Hook queue management and reception; call once."""
        handlers = self._sqs._HANDLERS
        for action in _MANAGEMENT:
            handlers[action] = self._managed(action, handlers[action])
        collect = self._sqs._collect_msgs

        def collect_and_report(queue: dict[str, Any], count: int, timeout: int) -> Any:
            received = collect(queue, count, timeout)
            if received:
                counts = {message["id"]: message["receive_count"] for message in received}
                self._append({"queue": queue["attributes"]["QueueArn"], "received": counts})
            return received

        self._sqs._collect_msgs = collect_and_report

    def _managed(self, action: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def handler(data: dict[str, Any], url: str) -> Any:
            before = len(self._sqs._queues._data)
            result = original(data, url)
            if action == "CreateQueue" and len(self._sqs._queues._data) == before:
                return result  # it was there already
            self.adopt()
            self._append(
                {
                    "account": self._responses.get_account_id(),
                    "region": self._responses.get_region(),
                    "sqs": action,
                    "data": data,
                    "url": url,
                }
            )
            return result

        return handler

    def adopt(self) -> None:
        """Make every queue report, wherever it was created."""
        data = self._sqs._queues._data
        for key, queue in list(data.items()):
            if not isinstance(queue, _Queue):
                data[key] = _Queue(queue, self._append)

    def state(self) -> dict[str, Any]:
        """The whole state in the emulator's own form, safe while other threads append."""
        queues = type(self._sqs._queues)()
        for key, queue in self._sqs._queues.all_items():
            messages = [dict(message) for message in list(queue["messages"])]
            queues._data[key] = {**queue, "messages": messages}
        return {"queues": queues, "queue_name_to_url": self._sqs._queue_name_to_url}

    def replay(self, record: dict[str, Any]) -> None:
        """Apply one record of the journal; twice is the same as once."""
        if "sqs" in record:
            self._responses.set_request_account_id(record["account"])
            self._responses.set_request_region(record["region"])
            try:
                self._sqs._HANDLERS[record["sqs"]](record["data"], record["url"])
            except self._sqs._Err:  # e.g. deleted twice
                return
            return
        self.adopt()
        queue = self._by_arn().get(record["queue"])
        if queue is None:
            return
        messages = queue["messages"]
        if "added" in record:
            if all(message["id"] != record["added"]["id"] for message in messages):
                messages.append(record["added"])
        elif "removed" in record:
            queue["messages"] = [m for m in messages if m["id"] not in set(record["removed"])]
        else:
            for message in messages:
                count = record["received"].get(message["id"], 0)
                message["receive_count"] = max(message.get("receive_count", 0), count)

    def wake_up(self) -> None:
        """Show again the messages whose receivers died with the machine."""
        self.adopt()
        now = time.time()
        for queue in self._sqs._queues.all_values():
            for message in queue["messages"]:
                if message.get("receive_count", 0) > 0:
                    message["visible_at"] = min(message["visible_at"], now)

    def _by_arn(self) -> dict[str, dict[str, Any]]:
        return {q["attributes"]["QueueArn"]: q for q in self._sqs._queues.all_values()}
