// Whether the page around a figure is dark, whoever made the page.

import { brightness } from "./painting.js";

// The nearest background that covers what is behind it decides; a page without one is white.
function isDark(node) {
  for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) {
    const { backgroundColor } = getComputedStyle(at);
    const parts = backgroundColor.match(/[\d.]+/g).map(Number);
    const [, , , opacity = 1] = parts;
    if (opacity > 0.5) return brightness(parts) < 128;
  }
  return false;
}

// Keeps the attribute data-theme of a figure at "dark" or "light", from its first follow() to stop().
export function followTheme(root, host) {
  const follow = () => {
    // What no longer stands in the page has no background.
    if (host.isConnected) root.dataset.theme = isDark(host) ? "dark" : "light";
  };
  // A page says its theme in an attribute of its own, and the system in a media query.
  const changes = new MutationObserver(follow);
  for (const node of [document.documentElement, document.body]) {
    changes.observe(node, { attributes: true });
  }
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", follow);
  const stop = () => {
    changes.disconnect();
    system.removeEventListener("change", follow);
  };
  return { follow, stop };
}
