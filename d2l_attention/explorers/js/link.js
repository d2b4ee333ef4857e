// The line to the kernel: requests, and what is in flight. live_figure.py says what messages hold.

import { Changes } from "./changes.js";

const MOST_IN_FLIGHT = 3; // Python computes one, the others travel.
const PACE = 100; // ms between requests in a drag, where the browser computes: each costs a frame
const PATIENCE = 2000; // ms without any answer, after which a request has expired

export class Link {
  // The store takes the kernel's numbers: takeState(), takeResult(). `epoch` is that of its own.
  constructor(model, store, epoch) {
    Object.assign(this, { model, store, epoch });
    this.id = Math.random().toString(36).slice(2);
    // The kernel is "unknown", "alive", "silent" (it does not answer) or "lost" (it was restarted).
    this.state = "unknown";
    this.sequence = 0; // of the last request
    this.answered = 0; // the largest that was answered
    this.inFlight = new Map(); // sequence → {kind, changes}
    this.waiting = new Changes();
    this.listeners = {
      "msg:custom": (message, buffers) => this.read(message, buffers),
      comm_live_update: () => this.reconnect(),
    };
    for (const [event, act] of Object.entries(this.listeners)) model.on(event, act);
    this.hello();
  }

  close() {
    clearTimeout(this.timer);
    for (const [event, act] of Object.entries(this.listeners)) this.model.off(event, act);
  }

  get isAlive() {
    return this.state === "alive";
  }

  setState(state) {
    if (state !== this.state) this.store.requestPaint();
    this.state = state;
  }

  // The changes that Python has not confirmed, in flight and waiting.
  get unconfirmed() {
    const sent = [...this.inFlight.values()].map(({ changes }) => changes);
    return [...sent, this.waiting].reduce((older, newer) => older.followedBy(newer));
  }

  edit(name, index, value) {
    this.waiting.edit(name, index, value);
    this.scheduleFlush();
  }

  control(name, value) {
    this.waiting.control(name, value);
    this.scheduleFlush();
  }

  // Edits made at one stroke, such as both coordinates of a point, go in one message.
  scheduleFlush() {
    if (this.isScheduled) return;
    this.isScheduled = true;
    const flush = () => this.flush();
    // Painting comes first where the browser computes.
    if (this.store.browserComputes) setTimeout(flush, this.store.isHeld ? PACE : 0);
    else queueMicrotask(flush);
  }

  flush() {
    this.isScheduled = false;
    if (this.waiting.isEmpty) return;
    if (this.state === "silent" || this.state === "lost") return this.hello();
    if (this.inFlight.size >= MOST_IN_FLIGHT) return;
    const changes = this.waiting;
    this.waiting = new Changes();
    const { epoch } = this;
    const edits = [...changes.edits.values()].map(([name, index, value]) => [
      name,
      index,
      Number.isNaN(value) ? null : value,
    ]);
    this.request({ kind: "edit", epoch, edits, controls: changes.controls }, changes);
  }

  // Asks for everything, unless that is asked already.
  hello() {
    const asked = [...this.inFlight.values()].some(({ kind }) => kind === "hello");
    if (!asked) this.request({ kind: "hello" });
  }

  // Asks Python to reset. The edits that reset the inputs here belong to the request: they are sent in
  // its place if it expires.
  reset() {
    const changes = this.waiting;
    this.waiting = new Changes();
    this.request({ kind: "reset" }, changes);
  }

  request(message, changes = new Changes()) {
    this.sequence += 1;
    const { id, sequence } = this;
    this.inFlight.set(sequence, { kind: message.kind, changes });
    this.awaitAnswer();
    try {
      this.model.send({ ...message, id, sequence });
    } catch {
      // The kernel was restarted.
      this.takeBack();
      this.setState("lost");
    }
  }

  // Moves the changes in flight back to those that wait, beneath the newer ones.
  takeBack() {
    clearTimeout(this.timer);
    this.waiting = this.unconfirmed;
    this.inFlight.clear();
  }

  // A request has expired. Asks once whether anything answers; if nothing does, the next edit asks.
  expire() {
    const said = this.state === "silent" || this.state === "lost";
    this.takeBack();
    if (said) return;
    this.setState("silent");
    this.hello();
  }

  // The connection was lost, or is there again: only an answer tells.
  reconnect() {
    this.takeBack();
    this.setState("lost");
    this.hello();
  }

  // Python changed something, which makes void what it had not confirmed.
  dropUnconfirmed() {
    this.takeBack();
    this.waiting = new Changes();
  }

  // An answer settles all requests before it, too: they are handled in order.
  settle(sequence) {
    this.answered = sequence;
    for (const earlier of this.inFlight.keys()) {
      if (earlier <= sequence) this.inFlight.delete(earlier);
    }
    this.awaitAnswer();
  }

  awaitAnswer() {
    clearTimeout(this.timer);
    if (this.inFlight.size) this.timer = setTimeout(() => this.expire(), PATIENCE);
  }

  read(message, buffers) {
    const { kind, epoch, id, sequence } = message;
    const isOurs = id === this.id;
    const isLate = isOurs && sequence <= this.answered;
    if (isOurs && !isLate) this.settle(sequence);
    this.setState("alive");
    const isNews = epoch !== this.epoch && (kind === "state" || isOurs);
    if (isNews) this.dropUnconfirmed();
    if (kind === "state") this.epoch = epoch;
    if (!this.isScheduled) this.flush();
    if (isLate) return;
    if (kind === "state") this.store.takeState(message, buffers, this.unconfirmed);
    // Someone edits the same figure in another window, or the state with that epoch never came.
    else if (!isOurs || isNews) this.hello();
    else this.store.takeResult(message, buffers, !this.unconfirmed.isEmpty);
  }
}
