// What goes over the wire.

/** A `fetch` that notes every request and answer in `exchanges`. */
export function recordingFetch() {
  const exchanges = [];
  const recording = async (resource, init) => {
    const response = await fetch(resource, init);
    const body = init?.body ? JSON.parse(init.body) : undefined;
    exchanges.push({ method: init?.method ?? 'GET', body, status: response.status, headers: response.headers });
    return response;
  };
  return Object.assign(recording, { exchanges });
}
