// The explorer as anywidget wants it.

import { Store } from "./store.js";
import { View } from "./view.js";
import { widget } from "./widget.js";

export default widget(Store, View);
