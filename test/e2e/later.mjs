// Preloaded into the program under test (NODE_OPTIONS=--import): its clock runs 20 minutes ahead, so that what the
// suite made moments ago is old enough for checks that give new objects time to settle.
const AHEAD = 20 * 60_000;
const Now = Date;
globalThis.Date = class extends Now {
  constructor(...args) {
    if (args.length === 0) super(Now.now() + AHEAD);
    else super(...args);
  }
  static now() {
    return Now.now() + AHEAD;
  }
};
