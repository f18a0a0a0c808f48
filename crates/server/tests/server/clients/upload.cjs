// Uploads a file with tus-js-client, breaks off after the first piece and goes on with a new object, as a page does
// that was loaded again. Prints the upload's address, or the server's refusal.
const [modules, endpoint, token, file, filename] = process.argv.slice(2);
const tus = require(require.resolve("tus-js-client", { paths: [modules] }));
const fs = require("node:fs");

const pieces = (more) => ({
  endpoint,
  chunkSize: 50_000,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename },
  retryDelays: [50, 100, 200, 400, 800],
  ...more,
});
const bytes = fs.readFileSync(file);

const broken = new tus.Upload(bytes, pieces({
  onChunkComplete: async () => {
    const url = broken.url;
    await broken.abort();
    const resumed = new tus.Upload(bytes, pieces({
      uploadUrl: url,
      onSuccess: () => console.log(url),
      onError: refused,
    }));
    resumed.start();
  },
  onError: refused,
}));
broken.start();

function refused(error) {
  const answer = error.originalResponse;
  console.log(answer ? `${answer.getStatus()} ${answer.getBody()}` : String(error));
}
