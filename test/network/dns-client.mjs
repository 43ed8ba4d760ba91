// A small DNS client and server that runs as a process of its own in the network namespace of a test: `node dns-client.mjs MODE JSON`.
// It goes on until a line comes on its standard input or its time is over, and prints what it saw as one line of JSON.
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const TYPES = { A: 1, CNAME: 5, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 };
const [mode = '', argument = '{}'] = process.argv.slice(2);
const options = JSON.parse(argument);

/** A question with recursion desired. */
function question(id, name, type) {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, TYPES[type] ?? 1, 0, 1])]);
}

const code = (answer) => (answer[3] ?? 0) & 15;
const count = (answer) => answer.readUInt16BE(6);

/** Ends the process with what `result` says, when a line comes or the time is over. */
function untilTold(result) {
  const end = () => {
    process.stdout.write(`${JSON.stringify(result())}\n`, () => process.exit(0));
  };
  createInterface(process.stdin).on('line', end);
  if (options.ms !== undefined) setTimeout(end, options.ms);
  process.stdout.write('ready\n');
}

/** Asks for one name (or random ones below it), `inFlight` at a time, each again as soon as there is an answer. */
function ask() {
  const { server, name, type = 'A', inFlight = 1, isRandom = false } = options;
  const seen = { asked: 0, answered: 0, lost: 0, codes: {}, empty: 0, tookMs: [] };
  const began = performance.now();
  const lanes = Math.max(1, Math.ceil(inFlight / 32));
  for (let lane = 0; lane < lanes; lane++) {
    const socket = createSocket('udp4');
    const waiting = new Map();
    let id = lane * 7;
    const send = () => {
      id = (id + 1) % 65_536;
      const asked = isRandom ? `x${Math.random().toString(36).slice(2)}.${name}` : name;
      const timer = setTimeout(() => {
        seen.lost++;
        send();
      }, 2000);
      waiting.set(id, { at: performance.now(), timer });
      seen.asked++;
      socket.send(question(id, asked, type), 53, server);
    };
    socket.on('message', (answer) => {
      const one = waiting.get(answer.readUInt16BE(0));
      if (one === undefined) return;
      waiting.delete(answer.readUInt16BE(0));
      clearTimeout(one.timer);
      seen.answered++;
      seen.codes[code(answer)] = (seen.codes[code(answer)] ?? 0) + 1;
      if (count(answer) === 0) seen.empty++;
      if (seen.tookMs.length < 200_000) seen.tookMs.push(performance.now() - one.at);
      send();
    });
    socket.on('error', () => seen.lost++);
    socket.bind(0, options.from ?? '0.0.0.0', () => {
      for (let n = 0; n < Math.ceil(inFlight / lanes); n++) send();
    });
  }
  untilTold(() => {
    const took = seen.tookMs.toSorted((a, b) => a - b);
    const at = (part) => took[Math.min(took.length - 1, Math.floor(took.length * part))];
    const seconds = (performance.now() - began) / 1000;
    return {
      ...seen,
      tookMs: undefined,
      perSecond: Math.round(seen.answered / seconds),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    };
  });
}

/** Packets that are none: of random bytes and lengths, cut off questions, questions whose names point at themselves, answers nobody asked. */
function garbage() {
  const { server } = options;
  const socket = createSocket('udp4');
  let sent = 0;
  const random = (size) => Buffer.from(Array.from({ length: size }, () => Math.floor(Math.random() * 256)));
  const made = [
    () => random(Math.floor(Math.random() * 600)),
    () => question(sent, 'web.shop.svc.cluster.local', 'A').subarray(0, Math.floor(Math.random() * 40)),
    () => Buffer.from([1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0x0c, 0, 1, 0, 1]),
    () => Buffer.from([1, 1, 0x85, 0, 0, 0, 0, 255, 0, 0, 0, 0, 3, 119]),
    () => Buffer.concat([question(sent, 'web.shop.svc.cluster.local', 'A'), random(20)]),
    () => Buffer.concat([Buffer.from([1, 1, 0x28, 0, 0, 1, 0, 1, 0, 9, 0, 9]), random(64)]),
  ];
  const more = () => {
    for (let n = 0; n < 50; n++) socket.send(made[sent++ % made.length](), 53, server);
    setImmediate(more);
  };
  more();
  untilTold(() => ({ sent }));
}

/** A resolver that knows every name below `example.com`, as 192.0.2.1, for a day; no other. `isSilent`: it only counts. */
function upstream() {
  const { address, isSilent = false } = options;
  const socket = createSocket('udp4');
  let asked = 0;
  socket.on('message', (packet, from) => {
    asked++;
    if (isSilent) return;
    let at = 12;
    const labels = [];
    while (packet[at] !== 0) {
      labels.push(packet.toString('ascii', at + 1, at + 1 + packet[at]));
      at += packet[at] + 1;
    }
    const query = packet.subarray(12, at + 5);
    const isKnown = labels.join('.').toLowerCase().endsWith('example.com');
    const hasAnswer = isKnown && packet.readUInt16BE(at + 1) === TYPES.A;
    const head = Buffer.from([packet[0], packet[1], 0x81, isKnown ? 0x80 : 0x83, 0, 1, 0, hasAnswer ? 1 : 0, 0, 0, 0, 0]);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 1, 0x51, 0x80, 0, 4, 192, 0, 2, 1]);
    socket.send(Buffer.concat([head, query, ...(hasAnswer ? [answer] : [])]), from.port, from.address);
  });
  socket.bind(53, address, () => untilTold(() => ({ asked })));
}

({ ask, garbage, upstream })[mode]();
