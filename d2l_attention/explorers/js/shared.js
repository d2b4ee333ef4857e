// What the views of one figure share: what never changes, and when to paint.

export class SharedState {
  constructor(setup) {
    this.setup = setup;
    this.words = setup.words;
    this.views = new Set();
    this.isHeld = false;
  }

  // While a pointer holds a number, a point or a slider, scales only grow.
  hold(isHeld) {
    if (isHeld !== this.isHeld) this.requestPaint();
    this.isHeld = isHeld;
  }

  // Many events make one frame.
  requestPaint() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.beforePaint?.();
      for (const view of this.views) view.paint();
    });
  }
}

// The float32 numbers in a buffer: a copy, since they may stand at any byte.
export function readFloats(buffer) {
  const { buffer: bytes = buffer, byteOffset: from = 0, byteLength } = buffer;
  return new Float32Array(bytes.slice(from, from + byteLength));
}
