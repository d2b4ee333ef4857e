// What a person would see of a drag: when the events came, when something was painted, and which
// frames were blank. `ours` is true for a live figure of the package, false for pictures in outputs.
// oxlint-disable-next-line no-unused-expressions -- it is evaluated, and what it gives is called
(ours) => {
  const log = (window.watched = {
    events: [],
    paintings: [],
    frames: 0,
    blank: 0,
    sampling: false,
  });
  // Inside a frame the next task comes after its painting, and this one before all others.
  const afterPainting = (then) => scheduler.postTask(then, { priority: "user-blocking" });
  let awaited = null;
  const painted = () =>
    afterPainting(() => {
      log.paintings.push(performance.now());
      awaited?.();
    });
  log.next = (patience) =>
    new Promise((done) => {
      awaited = () => done(log.paintings[0]);
      setTimeout(() => done(null), patience);
      if (log.paintings.length) awaited();
    });
  log.clear = () => {
    log.events.length = log.paintings.length = log.frames = log.blank = 0;
    awaited = null;
  };
  addEventListener(
    "pointermove",
    (event) => {
      for (const { timeStamp } of event.getCoalescedEvents()) log.events.push(timeStamp);
    },
    true,
  );

  const area = '.panel[data-name="weights"] canvas, .plane canvas';
  const isBlank = () => {
    if (!ours) {
      const picture = document.querySelector(".widget-output img, .widget-output svg");
      return !picture?.getBoundingClientRect().height || picture.complete === false;
    }
    const figure = document.querySelector(".d2l-attention, .bare");
    const canvas = (figure?.shadowRoot ?? figure)?.querySelector(area);
    if (!canvas?.getBoundingClientRect().height) return true;
    const [x, y] = [canvas.width >> 1, canvas.height >> 1];
    return !canvas.getContext("2d").getImageData(x, y, 1, 1).data[3];
  };
  const sample = () => {
    requestAnimationFrame(sample);
    if (log.sampling)
      afterPainting(() => {
        log.frames += 1;
        log.blank += isBlank();
      });
  };
  sample();

  if (!ours) {
    new MutationObserver((changes) => {
      const added = changes.flatMap((change) => [...change.addedNodes]);
      const isPicture = (node) => node.matches?.("svg, img") || node.querySelector?.("svg, img");
      if (added.some(isPicture)) requestAnimationFrame(painted);
    }).observe(document.querySelector(".jp-Notebook"), { childList: true, subtree: true });
    return;
  }
  let pending = false;
  for (const method of ["drawImage", "putImageData"]) {
    const original = CanvasRenderingContext2D.prototype[method];
    CanvasRenderingContext2D.prototype[method] = function (...all) {
      original.apply(this, all);
      if (pending || !this.canvas.matches(area)) return;
      pending = true;
      queueMicrotask(() => {
        pending = false;
        painted();
      });
    };
  }
};
