// What is asked of the reader, the buttons that show the truth and ask again, and the verdict.

import { button } from "./controls.js";
import { element, setText } from "./dom.js";

// `say()` returns lines, one for each row that was predicted. Returns {root, paint}.
export function addQuestion(store, parent, say) {
  const { words, setup } = store;
  const root = element(parent, "div.question");
  const asked = element(root, "div.asked");
  const actions = element(root, "div.actions");
  // Both stay: so does the focus, and a second click on Show takes nothing back.
  const show = button(actions, words.show, () => canShow() && store.show());
  const again = button(actions, words.again, () => isIdle() || store.again());
  const reason = element(actions, "small", "", { id: "reason" });
  show.setAttribute("aria-describedby", "reason");
  const isIdle = () => !store.now.shown && store.isUnpredicted;
  const canShow = () => !store.now.shown && !store.isUnpredicted;
  const verdict = element(root, "div.verdict", "", { role: "status" });
  const measure = element(root, "small");
  const paint = () => {
    const { shown } = store.now;
    setText(asked, shown ? words.compared : words[`predict ${setup.predict}`]);
    show.setAttribute("aria-disabled", !canShow());
    again.setAttribute("aria-disabled", isIdle());
    setText(reason, isIdle() ? words.predictFirst : "");
    setText(verdict, shown ? say().join("\n") || words.nothingPredicted : "");
    setText(measure, shown && store.predictsShares ? words.measure : "");
  };
  return { root, paint };
}
