// Loads a network in both runtimes, then runs them in turns: what disturbs the machine disturbs both. Where answers are
// expected, five numbers a scene, it runs every scene once and says how far both are from them.
const [card, onnx, planes, warmUp, runs, expected] = arguments;
const numbers = address => fetch(address).then(response => response.arrayBuffer()).then(bytes => new Float32Array(bytes));
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
    const { ms, bytes, fetched } = await ask(worker, 'load', card, onnx);
    return { load_ms: ms, bytes, fetched_bytes: fetched };
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
  const input = await numbers(planes);
  const runtimes = [await begin('heimdall'), await begin('onnxruntime')];
  for (let turn = 0; turn < warmUp + runs; turn++) {
    for (const runtime of runtimes) await run(runtime, input, turn >= warmUp);
  }
  const answers = expected ? await numbers(expected) : [];
  const scenes = answers.length / 5;
  for (let scene = 0; scene < scenes; scene++) {
    const length = input.length / scenes;
    for (const runtime of runtimes) {
      await run(runtime, input.slice(scene * length, (scene + 1) * length), false);
      const off = (runtime.answer ?? [NaN]).map((number, index) => Math.abs(number - answers[5 * scene + index]));
      runtime.apart = Math.max(runtime.apart ?? 0, ...off);
    }
  }
  runtimes.forEach(({ worker }) => worker.terminate());
  return runtimes.map(({ worker, ...figures }) => figures);
})().then(figures => { window.measured = figures; }, error => { window.measured = { error: String(error) }; });
