// The line to the kernel: edits are merged, and Python's word goes first.

// In flight: the answer to a single message may be held back for 40 ms (Nagle's algorithm).
const MOST = 2;
const PATIENCE = 2000; // ms before the figure says that nothing answers

export class Link {
  constructor(model, store) {
    Object.assign(this, { model, store, sequence: 0, answered: 0, epoch: -1 });
    this.id = Math.random().toString(36).slice(2);
    this.forget();
    this.events = {
      "msg:custom": (message, buffers) => this.read(message, buffers),
      comm_live_update: () => {
        this.lost();
        this.greet();
      },
    };
    for (const [event, act] of Object.entries(this.events)) model.on(event, act);
  }

  close() {
    clearTimeout(this.timer);
    for (const [event, act] of Object.entries(this.events)) this.model.off(event, act);
  }

  // The kernel: unknown, alive, silent (for a while) or lost (it was there).
  is(state) {
    this.state = state;
    this.store.announce();
  }

  lost() {
    this.is("lost");
    this.forget();
  }

  forget() {
    this.answered = this.sequence;
    this.empty();
  }

  empty() {
    Object.assign(this, { waiting: false, edits: new Map(), controls: {} });
  }

  greet() {
    this.transmit({ kind: "hello" });
    this.expect();
  }

  edit(name, index, value) {
    this.edits.set(`${name} ${index}`, [name, index, value]);
    this.soon();
  }

  control(name, value) {
    this.controls[name] = value;
    this.soon();
  }

  // What is edited at one stroke, such as both coordinates of a point, goes in one message.
  soon() {
    // Painting comes first where the browser computes.
    const later = this.store.computesHere ? setTimeout : queueMicrotask;
    if (!this.waiting) later(() => this.flush());
    this.waiting = true;
  }

  flush() {
    if (!this.waiting || this.sequence - this.answered >= MOST) return;
    const { epoch, id, controls } = this;
    const edits = [...this.edits.values()];
    this.empty();
    this.sequence += 1;
    this.transmit({ kind: "edit", epoch, sequence: this.sequence, id, edits, controls });
    this.expect();
  }

  // In a page without a kernel `send` does nothing; after a restart it throws.
  transmit(message) {
    try {
      this.model.send(message);
    } catch {
      this.lost();
    }
  }

  expect() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.is(this.state === "lost" ? "lost" : "silent"), PATIENCE);
  }

  read(message, buffers) {
    const { kind, epoch, id, sequence, stale } = message;
    clearTimeout(this.timer);
    this.state = "alive";
    if (kind === "state") {
      if (epoch === this.epoch && (this.sequence > this.answered || this.waiting)) return;
      if (epoch !== this.epoch) this.forget();
      this.epoch = epoch;
      this.store.take(message, buffers);
    } else if (kind === "result" && id !== this.id) {
      this.greet(); // Someone edited the same figure in another window.
    } else if (kind === "result" && sequence > this.answered) {
      this.answered = sequence;
      const overtaken = this.waiting || sequence < this.sequence;
      this.flush();
      if (!stale) this.store.takeResult(message, buffers, overtaken);
    }
  }
}
