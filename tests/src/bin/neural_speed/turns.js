// Loads a network in both runtimes, then runs them in turns: what disturbs the machine disturbs both.
const [card, onnx, planes, warmUp, runs] = arguments;
const ask = (worker, ...message) => new Promise((resolve, reject) => {
  worker.onmessage = ({ data: [result, error] }) => (error ? reject(error) : resolve(result));
  worker.onerror = ({ message }) => reject(message ?? 'the worker ended');
  worker.postMessage(message);
});
const begin = async name => {
  const worker = new Worker('/bench/worker.js?' + name);
  const runtime = { name, worker, times_ms: [] };
  await attempt(runtime, async () => {
    await ask(worker, 'start');
    const { ms, bytes } = await ask(worker, 'load', card, onnx);
    return { load_ms: ms, bytes };
  });
  return runtime;
};
const run = (runtime, input, counts) => attempt(runtime, async () => {
  const { ms, bytes, answer } = await ask(runtime.worker, 'run', input);
  if (counts) runtime.times_ms.push(ms);
  return { bytes, answer };
});
const attempt = async (runtime, work) => {
  if (runtime.failed) return;
  await work().then(found => Object.assign(runtime, found), error => { runtime.failed = String(error); });
};
window.measured = null;
(async () => {
  const input = new Float32Array(await fetch(planes).then(response => response.arrayBuffer()));
  const runtimes = [await begin('heimdall'), await begin('onnxruntime')];
  for (let turn = 0; turn < warmUp + runs; turn++) {
    for (const runtime of runtimes) await run(runtime, input, turn >= warmUp);
  }
  runtimes.forEach(({ worker }) => worker.terminate());
  return runtimes.map(({ worker, ...figures }) => figures);
})().then(figures => { window.measured = figures; }, error => { window.measured = { error: String(error) }; });
