// A second of IQ at 192 kHz to 128 two-sided mel bands in decibels, with transforms of fft.js and of PFFFT compiled to
// WebAssembly: milliseconds of the processor, median; a line of JSON. The arguments are the packages' folders.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [fftFolder, pffftFolder] = process.argv.slice(2);
const FFT = createRequire(`${fftFolder}/`)(fftFolder);
const { default: pffft } = await import(pathToFileURL(`${pffftFolder}/dist/simd/pffft.js`));

const [RATE, SIZE, HOP, BANDS, RUNS] = [192000, 2048, 512, 128, 40];
const iq = Float32Array.from({ length: 2 * RATE }, (_, n) => Math.sin(n * 0.7) * Math.cos(n * n * 1e-5));
const taper = Float32Array.from({ length: SIZE }, (_, n) => (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SIZE)) / (SIZE / 2));

// Triangles over bins of one side, equally spaced on HTK's scale.
const mel = hertz => 2595 * Math.log10(1 + hertz / 700);
const corner = index => 700 * (10 ** ((mel(RATE / 2) * index) / (BANDS / 2 + 1) / 2595) - 1);
const bands = Array.from({ length: BANDS / 2 }, (_, band) => {
  const [left, tip, right] = [band, band + 1, band + 2].map(corner);
  const bin = RATE / SIZE;
  const first = Math.floor(left / bin) + 1;
  const last = Math.min(Math.ceil(right / bin) - 1, SIZE / 2 - 1);
  const weights = Float32Array.from({ length: last - first + 1 }, (_, k) =>
    Math.min(((first + k) * bin - left) / (tip - left), (right - (first + k) * bin) / (right - tip)));
  return { first, weights };
});

function melSpectrogram(transform, input, output) {
  const frames = Math.floor((RATE - SIZE) / HOP) + 1;
  const levels = new Float32Array(frames * BANDS);
  const power = new Float32Array(SIZE);
  for (let frame = 0; frame < frames; frame++) {
    const from = 2 * frame * HOP;
    for (let n = 0; n < SIZE; n++) {
      input[2 * n] = iq[from + 2 * n] * taper[n];
      input[2 * n + 1] = iq[from + 2 * n + 1] * taper[n];
    }
    transform();
    for (let k = 0; k < SIZE; k++) power[k] = output[2 * k] ** 2 + output[2 * k + 1] ** 2;
    for (let band = 0; band < BANDS / 2; band++) {
      const { first, weights } = bands[band];
      let [above, below] = [0, 0];
      for (let k = 0; k < weights.length; k++) {
        above += weights[k] * power[first + k];
        below += weights[k] * power[SIZE - first - k];
      }
      levels[frame * BANDS + BANDS / 2 + band] = 10 * Math.log10(above + 1e-30);
      levels[frame * BANDS + BANDS / 2 - 1 - band] = 10 * Math.log10(below + 1e-30);
    }
  }
  return levels;
}

function median(run) {
  run();
  const times = Array.from({ length: RUNS }, () => {
    const start = process.cpuUsage();
    run();
    return process.cpuUsage(start).user / 1e3;
  });
  return times.sort((a, b) => a - b)[RUNS / 2];
}

const plain = new FFT(SIZE);
const [plainIn, plainOut] = [plain.createComplexArray(), plain.createComplexArray()];
const fftjs = () => melSpectrogram(() => plain.transform(plainOut, plainIn), plainIn, plainOut);

const module = await pffft();
const bytes = 8 * SIZE;
const [setup, from, to, work] = [module._pffft_new_setup(SIZE, 1), ...[0, 1, 2].map(() => module._pffft_aligned_malloc(bytes))];
const view = at => new Float32Array(module.HEAPF32.buffer, at, 2 * SIZE);
const [simdIn, simdOut] = [view(from), view(to)];
const simd = () => melSpectrogram(() => module._pffft_transform_ordered(setup, from, to, work, 0), simdIn, simdOut);

const [one, other] = [fftjs(), simd()];
const floor = one.reduce((highest, level) => Math.max(highest, level)) - 60;
if (one.some((level, index) => level > floor && Math.abs(level - other[index]) > 0.01)) throw new Error('the peers disagree');

// 16-bit IQ to power, pooled, as a picture is made.
const COUNT = 1 << 20;
const raw = Int16Array.from({ length: 2 * COUNT }, (_, n) => ((n * 7919) % 8192) - 4096);
const [sums, highest] = [new Float32Array(SIZE), new Float32Array(SIZE)];
function picture() {
  for (let from = 0; from < 2 * COUNT; from += 2 * SIZE) {
    for (let n = 0; n < SIZE; n++) {
      plainIn[2 * n] = (raw[from + 2 * n] / 32768) * taper[n];
      plainIn[2 * n + 1] = (raw[from + 2 * n + 1] / 32768) * taper[n];
    }
    plain.transform(plainOut, plainIn);
    for (let k = 0; k < SIZE; k++) {
      const power = plainOut[2 * k] ** 2 + plainOut[2 * k + 1] ** 2;
      sums[k] += power;
      if (power > highest[k]) highest[k] = power;
    }
  }
}
const speed = COUNT / median(picture) / 1e3;
console.log(JSON.stringify({ fftjs: median(fftjs), pffft: median(simd), picture_fftjs: speed }));
