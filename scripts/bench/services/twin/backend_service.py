"""backend-service as a FastAPI service."""

import time

from fastapi import FastAPI
from fastapi.routing import APIRoute

from twin import contract
from twin.contract import Data, Endpoint, Health, Info, Item, ProcessRequest, ProcessResponse

app = FastAPI(title="backend-service")

ITEMS = [
    Item(id=1, name="Parcels", description="What is on its way"),
    Item(id=2, name="Stock", description="What is in the warehouse"),
    Item(id=3, name="Returns", description="What came back"),
]


@app.get("/health")
async def health() -> Health:
    return Health(status="healthy", service="backend-service")


@app.get("/ready")
async def ready() -> Health:
    return Health(status="ready", service="backend-service")


@app.get("/api/backend/data")
async def data() -> Data:
    return Data(service="backend-service", items=ITEMS, count=len(ITEMS))


@app.post("/api/backend/process")
async def process_text(request: ProcessRequest) -> ProcessResponse:
    return contract.process(request)


@app.get("/api/info")
async def info() -> Info:
    uptime = time.monotonic() - contract.STARTED
    return Info(service="backend-service", uptime_seconds=uptime, endpoints=ENDPOINTS)


ENDPOINTS = [
    Endpoint(method=method, path=route.path, summary=route.summary or route.name)
    for route in app.routes
    if isinstance(route, APIRoute)
    for method in route.methods
]
