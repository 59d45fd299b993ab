"""The bodies that the services exchange, as FastAPI services would state them."""

import os
import time
from datetime import datetime, timezone
from enum import Enum

from pydantic import BaseModel, Field

STARTED = time.monotonic()
POD = os.environ.get("POD_NAME") or os.environ.get("HOSTNAME") or "unknown"
NODE = os.environ.get("NODE_NAME", "unknown")
NAMESPACE = os.environ.get("POD_NAMESPACE", "default")
CLUSTER = os.environ.get("CLUSTER_NAME", "unknown")
VERSION = "0.1.0"


def now() -> datetime:
    return datetime.now(timezone.utc)


class Health(BaseModel):
    status: str
    service: str
    timestamp: datetime = Field(default_factory=now)


class Status(BaseModel):
    service: str
    status: str = "running"
    version: str = VERSION
    timestamp: datetime = Field(default_factory=now)
    pod: str = POD
    node: str = NODE


class Item(BaseModel):
    id: int
    name: str
    description: str


class Data(BaseModel):
    service: str
    items: list[Item]
    count: int
    timestamp: datetime = Field(default_factory=now)


class Endpoint(BaseModel):
    method: str
    path: str
    summary: str


class Info(BaseModel):
    service: str
    version: str = VERSION
    pod: str = POD
    node: str = NODE
    namespace: str = NAMESPACE
    cluster: str = CLUSTER
    uptime_seconds: float
    endpoints: list[Endpoint]


class Operation(str, Enum):
    uppercase = "uppercase"
    lowercase = "lowercase"
    reverse = "reverse"
    length = "length"
    wordcount = "wordcount"


class ProcessRequest(BaseModel):
    data: str
    operation: Operation


class ProcessResponse(BaseModel):
    original: str
    operation: Operation
    result: str | int
    timestamp: datetime = Field(default_factory=now)


APPLY = {
    Operation.uppercase: str.upper,
    Operation.lowercase: str.lower,
    Operation.reverse: lambda text: text[::-1],
    Operation.length: len,
    Operation.wordcount: lambda text: len(text.split()),
}


def process(request: ProcessRequest) -> ProcessResponse:
    result = APPLY[request.operation](request.data)
    return ProcessResponse(original=request.data, operation=request.operation, result=result)
