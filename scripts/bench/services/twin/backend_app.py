"""backend-app as a FastAPI service."""

from fastapi import FastAPI

from twin.contract import Data, Health, Item, ProcessRequest, ProcessResponse, Status, process

app = FastAPI(title="backend-app")

ITEMS = [
    Item(id=1, name="Ledger", description="What was sold, by day"),
    Item(id=2, name="Catalogue", description="What can be bought"),
    Item(id=3, name="Directory", description="Who is who"),
]


@app.get("/health")
async def health() -> Health:
    return Health(status="healthy", service="backend-app")


@app.get("/ready")
async def ready() -> Health:
    return Health(status="ready", service="backend-app")


@app.get("/api/status")
async def status() -> Status:
    return Status(service="backend-app")


@app.get("/api/data")
async def data() -> Data:
    return Data(service="backend-app", items=ITEMS, count=len(ITEMS))


@app.post("/api/process")
async def process_text(request: ProcessRequest) -> ProcessResponse:
    return process(request)
