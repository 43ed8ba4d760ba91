// Runs in a network namespace: answers with its own name and the client's address, and connects where it is told. Asked through IPC.
import { createSocket } from 'node:dgram';
import { createServer, connect as dial } from 'node:net';

const name = process.argv[2];
const REPLY_MS = 1000;
const kept = new Map();

const fault = (error) => error.code ?? error.message;

function listenTcp(port) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => socket.write(`${name} ${socket.remoteAddress?.replace('::ffff:', '')}\n`));
    });
    server.on('error', reject);
    server.listen(port, '0.0.0.0', () => resolve('listening'));
  });
}

function listenUdp(port) {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.on('message', (_data, from) => socket.send(`${name} ${from.address}`, from.port, from.address));
    socket.bind(port, () => resolve('listening'));
  });
}

/** One question over a connection: what was answered, or why not. */
function ask(socket) {
  return new Promise((resolve) => {
    const end = (answer) => {
      clearTimeout(timer);
      socket.removeAllListeners('data');
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      resolve(answer);
    };
    const timer = setTimeout(() => end('timeout'), REPLY_MS);
    socket.once('data', (data) => end(String(data).trim()));
    socket.on('error', (error) => end(fault(error)));
    socket.write('who\n');
  });
}

function open(host, port) {
  return new Promise((resolve, reject) => {
    const socket = dial({ host, port });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('timeout'));
    }, REPLY_MS);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

async function tcp(host, port) {
  const socket = await open(host, port);
  const answer = await ask(socket);
  socket.destroy();
  return answer;
}

/** A flow is kept by its name, with the same port of the client. */
function udp(flow, host, port) {
  return new Promise((resolve) => {
    let socket = kept.get(flow);
    if (socket === undefined) {
      socket = createSocket('udp4');
      kept.set(flow, socket);
      // Connected, so that a refusal is told.
      socket.connect(port, host, () => question(socket, resolve));
    } else question(socket, resolve);
  });
}

function question(socket, resolve) {
  const end = (answer) => {
    clearTimeout(timer);
    socket.removeAllListeners('message');
    socket.removeAllListeners('error');
    socket.on('error', () => {});
    resolve(answer);
  };
  const timer = setTimeout(() => end('timeout'), REPLY_MS);
  socket.once('message', (data) => end(String(data)));
  socket.on('error', (error) => end(fault(error)));
  socket.send('who', (error) => error && end(fault(error)));
}

const commands = {
  listenTcp,
  listenUdp,
  tcp,
  udp,
  keep: async (key, host, port) => {
    const socket = await open(host, port);
    kept.set(key, socket);
    return await ask(socket);
  },
  again: (key) => ask(kept.get(key)),
};

process.on('message', ({ id, command, args }) => {
  Promise.resolve(commands[command](...args)).then(
    (answer) => process.send({ id, answer }),
    (error) => process.send({ id, answer: fault(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send({ id: 0, answer: 'ready' });
