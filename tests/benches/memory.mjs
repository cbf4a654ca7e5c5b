// Remembers the memory of the worker's wasm: imported before the built worker, which makes it.
let memory;

const { Instance } = WebAssembly;
WebAssembly.Instance = function (...args) {
  const instance = new Instance(...args);
  memory = instance.exports.memory ?? memory;
  return instance;
};

/** Bytes of it; they only ever grow. */
export const bytesOfMemory = () => memory?.buffer.byteLength ?? 0;
