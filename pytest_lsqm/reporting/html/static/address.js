// What is shown stands in the address: `#arch=HASH`, or a filter such as `#status=FAILED&service=sqs&sort=-seconds`.

const FILTERS = ['text', 'status', 'service', 'cause'];

function readAddress() {
  const hash = location.hash.slice(1);
  if (!hash.includes('=')) return {place: hash};
  const given = new URLSearchParams(hash);
  return Object.fromEntries(
    ['arch', 'sort', ...FILTERS].filter(key => given.get(key)).map(key => [key, given.get(key)]),
  );
}

function writeAddress(state) {
  const wanted = new URLSearchParams();
  for (const key of [...FILTERS, 'sort']) if (state[key]) wanted.set(key, state[key]);
  return `#${String(wanted) || 'architectures'}`;
}
