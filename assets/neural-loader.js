// Starts the worker that runs networks. The page compiles the module once and sends it as the first message;
// instantiating it synchronously means that no message after it can be lost.
importScripts("neural.js");
self.onmessage = ({ data }) => {
  self.onmessage = null;
  wasm_bindgen.initSync({ module: data });
};
