// Loads the page's program for networks, then an ONNX file with its card, and answers scenes. Standard input: four numbers
// of 64 bits (bytes of the card, bytes of the file, scenes, planes of a scene), then card, file and planes. Standard
// output: the answers, numbers of 32 bits.
const fs = require('node:fs');
const vm = require('node:vm');

const [folder] = process.argv.slice(1);
const input = fs.readFileSync(0);
const [card, onnx, scenes, planes] = [0, 8, 16, 24].map(at => Number(input.readBigUInt64LE(at)));
const part = (from, length) => input.subarray(from, from + length);

vm.runInThisContext(fs.readFileSync(`${folder}/neural.js`, 'utf8') + ';globalThis.program = wasm_bindgen');
program.initSync({ module: fs.readFileSync(`${folder}/neural_bg.wasm`) });
const network = new program.Network(part(32, card).toString(), new Uint8Array(part(32 + card, onnx)));
const length = planes * 128 * 32 * 4;
const answers = [];
for (let scene = 0; scene < scenes; scene++) {
  const values = new Uint8Array(part(32 + card + onnx + scene * length, length));
  const answer = network.run(new Float32Array(values.buffer));
  answers.push(Buffer.from(Float32Array.from(answer).buffer));
}
process.stdout.write(Buffer.concat(answers));
