/** Shows a frame to each decoder in turn and takes the time from the picture to the texts.
 *
 * `start(worker, compare)` makes the decoders ready, `look(address)` shows them one frame. */

const canvas = document.getElementById("frame");
const context = canvas.getContext("2d", { willReadFrequently: true });
const decoders = {};
let turn = 0;

/** The tablet's own path: what its camera does with a frame, by the very worker that is shipped. */
function ours(address) {
  const worker = new Worker(address, { type: "module" });
  return async (frame) => {
    const picture = await createImageBitmap(frame);
    const answer = new Promise((done, failed) => {
      worker.onmessage = ({ data }) => (data.error ? failed(new Error(data.error)) : done(data.texts));
      worker.onerror = failed;
    });
    worker.postMessage({ picture, every: false }, [picture]);
    return answer;
  };
}

/** A card that is held still is seen again: the tablet goes on where it stopped, up to a third picture. */
async function held(texts, started) {
  for (let more = 0; more < 2 && !texts.length; more++) texts = await decoders.ours(canvas);
  return { texts, ms: performance.now() - started };
}

window.start = async (worker, compare) => {
  decoders.ours = ours(worker);
  if (compare) Object.assign(decoders, await (await import("/bench/libraries.js")).libraries());
  return Object.keys(decoders);
};

window.look = async (address) => {
  const grey = new Uint8Array(await (await fetch(address)).arrayBuffer());
  const picture = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(picture.data.buffer);
  for (let at = 0; at < grey.length; at++) pixels[at] = (0xff000000 | (grey[at] * 0x010101)) >>> 0;
  context.putImageData(picture, 0, 0);
  // Who comes first changes, so that nobody always finds the caches warm.
  const names = Object.keys(decoders);
  const first = turn++ % names.length;
  const seen = {};
  for (const name of [...names.slice(first), ...names.slice(0, first)]) {
    const started = performance.now();
    const texts = await decoders[name](canvas);
    seen[name] = { texts, ms: performance.now() - started };
    if (name === "ours") seen["ours, held"] = await held(texts, started);
  }
  return seen;
};
