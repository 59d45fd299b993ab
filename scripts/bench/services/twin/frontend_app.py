"""frontend-app as a FastAPI service, with the fastest common HTTP client (aiohttp, pooled)."""

import os
from contextlib import asynccontextmanager

import aiohttp
from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import HTMLResponse

from twin.contract import Health, ProcessRequest

BACKEND = os.environ.get("BACKEND_URL", "http://backend-app-service").rstrip("/")
BACKEND_SERVICE = os.environ.get("BACKEND_SERVICE_URL", "http://api.backend.internal").rstrip("/")
PAGE = "<!doctype html><title>Platform</title><h1>Platform</h1>"


@asynccontextmanager
async def lifespan(app: FastAPI):
    timeout = aiohttp.ClientTimeout(total=10, sock_connect=2)
    connector = aiohttp.TCPConnector(limit=512)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        app.state.session = session
        yield


app = FastAPI(title="frontend-app", lifespan=lifespan)


async def forward(method: str, url: str, body: str | None = None) -> Response:
    headers = {"content-type": "application/json"} if body is not None else None
    try:
        async with app.state.session.request(method, url, data=body, headers=headers) as answer:
            content = await answer.read()
            return Response(content, answer.status, media_type=answer.content_type)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise HTTPException(503, f"Backend service unavailable: {error}") from error


@app.get("/health")
async def health() -> Health:
    return Health(status="healthy", service="frontend-app")


@app.get("/ready")
async def ready() -> Health:
    return Health(status="ready", service="frontend-app")


@app.get("/", response_class=HTMLResponse)
async def home() -> str:
    return PAGE


@app.get("/info", response_class=HTMLResponse)
async def info() -> str:
    return PAGE


@app.get("/api/backend/status")
async def backend_status() -> Response:
    return await forward("GET", f"{BACKEND}/api/status")


@app.get("/api/backend/data")
async def backend_data() -> Response:
    return await forward("GET", f"{BACKEND}/api/data")


@app.post("/api/backend/process")
async def backend_process(request: ProcessRequest) -> Response:
    return await forward("POST", f"{BACKEND}/api/process", request.model_dump_json())


@app.get("/api/backend-service/health")
async def backend_service_health() -> Response:
    return await forward("GET", f"{BACKEND_SERVICE}/health")


@app.get("/api/backend-service/data")
async def backend_service_data() -> Response:
    return await forward("GET", f"{BACKEND_SERVICE}/api/backend/data")


@app.get("/api/backend-service/info")
async def backend_service_info() -> Response:
    return await forward("GET", f"{BACKEND_SERVICE}/api/info")


@app.post("/api/backend-service/process")
async def backend_service_process(request: ProcessRequest) -> Response:
    return await forward("POST", f"{BACKEND_SERVICE}/api/backend/process", request.model_dump_json())
