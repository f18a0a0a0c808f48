// Starts the waterfall's worker. The waterfall compiles the module once and sends it as the first message;
// instantiating it synchronously means that no message after it can be lost.
importScripts("tiles.js");
self.onmessage = ({ data }) => {
  self.onmessage = null;
  wasm_bindgen.initSync({ module: data });
};
