// Edits of inputs, and of controls, that Python has not confirmed: the last value of each counts.

export class Changes {
  edits = new Map();
  controls = {};

  // Values are absolute, so that sending one twice does no harm.
  edit(name, index, value) {
    this.edits.set(`${name} ${index}`, [name, index, value]);
  }

  control(name, value) {
    this.controls[name] = value;
  }

  get isEmpty() {
    return !this.edits.size && !Object.keys(this.controls).length;
  }

  // These changes with newer ones on top.
  followedBy(newer) {
    const both = new Changes();
    both.edits = new Map([...this.edits, ...newer.edits]);
    both.controls = { ...this.controls, ...newer.controls };
    return both;
  }
}
