// The line to the kernel: edits merged in a map, one message in flight, Python's word before ours.

const PATIENCE = 2000; // ms without an answer before the figure says that there is none

export class Link {
  // `store` = {take(now, buffers), takeResult(message, buffers, overtaken), announce()}
  constructor(model, store) {
    this.model = model;
    this.store = store;
    this.id = Math.random().toString(36).slice(2);
    this.sequence = 0;
    this.epoch = -1;
    this.is("unknown");
    this.forget();
    this.receive = (message, buffers) => this.read(message, buffers);
    this.regreet = () => {
      this.is("lost");
      this.forget();
      this.greet();
    };
    model.on("msg:custom", this.receive);
    model.on("comm_live_update", this.regreet);
  }

  // The kernel is alive, silent (nothing answered for a while) or lost (it was there, and is gone).
  is(what) {
    [this.alive, this.silent, this.lost] = [what === "alive", what === "silent", what === "lost"];
  }

  close() {
    clearTimeout(this.timer);
    this.model.off("msg:custom", this.receive);
    this.model.off("comm_live_update", this.regreet);
  }

  forget() {
    this.inFlight = false;
    this.edits = new Map();
    this.controls = {};
    this.waiting = false;
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
    if (!this.waiting) queueMicrotask(() => this.flush());
    this.waiting = true;
  }

  flush() {
    if (this.inFlight || !this.waiting) return;
    const edits = [...this.edits.values()];
    const controls = this.controls;
    this.forget();
    this.inFlight = true;
    this.sequence += 1;
    const { epoch, sequence, id } = this;
    this.transmit({ kind: "edit", epoch, sequence, id, edits, controls });
    this.expect();
  }

  // In a page without a kernel `send` does nothing; after a restart it throws.
  transmit(message) {
    try {
      this.model.send(message);
    } catch {
      this.is("lost");
      this.inFlight = false;
      this.store.announce();
    }
  }

  expect() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.lost) this.is("silent");
      this.store.announce();
    }, PATIENCE);
  }

  read(message, buffers) {
    clearTimeout(this.timer);
    this.is("alive");
    if (message.kind === "state") {
      const ours = this.inFlight || this.waiting;
      if (message.epoch === this.epoch && ours) return;
      if (message.epoch !== this.epoch) this.forget();
      this.epoch = message.epoch;
      this.store.take(message, buffers);
    } else if (message.kind === "result" && message.id !== this.id) {
      this.greet(); // Someone edited the same figure in another window.
    } else if (message.kind === "result" && message.sequence === this.sequence) {
      this.inFlight = false;
      const overtaken = this.waiting;
      if (overtaken) this.flush();
      if (!message.stale) this.store.takeResult(message, buffers, overtaken);
    }
  }
}
