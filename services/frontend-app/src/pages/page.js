"use strict";

// Where the state of each backend is asked for.
const STATE_PATHS = { "backend": "/api/backend/status", "backend-service": "/api/backend-service/info" };
const NAMES = { "backend": "backend-app", "backend-service": "backend-service" };
const PERIOD = 5000; // ms between checks
const PATIENCE = 12000; // ms; the gateway itself gives up after 10 s

// What went wrong, in words for a person.
class Failure extends Error {}

async function ask(path, options = {}) {
  let response;
  const started = performance.now();
  try {
    response = await fetch(path, { ...options, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    throw new Failure(error.name === "TimeoutError"
      ? "No answer within " + PATIENCE / 1000 + " seconds."
      : "This page cannot reach its own server. Is your connection up?");
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Failure(explain(response, body));
  if (body === null) throw new Failure("The answer could not be read.");
  return { body, milliseconds: performance.now() - started };
}

// The gateway's and the backends' errors come as {"detail": text} or {"detail": [{loc, msg}]}.
function explain(response, body) {
  const detail = body && body.detail;
  if (Array.isArray(detail)) {
    return "The backend did not accept the text: " +
      detail.map((item) => item.loc.slice(1).join(" ") + ": " + item.msg).join("; ") + ".";
  }
  const text = typeof detail === "string" ? detail.replace(/^Backend service unavailable: /, "") : "";
  if (response.status === 503) return "It does not answer" + (text ? " (" + text + ")" : "") + ".";
  if (response.status === 413) return "The text is too long to be sent.";
  return "It answered with error " + response.status + (text ? " (" + text + ")" : "") + ".";
}

function duration(milliseconds) {
  return milliseconds < 10 ? milliseconds.toFixed(1) + " ms" : Math.round(milliseconds) + " ms";
}

function show(card, good, word, why, values) {
  card.classList.toggle("good", good);
  card.classList.toggle("bad", !good);
  const state = card.querySelector(".word");
  // Unchanged text is left alone, or screen readers would read it out at every check.
  if (state.textContent !== word) state.textContent = word;
  const reason = card.querySelector(".why");
  reason.hidden = !why;
  if (reason.textContent !== why) reason.textContent = why;
  for (const [name, value] of Object.entries(values)) card.querySelector("." + name).textContent = value;
}

async function check(backend) {
  const card = document.querySelector(`[data-backend="${backend}"]`);
  try {
    const { body, milliseconds } = await ask(STATE_PATHS[backend]);
    const { version, pod, node } = body;
    show(card, true, "Working", "", { latency: duration(milliseconds), version, pod, node });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const again = " It is checked again every " + PERIOD / 1000 + " seconds.";
    show(card, false, "Not available", error.message + again, { latency: "–", version: "–", pod: "–", node: "–" });
  }
}

async function checkAll() {
  // A page that nobody looks at asks for nothing.
  if (!document.hidden) {
    await Promise.all(Object.keys(STATE_PATHS).map(check));
    document.getElementById("checked").textContent = "Checked at " + new Date().toLocaleTimeString();
  }
  setTimeout(checkAll, PERIOD);
}

function answer(kind, parts) {
  const message = document.createElement("div");
  message.className = "message " + kind;
  message.append(...parts);
  document.getElementById("answer").replaceChildren(message);
  message.scrollIntoView({ block: "nearest" });
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const button = document.getElementById("send");
  const via = form.elements.via.value;
  button.disabled = true;
  try {
    const { body, milliseconds } = await ask(`/api/${via}/process`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ data: form.elements.text.value, operation: form.elements.operation.value }),
    });
    answer("good", [
      element("output", String(body.result)),
      element("p", `${body.operation} by ${NAMES[via]} in ${duration(milliseconds)}`),
    ]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    answer("bad", [element("strong", `${NAMES[via]} could not do this.`), element("p", error.message)]);
  } finally {
    button.disabled = false;
  }
}

document.getElementById("form").addEventListener("submit", send);
checkAll();
