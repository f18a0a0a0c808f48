// One runtime in a worker of its own, named after the question mark. A message is [verb, ...arguments], the answer
// [result] or [null, what went wrong].
const runtimes = {
  async heimdall() {
    importScripts('neural.js');
    const { memory } = await wasm_bindgen({ module_or_path: 'neural_bg.wasm' });
    // As the page's worker it listens by itself.
    onmessage = listen;
    let network;
    return {
      memory: () => memory,
      load: (card, onnx) => { network = new wasm_bindgen.Network(card, onnx); },
      run: planes => network.run(planes).slice(0, 5),
    };
  },
  async onnxruntime() {
    // It keeps its memory to itself.
    let memory;
    WebAssembly.Memory = class extends WebAssembly.Memory {
      constructor(descriptor) {
        super(descriptor);
        memory = this;
      }
    };
    importScripts('onnxruntime-web/ort.wasm.min.js');
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = new URL('onnxruntime-web/', location).href;
    let session;
    return {
      memory: () => memory,
      load: async (card, onnx) => {
        session = await ort.InferenceSession.create(onnx, { executionProviders: ['wasm'] });
      },
      run: async planes => {
        const input = new ort.Tensor('float32', planes, [1, planes.length / 4096, 128, 32]);
        const { position, covariance } = await session.run({ planes: input });
        return [...position.data, ...covariance.data];
      },
    };
  },
};

// The card of a published model, as if this were its file.
async function cardOf(address, onnx) {
  const [card, digest] = await Promise.all([
    fetch(address).then(response => response.json()),
    crypto.subtle.digest('SHA-256', onnx),
  ]);
  const sha256 = [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('');
  return JSON.stringify({ ...card, files: [{ name: 'model.onnx', sha256, bytes: onnx.length }] });
}

async function timed(work) {
  const started = performance.now();
  const answer = await work();
  const ms = performance.now() - started;
  return { ms, answer: answer && [...answer], bytes: runtime.memory().buffer.byteLength };
}

let runtime;
const verbs = {
  async start() {
    runtime = await runtimes[location.search.slice(1)]();
  },
  async load(cardAddress, address) {
    const onnx = new Uint8Array(await fetch(address).then(response => response.arrayBuffer()));
    const card = await cardOf(cardAddress, onnx);
    const fetched = onnx.length;
    return { ...await timed(() => runtime.load(card, onnx)), fetched };
  },
  run: planes => timed(() => runtime.run(planes)),
};

const listen = ({ data: [verb, ...parts] }) =>
  verbs[verb](...parts).then(result => postMessage([result]), error => postMessage([null, String(error)]));
onmessage = listen;
